"""What a broken, odd or half-readable repository gets: a right answer, or one line with the remedy. Never a wrong one."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import zlib
from typing import TYPE_CHECKING

import pytest
from support.git_repository import GitRepository, clean_environ
from support.git_tools import CountingGit, extract, program, real_git, require_root

from dora_metrics.errors import BusyError, RepositoryError
from dora_metrics.extractors.git_extractor import GitExtractor

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = 65534
MISSING = "1234567890" * 4


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    repo = GitRepository(tmp_path / "clone")
    repo.commit("a")
    repo.commit("b")
    return repo


def refused(path: Path, **options: object) -> str:
    """The line that a person gets, for an extraction that must fail as `RepositoryError`."""
    with pytest.raises(RepositoryError) as caught:
        extract(path, **options)  # type: ignore[arg-type]
    assert caught.value.exit_code == 5
    line = caught.value.line()
    assert len(line) <= 300
    assert line.count("\n") == 0
    return line


def raw_commit(repo: GitRepository, author: bytes, committer: bytes, *, message: bytes = b"m\n", more: bytes = b"") -> str:
    """A commit of any bytes on top of main, which moves to it."""
    tree, parent = repo.git("rev-parse", "main^{tree}", "main").split("\n")
    header = b"tree %s\nparent %s\nauthor %s\ncommitter %s\n%s" % (tree.encode(), parent.encode(), author, committer, more)
    sha = repo.literal("commit", header + b"\n" + message)
    repo.git("update-ref", "refs/heads/main", sha)
    return sha


# G1 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("branch", ["", "main"])
@pytest.mark.parametrize("bare", [False, True])
def test_a_repository_without_commits_is_empty_and_no_error(tmp_path: Path, branch: str, bare: bool) -> None:
    found = extract(GitRepository(tmp_path / "r", bare=bare).path, branch=branch)

    assert found.commits == []
    assert (found.state.branch, found.state.branch_tip, found.state.tips) == ("main", None, ())


# G2 --------------------------------------------------------------------------------------------------------------


def test_a_shallow_clone_is_refused_unless_allowed(repo: GitRepository, tmp_path: Path) -> None:
    command = ["git", "clone", "-q", "--depth=1", f"file://{repo.path}", str(tmp_path / "shallow")]
    subprocess.run(command, env=clean_environ(), check=True, capture_output=True)

    assert "git fetch --unshallow" in refused(tmp_path / "shallow")
    found = extract(tmp_path / "shallow", allow_shallow=True)
    assert found.state.shallow
    assert [commit.sha for commit in found.commits] == [repo["b"]]


# G3: test_git_extractor.py -----------------------------------------------------------------------------------------


def test_a_folder_without_a_repository_and_no_folder_are_named(tmp_path: Path) -> None:
    assert f"{tmp_path} is no git repository" in refused(tmp_path)
    assert f"{tmp_path / 'none'} is no folder" in refused(tmp_path / "none")


# G4 --------------------------------------------------------------------------------------------------------------


def test_a_branch_wins_over_tag_and_file_of_its_name(repo: GitRepository) -> None:
    repo.tag("main", "a")
    (repo.path / "main").write_text("", encoding="utf-8")

    assert extract(repo.path).state.branch_tip == repo["b"]
    assert extract(repo.path, branch="main").state.branch_tip == repo["b"]


def test_the_remotes_branch_is_taken_where_there_is_none_here(repo: GitRepository) -> None:
    repo.ref("refs/remotes/origin/trunk", "a")

    state = extract(repo.path, branch="trunk").state

    assert (state.branch, state.branch_ref, state.branch_tip) == ("trunk", "refs/remotes/origin/trunk", repo["a"])


def test_a_clone_that_is_behind_its_remote_says_so(repo: GitRepository) -> None:
    repo.commit("newer", branch=None)
    repo.ref("refs/remotes/origin/main", "newer")

    found = extract(repo.path)

    assert found.state.origin_tip == repo["newer"]
    assert repo["newer"] not in found.shas


def test_a_missing_branch_is_refused_with_those_that_exist(repo: GitRepository) -> None:
    for i in range(9):
        repo.branch(f"b{i}", "a")

    line = refused(repo.path, branch="no such")

    assert "no branch 'no such'" in line
    assert "b0, b1, b2, b3, b4 and 5 more" in line
    assert "--branch" in line


# G5 --------------------------------------------------------------------------------------------------------------


def test_a_detached_head_needs_a_branch(repo: GitRepository) -> None:
    repo.git("checkout", "-q", "--detach", "main")

    assert "detached" in refused(repo.path)
    assert extract(repo.path, branch="main").state.branch_tip == repo["b"]


def test_a_head_that_names_no_branch_is_not_guessed(repo: GitRepository) -> None:
    repo.git("symbolic-ref", "HEAD", "refs/heads/gone")

    assert "no branch 'gone'; it has main" in refused(repo.path)


# G6, G7 ----------------------------------------------------------------------------------------------------------


def test_bytes_that_are_no_utf_8_and_a_lying_encoding_do_not_stop_anything(repo: GitRepository) -> None:
    repo.commit("latin", message="é".encode("latin-1"), author=b"Zo\xeb", files={b"d\xe9j\xe0": "x"})
    repo.commit("declared", message="é".encode("latin-1"), encoding="ISO-8859-1")
    repo.commit("lying", message=b"\xff\xfe", encoding="UTF-8")
    repo.commit("unknown", message=b"\xe9", encoding="no-such-encoding")

    commits = {commit.sha: commit for commit in extract(repo.path).commits}

    latin = commits[repo["latin"]]
    assert (latin.message, latin.author, latin.files_changed) == ("\ufffd", "Zo\ufffd", ("d\ufffdj\ufffd",))
    assert commits[repo["declared"]].message == "é"
    assert commits[repo["lying"]].message == "\ufffd\ufffd"
    assert commits[repo["unknown"]].message == "\ufffd"


def test_separators_and_nuls_shift_no_record(repo: GitRepository) -> None:
    repo.commit("nul", message=b"seen\0hidden\0\0more", author=b"A\x1eB\x1fC", files={"x\x1fy\n": "1", "\n\nz": "2"})
    nul_name = raw_commit(repo, b"A\0B <a@example.org> 5 +0000", b"C <c@example.org> 6 +0000", message=b"odd\n")
    repo.commit("after", parents=["nul"], files={"f": "1"})

    commits = {commit.sha: commit for commit in [*extract(repo.path).commits]}

    assert commits[repo["nul"]].message == "seen"
    assert commits[repo["nul"]].author == "A\x1eB\x1fC"
    assert commits[repo["nul"]].files_changed == ("\n\nz", "x\x1fy\n")
    assert commits[repo["after"]].parents == (repo["nul"],)
    assert nul_name not in commits


def test_a_nul_in_a_header_keeps_what_git_gives(repo: GitRepository) -> None:
    sha = raw_commit(repo, b"A\0B <a@example.org> 5 +0000", b"C <c@example.org> 6 +0000", message=b"odd\n")

    newest, *others = extract(repo.path).commits

    assert (newest.sha, newest.parents, newest.message) == (sha, (repo["b"],), "odd")
    assert [commit.sha for commit in others] == [repo["b"], repo["a"]]


def test_a_commit_without_author_and_committer_is_one(repo: GitRepository) -> None:
    tree = repo.git("rev-parse", "main^{tree}")
    sha = repo.literal("commit", f"tree {tree}\n\nnaked\n".encode())
    repo.git("update-ref", "refs/heads/main", sha)

    [commit] = extract(repo.path).commits

    assert commit[:6] == (sha, (), "", None, None, "naked")


# G8, G9, G10 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (b"0 +0000", 0),
        (b"1700000000 +9999", 1_700_000_000),
        (b"1700000000 -1200", 1_700_000_000),
        (b"4102444800 +0000", 4_102_444_800),
        (b"253402300800 +0000", 253_402_300_800),
        (b"-5 +0000", None),
        (b"x +0000", None),
        (b"1700000000", None),
        (b"", None),
    ],
)
def test_odd_dates_stay_raw_seconds_or_are_none(repo: GitRepository, date: bytes, expected: int | None) -> None:
    sha = raw_commit(repo, b"A <a@example.org> " + date, b"C <c@example.org> 1700000000 +0000")
    other = raw_commit(repo, b"A <a@example.org> 1700000000 +0000", b"C <c@example.org> " + date)

    commits = {commit.sha: commit for commit in extract(repo.path).commits}

    assert (commits[sha].authored_s, commits[sha].committed_s) == (expected, 1_700_000_000)
    assert (commits[other].authored_s, commits[other].committed_s) == (1_700_000_000, expected)


def test_a_date_beyond_every_calendar_does_not_stop_anything(repo: GitRepository) -> None:
    """What git makes of it differs between its versions: some number, or nothing."""
    sha = raw_commit(repo, b"A <a@example.org> 99999999999999999999 +0000", b"C <c@example.org> 9223372036854775807 +0000")

    newest = {commit.sha: commit for commit in extract(repo.path).commits}[sha]

    assert newest.authored_at is None or newest.authored_at.year == 1970
    assert newest.committed_at is None or newest.committed_at.year == 1970


def test_dates_out_of_order_lose_no_commit(repo: GitRepository) -> None:
    repo.commit("future", at=5_000_000_000)
    repo.commit("past", at=1)
    repo.commit("now", at=1_800_000_000)

    assert extract(repo.path).shas == set(repo.shas.values())


def test_octopus_merges_and_several_roots_keep_all_parents(repo: GitRepository) -> None:
    repo.commit("root", parents=[], branch=None)
    repo.commit("x", parents=["a"], branch=None)
    repo.commit("octopus", parents=["b", "x", "root"])

    commits = {commit.sha: commit for commit in extract(repo.path).commits}

    assert commits[repo["octopus"]].parents == (repo["b"], repo["x"], repo["root"])
    assert commits[repo["root"]].parents == ()


# G11, G12 --------------------------------------------------------------------------------------------------------


def test_replace_refs_and_grafts_are_ignored_and_told(repo: GitRepository) -> None:
    honest = extract(repo.path)
    repo.commit("fake", parents=[], branch=None)
    repo.git("replace", repo["b"], repo["fake"])

    found = extract(repo.path)

    assert not honest.state.replace_refs_present
    assert found.state.replace_refs_present
    assert found.commits == honest.commits
    repo.git("replace", "-d", repo["b"])
    grafts = repo.path / ".git" / "info" / "grafts"
    grafts.parent.mkdir(exist_ok=True)
    grafts.write_text(repo["b"] + "\n", encoding="utf-8")
    found = extract(repo.path)
    assert found.state.replace_refs_present
    assert found.commits == honest.commits


def test_a_submodule_is_a_path(repo: GitRepository) -> None:
    repo.commit("sub", gitlinks={"lib/sub": MISSING})

    assert extract(repo.path).commits[0].files_changed == ("lib/sub",)


# G14 -------------------------------------------------------------------------------------------------------------


def test_a_huge_message_is_cut_with_one_warning(repo: GitRepository, caplog: pytest.LogCaptureFixture) -> None:
    repo.commit("huge", message=b"x" * 5_000_000)
    repo.commit("huge too", message=b"y" * 65_537)
    repo.commit("just right", message=b"z" * 65_536)

    with caplog.at_level(logging.WARNING):
        commits = extract(repo.path).commits

    assert [len(commit.message) for commit in commits] == [65_536, 65_536, 65_536, 1, 1]
    assert [record.getMessage() for record in caplog.records] == ["commit messages longer than 64 KiB, cut there: 2"]


# G16 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["--output=x", "-x", "--all", "a;touch${IFS}x", "$(touch${IFS}x)", "ä"])
def test_refs_that_look_like_options_are_refs(
    repo: GitRepository, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, commit in (("heads", "a"), ("tags", "b")):
        repo.git("update-ref", f"refs/{kind}/{name}", repo[commit])
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))

    found = extract(tmp_path / "clone", branch=name)

    assert found.state.branch_tip == repo["a"]
    assert found.state.tags[0].name == name
    assert len(found.commits) == 2
    assert sorted(tmp_path.rglob("*")) == before


# G17 -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def foreign(repo: GitRepository) -> Path:
    require_root()
    for path in [repo.path, *repo.path.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return repo.path


def home_with(tmp_path: Path, *entries: str) -> dict[str, str]:
    """The environment of a person whose configuration declares these folders safe."""
    lines = "".join(f"\tdirectory = {entry}\n" for entry in entries)
    (tmp_path / ".gitconfig").write_text(f"[safe]\n{lines}", encoding="utf-8")
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}


def test_another_users_repository_is_refused_with_the_line_to_run(foreign: Path, tmp_path: Path) -> None:
    line = refused(foreign, environ=home_with(tmp_path, "/elsewhere"))

    assert f"git config --global --add safe.directory {foreign}" in line


@pytest.mark.parametrize("entry", ["{path}", "*", "~/clone"])
def test_what_the_person_declared_safe_is_read(foreign: Path, tmp_path: Path, entry: str) -> None:
    git = CountingGit(tmp_path / "tools")
    environ = {**home_with(tmp_path, entry.format(path=foreign)), "PATH": git.environ["PATH"]}

    assert len(extract(foreign, environ=environ).commits) == 2
    assert not any("safe.directory=*" in call for call in git.calls())


def test_a_repository_cannot_declare_itself_safe(foreign: Path, tmp_path: Path) -> None:
    with (foreign / ".git" / "config").open("a", encoding="utf-8") as config:
        config.write("[safe]\n\tdirectory = *\n")

    assert "belongs to another user" in refused(foreign, environ=home_with(tmp_path))


def test_run_by_another_user_than_the_owner(repo: GitRepository, tmp_path: Path) -> None:
    """The same from the other side: root owns the clone, a service account reads it."""
    require_root()
    setpriv = shutil.which("setpriv")
    assert setpriv
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.stat().st_uid == os.geteuid() and "pytest" in str(folder):
            folder.chmod(0o755)
    wrapper = program(tmp_path / "bin" / "git", f'exec {setpriv} --reuid={NOBODY} --clear-groups "{real_git()}" "$@"')
    environ = {**home_with(tmp_path), "PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"}

    assert "safe.directory" in refused(repo.path, environ=environ)
    home_with(tmp_path, str(repo.path))
    assert len(extract(repo.path, environ=environ).commits) == 2


# G18 -------------------------------------------------------------------------------------------------------------


def object_file(repo: GitRepository, sha: str) -> Path:
    return repo.path / ".git" / "objects" / sha[:2] / sha[2:]


@pytest.mark.parametrize("name", ["b", "a", "a^{tree}"])
def test_a_missing_object_is_named(repo: GitRepository, name: str) -> None:
    sha = repo.git("rev-parse", repo[name]) if name in repo.shas else repo.git("rev-parse", f"{repo['a']}^{{tree}}")
    object_file(repo, sha).unlink()

    line = refused(repo.path)

    assert sha in line
    assert "missing or damaged" in line


@pytest.mark.parametrize("content", [b"", b"garbage", zlib.compress(b"commit 3\0abc")])
def test_a_damaged_object_is_named(repo: GitRepository, content: bytes) -> None:
    damaged = object_file(repo, repo["a"])
    damaged.chmod(0o644)
    damaged.write_bytes(content)

    assert repo["a"] in refused(repo.path)


def test_commits_before_the_damage_come_with_an_error_and_not_as_a_short_history(repo: GitRepository) -> None:
    for i in range(300):
        repo.commit(f"c{i}")
    repo.git("repack", "-adq")
    tree = repo.literal("tree", b"100644 x\0" + b"\x11" * 19)
    sha = repo.literal("commit", f"tree {tree}\nauthor A <a@b.org> 1 +0000\ncommitter A <a@b.org> 1 +0000\n\nm\n".encode())
    repo.commit("join", parents=["c299", sha])
    extractor = GitExtractor(repo.path, environ=clean_environ())
    seen = []

    def read() -> None:
        for commit in extractor.extract_commits(extractor.inspect()):
            seen.append(commit.sha)  # noqa: PERF402 (what came before the error counts)

    with pytest.raises(RepositoryError):
        read()
    assert repo["join"] in seen


def test_objects_borrowed_from_a_folder_that_is_gone_are_an_error(repo: GitRepository, tmp_path: Path) -> None:
    command = ["git", "clone", "-q", "--shared", str(repo.path), str(tmp_path / "borrower")]
    subprocess.run(command, env=clean_environ(), check=True, capture_output=True)
    shutil.rmtree(repo.path)

    assert "alternates" in refused(tmp_path / "borrower")


def test_a_clone_without_trees_is_an_error_and_nothing_is_fetched(repo: GitRepository, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    command = ["git", "clone", "-q", "--bare", "--filter=tree:0", f"file://{repo.path}", str(tmp_path / "treeless")]
    subprocess.run(command, env=clean_environ(), check=True, capture_output=True)

    assert "--filter=blob:none" in refused(tmp_path / "treeless")


# G19, G20 --------------------------------------------------------------------------------------------------------


def test_a_tip_that_goes_while_we_read_asks_to_run_again(repo: GitRepository) -> None:
    extractor = GitExtractor(repo.path, environ=clean_environ())
    state = extractor.inspect()
    repo.git("update-ref", "refs/heads/main", repo["a"])
    object_file(repo, repo["b"]).unlink()

    with pytest.raises(BusyError) as caught:
        list(extractor.extract_commits(state))

    assert caught.value.exit_code == 8
    assert "run the command again" in caught.value.line()


def test_a_ref_that_is_broken_for_a_moment_is_read_at_the_second_try(repo: GitRepository, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    once = f'case "$*" in *for-each-ref*) [ -e "{counter}" ] || {{ : > "{counter}"; exit 128; }};; esac'
    wrapper = program(tmp_path / "bin" / "git", f'{once}\nexec "{real_git()}" "$@"')
    environ = {**clean_environ(), "PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"}

    assert len(extract(repo.path, environ=environ).commits) == 2


def test_refs_pinned_before_a_rewrite_still_give_the_old_history(repo: GitRepository) -> None:
    extractor = GitExtractor(repo.path, environ=clean_environ())
    state = extractor.inspect()
    repo.git("update-ref", "refs/heads/main", repo["a"])
    repo.git("pack-refs", "--all")

    assert [commit.sha for commit in extractor.extract_commits(state)] == [repo["b"], repo["a"]]


# G22 -------------------------------------------------------------------------------------------------------------


def test_the_callers_git_variables_do_not_count(repo: GitRepository, tmp_path: Path) -> None:
    other = GitRepository(tmp_path / "other")
    other.commit("x")
    (tmp_path / "config").write_text("[log]\nshowRoot = false\n", encoding="utf-8")
    environ = {
        **clean_environ(),
        "GIT_DIR": str(other.path / ".git"),
        "GIT_WORK_TREE": str(other.path),
        "GIT_OBJECT_DIRECTORY": str(other.path / ".git" / "objects"),
        "GIT_NAMESPACE": "x",
        "GIT_CONFIG": str(tmp_path / "config"),
        "GIT_CONFIG_GLOBAL": str(tmp_path / "config"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "log.showRoot",
        "GIT_CONFIG_VALUE_0": "false",
        "GIT_CONFIG_PARAMETERS": "'log.showroot=false'",
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_CEILING_DIRECTORIES": str(repo.path),
        "GIT_EXEC_PATH": str(tmp_path),
    }

    found = extract(repo.path, environ=environ)

    assert found.commits == extract(repo.path).commits
    assert not (tmp_path / "trace").exists()


# G23 -------------------------------------------------------------------------------------------------------------


def test_without_git_the_needed_version_is_named(repo: GitRepository, tmp_path: Path) -> None:
    line = refused(repo.path, environ={"PATH": str(tmp_path)})

    assert "install git 2.32 or newer" in line


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ("git version 2.31.9", "git version 2.31.9 is too old"),
        ("git version 1.8.3.1", "git version 1.8.3.1 is too old"),
        ("", "too old"),
    ],
)
def test_an_old_git_is_refused_with_the_needed_version(repo: GitRepository, tmp_path: Path, says: str, shown: str) -> None:
    wrapper = program(tmp_path / "bin" / "git", f'[ "$1" = version ] && echo "{says}" && exit 0\nexec "{real_git()}" "$@"')

    line = refused(repo.path, environ={"PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"})

    assert shown in line
    assert "install git 2.32 or newer" in line


@pytest.mark.parametrize("says", ["git version 2.39.5 (Apple Git-154)", "git version 2.50.0.rc1", "git version 3.0.0"])
def test_newer_gits_are_taken_whatever_their_makers_add(repo: GitRepository, tmp_path: Path, says: str) -> None:
    wrapper = program(tmp_path / "bin" / "git", f'[ "$1" = version ] && echo "{says}" && exit 0\nexec "{real_git()}" "$@"')

    assert extract(repo.path, environ={"PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"}).commits
