"""A person in front of a real LibreOffice: opens a file, types into cells found by key and column, saves it elsewhere.

They are a macro in a profile of their own. One process does all the work of one locale; a start takes a second.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMEOUT_S = 120
LANGUAGE_IDS = {"en-US": "1033", "de-DE": "1031"}
CSV = "Text - txt - csv (StarCalc)"
SAVE_FILTERS = {"csv": CSV, "xlsx": "Calc MS Excel 2007 XML", "ods": "calc8"}
DELIMITERS = {"en-US": ",", "de-DE": ";"}
UTF_8 = "76"

LOCALE = (
    '<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">'
    "<value>{locale}</value></prop></item></oor:items>"
)
LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false"><library:element library:name="Person"/></library:library>
"""
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Person" script:language="StarBasic">
{source}
</script:module>
"""
SOURCE = """
Dim document As Object
Dim answer As Object

Sub Main(todo As String, said As String)
  Dim files As Object : files = createUnoService("com.sun.star.ucb.SimpleFileAccess")
  Dim jobs As Object : jobs = createUnoService("com.sun.star.io.TextInputStream")
  answer = createUnoService("com.sun.star.io.TextOutputStream")
  answer.setOutputStream(files.openFileWrite(said)) : answer.setEncoding("UTF-8")
  jobs.setInputStream(files.openFileRead(todo)) : jobs.setEncoding("UTF-8")
  On Error Goto Failed
  Do While Not jobs.isEOF()
    Dim job As String : job = jobs.readLine()
    Dim parts : parts = Split(job, Chr(9))
    Select Case parts(0)
      Case "open" : document = StarDesktop.loadComponentFromURL(parts(1), "_blank", 0, Named(parts(2), parts(3), True))
      Case "type" : TypeInto(parts(1), parts(2), Join(Split(parts(3), "\\n"), Chr(10)))
      Case "save" : document.storeToURL(parts(1), Named(parts(2), parts(3), False))
      Case "close" : document.close(True)
    End Select
  Loop
  answer.writeString("done")
  answer.closeOutput()
  StarDesktop.terminate()
  Exit Sub
Failed:
  answer.writeString(job &amp; ": " &amp; Error$)
  answer.closeOutput()
  StarDesktop.terminate()
End Sub

Function Named(filter As String, options As String, hidden As Boolean)
  Dim given(2) As New com.sun.star.beans.PropertyValue
  given(0).Name = "FilterName" : given(0).Value = filter
  given(1).Name = "FilterOptions" : given(1).Value = options
  given(2).Name = "Hidden" : given(2).Value = hidden
  Named = given()
End Function

Sub TypeInto(key As String, column As String, typed As String)
  Dim sheet As Object : sheet = document.Sheets.getByIndex(0)
  Dim row As Long : row = 0
  Do While sheet.getCellByPosition(0, row).String &lt;&gt; key
    row = row + 1
  Loop
  Dim place As Long : place = 0
  Do While sheet.getCellByPosition(place, 0).String &lt;&gt; column
    place = place + 1
  Loop
  sheet.getCellByPosition(place, row).FormulaLocal = typed
End Sub
"""


@dataclass(frozen=True)
class Sitting:
    """One file opened, edited, and saved in several forms."""

    opened: Path
    """Its ending says what it is."""
    typed: Mapping[str, Mapping[str, str]]
    """Key to column to what is typed there."""
    saved: Sequence[Path]
    special_numbers: bool = True
    """Whether a csv's dates, fractions and exponents are recognised when it is opened."""


class Office:
    """LibreOffice with a profile of its own in `folder`."""

    def __init__(self, folder: Path, locale: str) -> None:
        self.folder = folder
        self.locale = locale
        self._start("--terminate_after_init")
        settings = folder / "user/registrymodifications.xcu"  # what stands there keeps it from starting anew
        kept = settings.read_text(encoding="utf-8")
        settings.write_text(kept.replace("</oor:items>", LOCALE.format(locale=locale)), encoding="utf-8")
        basic = folder / "user/basic/Standard"
        (basic / "script.xlb").write_text(LIBRARIES, encoding="utf-8")
        (basic / "Person.xba").write_text(MODULE.format(source=SOURCE), encoding="utf-8")

    def work(self, sittings: Sequence[Sitting]) -> None:
        """Do all of it in one process; raises when something could not be done."""
        jobs, said = self.folder / "jobs.txt", self.folder / "said.txt"
        lines = [line for sitting in sittings for line in self._lines(sitting)]
        jobs.write_text("\n".join("\t".join(line) for line in lines), encoding="utf-8")
        self._start(f'macro:///Standard.Person.Main("{jobs.as_uri()}","{said.as_uri()}")')
        told = said.read_text(encoding="utf-8") if said.exists() else "LibreOffice did nothing"
        assert told == "done", told

    def _lines(self, sitting: Sitting) -> list[tuple[str, ...]]:
        language, delimiter = LANGUAGE_IDS[self.locale], str(ord(DELIMITERS[self.locale]))
        special = str(sitting.special_numbers).lower()
        is_csv = sitting.opened.suffix == ".csv"
        options = f"44,34,{UTF_8},1,,{language},false,{special}" if is_csv else ""
        lines: list[tuple[str, ...]] = [("open", sitting.opened.as_uri(), CSV if is_csv else "", options)]
        for key, cells in sitting.typed.items():
            lines += [("type", key, column, text.replace("\n", "\\n")) for column, text in cells.items()]
        for path in sitting.saved:
            kind = path.suffix[1:]
            as_shown = f"{delimiter},34,{UTF_8},1,,{language},false,true,false" if kind == "csv" else ""
            lines.append(("save", path.as_uri(), SAVE_FILTERS[kind], as_shown))
        return [*lines, ("close",)]

    def _start(self, *arguments: str) -> None:
        program = shutil.which("soffice")
        assert program, "LibreOffice is not installed"
        profile = f"-env:UserInstallation={escape(self.folder.as_uri())}"
        command = [program, profile, "--headless", "--norestore", "--nologo", "--nolockcheck", *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)
