"""Reading a page of the report: what it says, and what in it could act. Standard library only."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Optional

from dora_metrics.report.html import page_script

VOID = frozenset({"meta", "br", "img", "input", "link", "hr", "base", "embed", "source", "area", "col", "wbr"})
ACTING = frozenset({"style", "src", "srcdoc", "xlink:href", "formaction"})
HARMLESS = frozenset(
    {"html", "head", "meta", "title", "style", "body", "header", "main", "section", "article", "nav", "footer", "div"}
    | {"a", "p", "h1", "h2", "h3", "span", "strong", "bdi", "code", "ul", "li", "dl", "dt", "dd", "figure"}
    | {"figcaption", "details", "summary", "table", "thead", "tbody", "tr", "th", "td"}
    | {"svg", "desc", "line", "text", "rect", "g", "circle", "polygon"}
    | {"h4", "noscript", "form", "label", "select", "option", "input", "button"}
)
"""Every element that the templates and the charts write."""
CARRIERS = frozenset({"facts", "fragments", "items"})
"""Ids of the script elements that hold the page's data and run nowhere."""


class Page(HTMLParser):
    """`texts`: the text of each element that has an id, of each `bdi` and of each cell. `dangers`: what could act."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.dangers: list[str] = []
        self.links: list[str] = []
        self.isolated: list[str] = []
        self.tags: dict[str, int] = {}
        self._open: list[tuple[str, str, str]] = []
        self._said: list[tuple[tuple[tuple[str, str, str], ...], str]] = []
        self._bdi: Optional[list[str]] = None
        self.scripts: list[str] = []
        self.feed(html)
        self.close()
        self.dangers += ["<script>" for script in self.scripts if script != page_script()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        held = {name: value or "" for name, value in attrs}
        self._judge(tag, held)
        if tag == "bdi":
            self._bdi = []
        if tag not in VOID:
            self._open.append((tag, held.get("id", ""), held.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "bdi" and self._bdi is not None:
            self.isolated.append("".join(self._bdi))
            self._bdi = None
        while self._open:
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._bdi is not None:
            self._bdi.append(data)
        if self._open and self._open[-1][0] == "script":
            self._run(data)
        self._said.append((tuple(self._open), data))

    def within(self, name: str, css_class: str = "") -> str:
        """All text inside the element with that id, and there inside that class; spaces made one."""
        parts = [
            text
            for around, text in self._said
            if any(held == name for _, held, _ in around)
            and (not css_class or any(css_class in classes.split() for _, _, classes in around))
        ]
        return " ".join("".join(parts).split())

    @property
    def text(self) -> str:
        """All that is read, spaces made one."""
        parts = (text for around, text in self._said if not any(tag in {"style", "script"} for tag, _, _ in around))
        return " ".join(" ".join(parts).split())

    def _run(self, script: str) -> None:
        if self._open[-1][1] not in CARRIERS:
            self.scripts.append(script)

    def _judge(self, tag: str, held: dict[str, str]) -> None:
        if tag not in HARMLESS and tag != "script":
            self.dangers.append(f"<{tag}>")
        self.dangers += [
            f"{tag} {name}" for name in held if name.startswith("on") or name in {"style", "srcdoc", "src"}
        ]
        if held.get("http-equiv", "content-security-policy").lower() != "content-security-policy":
            self.dangers.append(f"{tag} http-equiv")
        address = held.get("href")
        if address is not None:
            self.links.append(address)
            if not address.startswith(("#", "https://", "http://")):
                self.dangers.append(f"link to {address}")
