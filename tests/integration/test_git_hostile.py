"""Nothing that a repository's configuration names is ever executed (a canary program tells if it was)."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from dora_metrics.errors import RepositoryError
from support.git_repository import GitRepository, clean_environ
from support.git_tools import extract, program

if TYPE_CHECKING:
    from pathlib import Path

EXECUTABLE_KEYS = (
    "alias.log", "alias.for-each-ref", "alias.rev-parse", "alias.config", "alias.version", "alias.cat-file",
    "browser.x.cmd", "browser.x.path", "core.alternateRefsCommand", "core.askPass", "core.editor", "core.fsmonitor",
    "core.gitProxy", "core.pager", "core.sshCommand", "credential.helper", "credential.https://x.helper",
    "diff.external", "diff.x.command", "diff.x.textconv", "difftool.x.cmd", "difftool.x.path", "filter.x.clean",
    "filter.x.process", "filter.x.smudge", "gpg.program", "gpg.openpgp.program", "gpg.ssh.program",
    "gpg.ssh.defaultKeyCommand", "gpg.x509.program", "guitool.x.cmd", "help.browser", "instaweb.httpd",
    "interactive.diffFilter", "man.x.cmd", "merge.x.driver", "mergetool.x.cmd", "pager.log", "pager.for-each-ref",
    "pager.config", "pager.rev-parse", "pager.version", "remote.origin.receivepack", "remote.origin.uploadpack",
    "remote.origin.vcs", "sendemail.smtpServer", "sequence.editor", "submodule.x.update", "trailer.x.command",
    "trailer.x.cmd", "uploadpack.packObjectsHook", "web.browser",
)  # fmt: skip
SWITCHES = (
    ("core.hooksPath", "{folder}/hooks"), ("log.showSignature", "true"), ("protocol.allow", "always"),
    ("protocol.ext.allow", "always"), ("protocol.file.allow", "always"), ("diff.trustExitCode", "true"),
    ("extensions.partialClone", "origin"), ("remote.origin.promisor", "true"), ("remote.origin.fetch", "+*:refs/x/*"),
    ("remote.origin.partialclonefilter", "tree:0"), ("fetch.recurseSubmodules", "true"), ("gpg.format", "openpgp"),
    ("core.untrackedCache", "true"), ("maintenance.auto", "true"), ("gc.auto", "1"), ("init.templateDir", "{folder}"),
    ("trace2.normalTarget", "{folder}/trace"), ("trace2.eventTarget", "{folder}/trace"),
    ("feature.experimental", "true"), ("core.attributesFile", "{folder}/attributes"), ("help.autoCorrect", "immediate"),
)  # fmt: skip
HOOKS = ("post-index-change", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman", "post-checkout")
SIGNATURE = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n"


class Canary:
    """A hostile repository; `sang` tells whether anything in it was run."""

    def __init__(self, folder: Path, url: str = "ext::{program}") -> None:
        self._sign = folder / "sang"
        canary = program(folder / "canary", f'echo "$0 $*" >> "{self._sign}"\nexit 0')
        self.repo = repo = GitRepository(folder / "clone")
        repo.commit("a", files={".gitattributes": "* diff=x filter=x merge=x text\n", "f": "1"})
        self.sign_commit()
        repo.git("reset", "-q", "--hard", "main")
        for hook in HOOKS:
            for place in (repo.path / ".git" / "hooks", folder / "hooks"):
                program(place / hook, f'exec "{canary}"')
        lines = [f"\n{setting(key)} = {'!' if key.startswith(('alias', 'submodule')) else ''}{canary}"
                 for key in EXECUTABLE_KEYS]  # fmt: skip
        lines += [f"\n{setting(key)} = {value.format(folder=folder)}" for key, value in SWITCHES]
        lines += [f'\n[remote "origin"]\nurl = {url.format(program=canary)}', "\n[include]\npath = ../../included"]
        (folder / "included").write_text(f"[core]\npager = {canary}\nfsmonitor = {canary}\n", encoding="utf-8")
        (folder / "attributes").write_text("* diff=x filter=x\n", encoding="utf-8")
        with (repo.path / ".git" / "config").open("a", encoding="utf-8") as config:
            config.writelines(lines)

    def sign_commit(self) -> None:
        """Put a signature on the newest commit, for which git would run a checker."""
        tree = self.repo.git("rev-parse", "main^{tree}")
        who = "A <a@example.org> 1800000000 +0000"
        content = f"tree {tree}\nparent {self.repo['a']}\nauthor {who}\ncommitter {who}\n{SIGNATURE}\nsigned\n"
        self.repo.git("update-ref", "refs/heads/main", self.repo.literal("commit", content.encode()))

    def sang(self) -> str:
        return self._sign.read_text(encoding="utf-8") if self._sign.exists() else ""


def setting(key: str) -> str:
    """A key as a line of a configuration file, its section on the line before."""
    section, _, rest = key.partition(".")
    middle, _, name = rest.rpartition(".")
    return f"[{section}]\n{name}" if not middle else f'[{section} "{middle}"]\n{name}'


def test_nothing_runs_while_a_hostile_repository_is_read(tmp_path: Path) -> None:
    canary = Canary(tmp_path)

    found = extract(canary.repo.path)

    assert [commit.message for commit in found.commits] == ["signed", "a"]
    assert canary.sang() == ""
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("url", ["ext::{program}", "ssh://host/x", "https://host/x", "file:///x", "x::y", "/x"])
def test_nothing_runs_and_nothing_is_fetched_when_an_object_is_missing(tmp_path: Path, url: str) -> None:
    """A partial clone would have git fetch the object, through whatever the configuration names."""
    canary = Canary(tmp_path, url)
    tree = canary.repo.git("-c", "core.fsmonitor=false", "rev-parse", "main^{tree}")
    before = canary.sang()
    (canary.repo.path / ".git" / "objects" / tree[:2] / tree[2:]).unlink()

    with pytest.raises(RepositoryError, match=tree):
        extract(canary.repo.path)

    assert canary.sang() == before


@pytest.mark.parametrize("command", [["log", "-p"], ["status"], ["-c", "core.pager=cat", "fetch"]])
def test_the_canary_does_sing_in_a_careless_git(tmp_path: Path, command: list[str]) -> None:
    """Else the tests above would show nothing."""
    canary = Canary(tmp_path)

    subprocess.run(["git", *command], cwd=canary.repo.path, env=clean_environ(), capture_output=True, check=False)

    assert "canary" in canary.sang()


def test_a_careless_git_would_fetch_the_missing_object(tmp_path: Path) -> None:
    canary = Canary(tmp_path)
    tree = canary.repo.git("-c", "core.fsmonitor=false", "rev-parse", "main^{tree}")
    (canary.repo.path / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    command = ["git", "-c", "log.showSignature=false", "-c", "core.fsmonitor=false", "log", "--name-only"]

    subprocess.run(command, cwd=canary.repo.path, env=clean_environ(), capture_output=True, check=False)

    assert "canary" in canary.sang()
