"""Secrets and addresses of others, planted wherever a run can meet them: no byte that leaves or stays holds one.

Invariant 9. Every command runs as a process of its own, as typed; so its arguments and its children's environment are
looked at from outside while it runs.
"""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.small_shop import SmallShop

if TYPE_CHECKING:
    from collections.abc import Sequence

TOKEN = "canary-token-of-no-known-form-1"  # noqa: S105 (planted)
WEBHOOK = "https://chat.example/hooks/canary-webhook-2"
AWS_KEY = "AKIA" + "CANARYCANARY0003"
AWS_SECRET = "canary/secret/of/aws/0004/0123456789abcd"  # noqa: S105 (planted)
SESSION = "canary-session-token-5"
REMOTE_PASSWORD = "canary-password-6"  # noqa: S105 (planted)
EMAIL = "canary-7@example.org"
SPILLED = "ghp_" + "canarycanarycanary0008"
SLACK = "https://hooks.slack.com/services/" + "T00/B00/canary9"
SPILLED_KEY = "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIcanary10\n"
SECRETS = (TOKEN, WEBHOOK, AWS_KEY, AWS_SECRET, SESSION, REMOTE_PASSWORD, EMAIL, SPILLED, "canary9", "MIIcanary10")
ENVIRON = {
    "GH_TOKEN": TOKEN,
    "SLACK_WEBHOOK_URL": WEBHOOK,
    "AWS_ACCESS_KEY_ID": AWS_KEY,
    "AWS_SECRET_ACCESS_KEY": AWS_SECRET,
    "AWS_SESSION_TOKEN": SESSION,
}
ALL_COMMANDS: Sequence[tuple[tuple[str, ...], int]] = (
    (("extract", "--full"), 0),
    (("update",), 0),
    (("import", "decisions.csv"), 0),
    (("calculate",), 0),
    (("calculate", "--format", "json"), 0),
    (("calculate", "--format", "csv"), 0),
    (("report",), 0),
    (("report", "--format", "markdown"), 0),
    (("status",), 0),
    (("status", "--format", "json"), 0),
    (("explain", "v1.2.0"), 0),
    (("explain", "v1.2.0", "--format", "json"), 0),
    (("log",), 0),
    (("log", "--format", "json"), 0),
    (("verify",), 0),
    # and the faults that quote what they stumble over
    (("import", "bad.csv"), 4),
    (("extract", "--branch", "nowhere"), 5),
    (("calculate", "--period", SPILLED), 2),
    (("update", "--repository-url", f"https://user:{REMOTE_PASSWORD}@127.0.0.1/x.git"), 2),
    (("extract", "--storage-path", f"/proc/{SPILLED}"), 7),
    (("init", "../shop", "--yes", "--force"), 0),  # last: it finds a name on GitHub, which is not asked here
)


@pytest.fixture(name="shop")
def _shop(tmp_path: Path) -> SmallShop:
    shop = SmallShop(tmp_path, environ=dict(ENVIRON))
    shop.grow(1)
    spill = f"fix: remove {SPILLED} and {AWS_KEY} of {EMAIL}\n\nSee {SLACK}\n{SPILLED_KEY}\nBy Ada <{EMAIL}>"
    shop.clone.commit("spill", message=spill, files={"shop.txt": "x"})
    shop.clone.tag("v1.2.0", "spill")
    shop.clone.commit("later", message=f"hotfix: {SPILLED} again, ask {EMAIL}", files={"shop.txt": "y"})
    shop.clone.tag("v1.2.1", "later")
    shop.clone.git("remote", "add", "origin", f"https://user:{REMOTE_PASSWORD}@github.example/acme/shop.git")
    settings = '[repository]\npath = "../shop"\n[notify]\ntargets = ["SLACK_WEBHOOK_URL"]\n'
    (shop.work / "dora-metrics.toml").write_text(settings, encoding="utf-8")
    shop.decide(shop.clone["c1"])
    bad = f"key,repository,is_hotfix,notes\n{SPILLED},local/shop,{EMAIL},{AWS_KEY}\n"
    (shop.work / "bad.csv").write_text(bad, encoding="utf-8")
    return shop


def leaks(content: bytes) -> list[str]:
    return [secret for secret in SECRETS if secret.encode() in content]


class Watcher(threading.Thread):
    """Looks at the arguments and the environment of all children of a process as long as it runs."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.pid = pid
        self.seen: dict[str, tuple[bytes, bytes]] = {}

    def run(self) -> None:
        while Path(f"/proc/{self.pid}/cmdline").exists() and self._look():
            time.sleep(0.002)

    def _look(self) -> bool:
        try:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
            if not Path(f"/proc/{self.pid}/cmdline").read_bytes():
                return False  # it has ended and waits for us
        except OSError:
            return False
        for child in children:
            try:
                arguments, environ = (Path(f"/proc/{child}/{name}").read_bytes() for name in ("cmdline", "environ"))
            except OSError:
                continue
            if b"dora_metrics" not in arguments:  # it is git by now
                self.seen[child] = (arguments, environ)
        return True


@pytest.mark.slow
@pytest.mark.parametrize("verbosity", [(), ("-v", "--log-format", "json")], ids=["plain", "-v json"])
def test_no_canary_in_any_byte(shop: SmallShop, verbosity: tuple[str, ...]) -> None:
    watched = 0
    for arguments, code in ALL_COMMANDS:
        process = shop.start(*arguments, *verbosity)
        watcher = Watcher(process.pid)
        watcher.start()
        out, err = process.communicate(timeout=120)
        watcher.join()
        assert process.returncode == code, f"{arguments}: {out}\n{err}"
        typed = [secret for secret in SECRETS if any(secret in argument for argument in arguments)]
        assert not leaks((out + err).encode()), f"{arguments}, with {typed} typed"
        for command, environ in watcher.seen.values():
            watched += 1
            assert not leaks(command)
            assert not leaks(environ)
    assert watched, "git was seen at work"
    for path in shop.work.rglob("*"):
        if path.is_file() and path.name != "bad.csv":
            assert not leaks(path.read_bytes()), path


def test_the_canaries_are_there_to_be_found(shop: SmallShop) -> None:
    """The harness itself: git shows what we must not."""
    log = shop.clone.git("log", "--format=%B%ae", "--all")
    remote = shop.clone.git("remote", "get-url", "origin")

    assert set(leaks(log.encode())) == {AWS_KEY, EMAIL, SPILLED, "canary9", "MIIcanary10"}
    assert leaks(remote.encode()) == [REMOTE_PASSWORD]


@pytest.mark.slow
def test_the_data_are_for_their_owner_alone(shop: SmallShop) -> None:
    """S17: folders 0700, files 0600, whatever the umask says; a wider folder is told."""
    before = os.umask(0)
    try:
        shop.run("extract", "--full")
        shop.run("report")
    finally:
        os.umask(before)
    for path in [shop.data, *shop.data.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path

    shop.data.chmod(0o755)
    _, err = shop.run("update")
    assert "open to other users; chmod 700 closes it" in err


@pytest.mark.slow
def test_one_run_id_through_a_run(shop: SmallShop) -> None:
    """Text for people has none; the JSON line of the commit ties the run to its record."""
    _, err = shop.run("extract", "--full", "-v", "--log-format", "json")
    lines = [json.loads(line) for line in err.splitlines()]
    [stored] = [line["fields"] for line in lines if line["event"] == "stored modification 1"]
    out, _ = shop.run("log", "--format", "json")
    _, other = shop.run("update", "-v", "--log-format", "json")

    assert len({line["run"] for line in lines}) == 1
    assert len(lines[0]["run"]) == 16
    assert json.loads(out)["commit_id"] == stored["commit_id"]
    assert json.loads(other.splitlines()[0])["run"] != lines[0]["run"]
