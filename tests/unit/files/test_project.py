from __future__ import annotations

import contextlib
import hashlib
import os
import socket as socketlib
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.errors import UserError
from layerwright.files import bounded
from layerwright.files.bounded import LARGEST
from layerwright.files.project import Project
from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright.testing.applications import Application


def project(app: Application) -> Project:
    return Project(app.path)


# What is there


def test_a_name_is_relative_to_the_application_and_an_absolute_one_is_not(app: Application) -> None:
    assert project(app).path("a/b.txt") == app.path / "a/b.txt"
    assert project(app).path("/etc/pip.conf") == Path("/etc/pip.conf")


def test_a_file_exists_and_a_directory_is_a_directory(app: Application) -> None:
    app.write("requirements/base.txt", "")
    (app.path / "link.txt").symlink_to("requirements/base.txt")
    (app.path / "dangling.txt").symlink_to("absent")
    (app.path / "loop.txt").symlink_to("loop.txt")
    found = {
        name: (project(app).exists(name), project(app).is_directory(name))
        for name in ("requirements", "requirements/base.txt", "link.txt", "dangling.txt", "loop.txt", "nul\0")
    }
    assert found == {
        "requirements": (False, True),
        "requirements/base.txt": (True, False),
        "link.txt": (True, False),
        "dangling.txt": (True, False),
        "loop.txt": (True, False),
        "nul\0": (False, False),
    }


# Reading


def test_what_is_missing_has_no_bytes(app: Application) -> None:
    app.write("file", "")
    for name in ("absent", "absent/file", "file/below", "nul\0"):
        assert project(app).read(name) is None


def test_a_file_is_read_once(app: Application) -> None:
    app.write("a.txt", "before")
    app.write("a.toml", "a = 'before'")
    read = project(app)
    assert (read.text("a.txt"), read.toml("a.toml"), read.read("b.txt")) == ("before", {"a": "before"}, None)
    app.write("a.txt", "after")
    app.write("a.toml", "a = 'after'")
    app.write("b.txt", "after")
    assert (read.text("a.txt"), read.toml("a.toml"), read.read("b.txt")) == ("before", {"a": "before"}, None)
    assert project(app).text("a.txt") == "after"


def directory(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def socket(path: Path) -> None:
    with socketlib.socket(socketlib.AF_UNIX) as one, contextlib.chdir(path.parent):
        one.bind(path.name)


def enormous(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (directory, "It is a directory."),
        (pipe, "It is a named pipe."),
        (device, "It is a device."),
        (socket, "It is a socket."),
        (enormous, "It has more than 64 MiB."),
    ],
)
def test_what_cannot_be_read_is_reported(app: Application, make: Callable[[Path], None], cause: str) -> None:
    make(app.path / "requirements.txt")
    with pytest.raises(UserError) as caught:
        project(app).read("requirements.txt")
    assert caught.value.summary == "requirements.txt could not be read."
    assert caught.value.cause == cause
    assert caught.value.reference == "unreadable-file"


def test_what_says_nothing_of_its_size_is_not_read_without_an_end(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "LARGEST", 10)
    (app.path / "requirements.txt").symlink_to("/proc/self/status")
    with pytest.raises(UserError) as caught:
        project(app).read("requirements.txt")
    assert caught.value.cause.startswith("It has more than")


def test_what_becomes_a_pipe_while_it_is_opened_is_not_waited_for(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.write("before", "")
    pipe(app.path / "requirements.txt")
    looked_at, stat = [], os.stat

    def one_that_was_another(path: str | Path) -> os.stat_result:
        looked_at.append(path)
        return stat(app.path / "before" if path == app.path / "requirements.txt" else path)

    monkeypatch.setattr(bounded.os, "stat", one_that_was_another)
    with pytest.raises(UserError) as caught:
        project(app).read("requirements.txt")
    assert caught.value.cause == "It is a named pipe."
    assert looked_at == [app.path / "requirements.txt"]


@pytest.mark.parametrize(
    ("link", "target", "read", "cause"),
    [
        ("requirements.txt", "../../shared.txt", "requirements.txt", "It is a link to ../../shared.txt."),
        ("requirements", "/absent", "requirements/base.txt", "It is a link to /absent."),
        ("loop.txt", "loop.txt", "loop.txt", "It is a link to loop.txt."),
    ],
)
def test_a_link_that_leads_nowhere_is_named(
    app: Application, link: str, target: str, read: str, cause: str
) -> None:
    (app.path / link).symlink_to(target)
    for use in (Project.read, Project.text, Project.digest):
        with pytest.raises(UserError) as caught:
            use(project(app), read)
        assert caught.value.summary == f"{link} is a broken link."
        assert caught.value.cause == cause
        assert caught.value.reference == "dangling-link"


def test_a_link_that_leads_nowhere_outside_of_the_application_is_named_in_full(app: Application) -> None:
    outside = app.path.parent / "link"
    outside.symlink_to("absent")
    with pytest.raises(UserError) as caught:
        project(app).read("../link")
    assert caught.value.summary == "../link is a broken link."


def test_a_name_that_is_too_long_is_that_of_no_file(app: Application) -> None:
    name = "a" * 256
    assert (project(app).exists(name), project(app).read(name), project(app).digest(name)) == (
        False,
        None,
        "absent",
    )


def test_a_file_that_is_not_for_this_user_is_reported(as_an_ordinary_user: Path) -> None:
    (as_an_ordinary_user / "a.txt").touch(mode=0o000)
    with pytest.raises(UserError) as caught:
        Project(as_an_ordinary_user).text("a.txt")
    assert caught.value.cause == "Permission denied."


def test_a_missing_file_has_no_text(app: Application) -> None:
    with pytest.raises(UserError) as caught:
        project(app).text("requirements.txt")
    assert caught.value.summary == "requirements.txt does not exist."
    assert caught.value.reference == "missing-file"


def test_text_is_utf_8_with_or_without_a_byte_order_mark(app: Application) -> None:
    app.write("plain", "zwölf")
    app.write("marked", b"\xef\xbb\xbf" + "zwölf".encode())
    assert project(app).text("plain") == project(app).text("marked") == "zwölf"


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"flask\ncaf\xe9\n", "Byte 0xe9 on line 2 is not valid there."),
        (b"\xef\xbb\xbfcaf\xe9\nflask\n", "Byte 0xe9 on line 1 is not valid there."),
        (b"\xef\xbb\xbf\n\xe9", "Byte 0xe9 on line 2 is not valid there."),
        ("flask".encode("utf-16"), "It is UTF-16, as the first two bytes say."),
        (b"\xfe\xff" + "flask".encode("utf-16-be"), "It is UTF-16, as the first two bytes say."),
        (b"\xfeflask", "Byte 0xfe on line 1 is not valid there."),
        (
            "flask\nsix\n".encode("utf-16-le")[12:],
            "Line 1 has NUL characters, which occur in UTF-16 but not in UTF-8 text.",
        ),
        (
            b"flask\n" + "six\n".encode("utf-16-be"),
            "Line 2 has NUL characters, which occur in UTF-16 but not in UTF-8 text.",
        ),
    ],
)
def test_text_in_another_encoding_is_reported_with_the_place(
    app: Application, data: bytes, cause: str
) -> None:
    app.write("requirements.txt", data)
    with pytest.raises(UserError) as caught:
        project(app).text("requirements.txt")
    assert caught.value.summary == "requirements.txt is not UTF-8 text."
    assert caught.value.cause == cause
    assert caught.value.reference == "not-utf-8"


# TOML


def test_a_toml_file_is_a_mapping_and_none_is_an_empty_one(app: Application) -> None:
    app.write("pyproject.toml", b'\xef\xbb\xbf[project]\r\nname = "a"\r\n')
    assert project(app).toml("pyproject.toml") == {"project": {"name": "a"}}
    assert project(app).toml("layerwright.toml") == {}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a = 1\nb 2\n", "Expected '=' after a key in a key/value pair (at line 2, column 3)."),
        ("a = 1\na = 2\n", "Cannot overwrite a value (at line 2, column 6)."),
        ("a = " + "9" * 5000, "Exceeds the limit (4300 digits)"),
        ("a = " + "[" * 100_000, "maximum recursion depth exceeded"),
    ],
)
def test_malformed_toml_is_reported_with_line_and_column(app: Application, text: str, cause: str) -> None:
    app.write("pyproject.toml", text)
    with pytest.raises(UserError) as caught:
        project(app).toml("pyproject.toml")
    assert caught.value.summary == "pyproject.toml is not valid TOML."
    assert caught.value.cause.startswith(cause)
    assert caught.value.reference == "malformed-toml"


# Outside of the application


@pytest.fixture
def secret(app: Application) -> Path:
    path = app.path.parent / "secret"
    path.write_bytes(b"hunter2 = \x1b\nhunter3 = \xff")
    return path


def test_what_is_outside_is_known_whatever_the_way_to_it(app: Application, secret: Path) -> None:
    app.write("inside/file", "")
    (app.path / "link").symlink_to(secret)
    (app.path / "parent").symlink_to("..")
    (app.path / "within").symlink_to("inside/file")
    (app.path / "back").symlink_to(app.path / "inside")
    outside = ["../secret", str(secret), "link", "parent/secret", "inside/../../secret", "../absent", ".."]
    inside = ["inside/file", "within", "back/file", "absent", str(app.path / "inside/file"), "../app", "."]
    assert [name for name in (*outside, *inside) if project(app).is_outside(name)] == outside


def test_an_application_below_a_link_is_not_outside_of_itself(app: Application, tmp_path: Path) -> None:
    app.write("file", "")
    link = tmp_path / "another"
    link.symlink_to(app.path)
    assert not Project(link).is_outside("file")


def test_what_is_quoted_shows_what_cannot_be_seen(app: Application) -> None:
    assert project(app).quoted("a.txt", "six\u200b \x1b[2J\tzwölf") == r"six\u200b \x1b[2J\tzwölf"


def test_of_a_long_text_the_beginning_is_quoted(app: Application) -> None:
    assert project(app).quoted("a.txt", "x" * 300) == "x" * 300
    assert project(app).quoted("a.txt", "x" * 301) == "x" * 300 + "…"


def test_nothing_is_quoted_from_outside(app: Application, secret: Path) -> None:
    (app.path / "a.toml").symlink_to(secret)
    assert "hunter" not in project(app).quoted("a.toml", "hunter2")
    with pytest.raises(UserError) as caught:
        project(app).text("a.toml")
    assert caught.value.cause == (
        "Byte (not shown, because the file is outside the application) on line 2 is not valid there."
    )
    secret.write_text("[hunter2]\n[hunter2]\n")
    with pytest.raises(UserError) as caught:
        project(app).toml("a.toml")
    assert caught.value.summary == "a.toml is not valid TOML."
    assert caught.value.cause == (
        "(not shown, because the file is outside the application) (at line 2, column 9)."
    )
    secret.write_text("a = " + "9" * 5000)
    with pytest.raises(UserError) as caught:
        project(app).toml("a.toml")
    assert caught.value.cause == "(not shown, because the file is outside the application)."


def test_a_lock_file_outside_must_be_one(app: Application, secret: Path) -> None:
    (app.path / "a.lock").symlink_to(secret)
    secret.write_text("version = 1\n")
    project(app).refuse_unlike("a.lock", "version")
    for text in ("hunter2 = 1\n", "hunter2\n"):
        secret.write_text(text)
        with pytest.raises(UserError) as caught:
            project(app).refuse_unlike("a.lock", "version")
        assert "hunter2" not in caught.value.summary + caught.value.cause
    app.write("b.lock", "hunter2\n")
    project(app).refuse_unlike("b.lock", "version")


def test_settings_outside_of_the_application_are_refused_and_not_shown(
    app: Application, secret: Path
) -> None:
    secret.write_text("hunter2\n")
    (app.path / "tool.toml").symlink_to(secret)
    app.write("own.toml", "hunter2\n")
    with pytest.raises(UserError) as caught:
        project(app).refuse_outside("tool.toml")
    assert caught.value.reference == "outside-configuration"
    assert "hunter2" not in caught.value.summary + caught.value.cause
    project(app).refuse_outside("own.toml")
    project(app).refuse_outside("absent.toml")


# Digests


def library(path: Path, names: list[str]) -> str:
    for name in names:
        file = path / "lib" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {name}\n")
    return Project(path).digest("lib")


FILES = ["a.py", "b/c.py", "b/d.py", "e.py"]


def test_the_digest_of_a_file_is_its_sha_256(app: Application) -> None:
    app.write("a", "abc")
    assert project(app).digest("a").startswith("ba7816bf8f01cfea")
    assert len(project(app).digest("a")) == 64


def test_a_digest_takes_no_memory_for_what_it_is_of(app: Application) -> None:
    app.write("lib/__init__.py", "")
    for name in ("archive", "lib/data"):
        enormous(app.path / name)
    tracemalloc.start()
    try:
        digests = {project(app).digest("archive"), project(app).digest("lib")}
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(digests) == 2
    assert peak < 4_000_000


def test_a_digest_is_of_what_was_read(app: Application) -> None:
    app.write("a", "abc")
    read = project(app)
    read.read("a")
    app.write("a", "other")
    assert read.digest("a").startswith("ba7816bf8f01cfea")


def test_what_is_missing_has_a_digest_of_its_own(app: Application) -> None:
    assert project(app).digest("a") == "absent"
    assert project(app).digest("../a") == "absent"


def test_the_digest_of_a_directory_does_not_depend_on_the_order_of_its_making(tmp_path: Path) -> None:
    assert library(tmp_path / "1", FILES) == library(tmp_path / "2", FILES[::-1])


def content(path: Path) -> None:
    (path / "a.py").write_text("other")


def name(path: Path) -> None:
    (path / "a.py").rename(path / "z.py")


def executable(path: Path) -> None:
    (path / "a.py").chmod(0o755)


def addition(path: Path) -> None:
    (path / "b" / "empty.py").touch()


def border(path: Path) -> None:
    """Give other files the same names and contents, one after the other."""
    (path / "a.py").write_text("# a.py\n# b/c.py\n")
    (path / "b" / "c.py").write_text("")


def link(path: Path) -> None:
    (path / "link").symlink_to("a.py")


def other_link(path: Path) -> None:
    (path / "link").symlink_to("e.py")


def broken_link(path: Path) -> None:
    (path / "link").symlink_to("absent")


def link_to_a_directory(path: Path) -> None:
    (path / "link").symlink_to("b")


def strange_name(path: Path) -> None:
    Path(os.fsdecode(os.fsencode(path) + b"/\xff.py")).touch()


def unusual_name(path: Path) -> None:
    Path(os.fsdecode(os.fsencode(path) + b"/\xfe.py")).touch()


CHANGES = [
    content,
    name,
    executable,
    addition,
    border,
    link,
    other_link,
    broken_link,
    link_to_a_directory,
    strange_name,
    unusual_name,
]


def test_everything_that_makes_a_directory_another_one_changes_its_digest(tmp_path: Path) -> None:
    digests = {library(tmp_path / "unchanged", FILES)}
    for change in CHANGES:
        root = tmp_path / change.__name__
        library(root, FILES)
        change(root / "lib")
        digests.add(Project(root).digest("lib"))
    assert len(digests) == 1 + len(CHANGES)


def test_what_tools_leave_in_a_directory_does_not_change_its_digest(app: Application) -> None:
    before = library(app.path, FILES)
    for left in (
        ".git/HEAD",
        "__pycache__/a.pyc",
        "b/__pycache__/c.pyc",
        ".venv/pyvenv.cfg",
        "a.egg-info/PKG-INFO",
    ):
        app.write(f"lib/{left}", "left")
    os.mkfifo(app.path / "lib" / "socket")
    (app.path / "lib" / "empty").mkdir()
    assert project(app).digest("lib") == before


def test_a_link_to_a_directory_outside_is_not_followed(app: Application, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    library(app.path, FILES)
    (app.path / "lib" / "link").symlink_to(outside)
    before = project(app).digest("lib")
    (outside / "file").touch()
    assert project(app).digest("lib") == before


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_a_directory_that_cannot_be_read_to_the_end_has_no_digest(
    as_an_ordinary_user: Path, kind: str
) -> None:
    library(as_an_ordinary_user, FILES)
    closed = as_an_ordinary_user / "lib" / ("a.py" if kind == "file" else "b")
    closed.chmod(0o000)
    with pytest.raises(UserError) as caught:
        Project(as_an_ordinary_user).digest("lib")
    assert caught.value.summary == f"{closed} could not be read."
    assert caught.value.cause == "Permission denied."


# Secrets


def test_what_is_read_teaches_what_is_secret(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "own.toml").write_text(
        'url = "https://me:fr0m-a-url@example.com/"\npassword = "n0t-ours"\n'
    )
    (tmp_path / "settings.toml").write_text('password = "t0p-secret"\n')
    project = Project(tmp_path / "app")
    project.text("own.toml")
    project.text("../settings.toml")
    assert redacted("fr0m-a-url n0t-ours t0p-secret") == "**** n0t-ours ****"


def test_settings_outside_of_the_application_are_digested_without_their_secrets(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    settings = tmp_path / "settings.toml"

    def digest(text: str) -> str:
        settings.write_text(text)
        return Project(tmp_path / "app").digest(str(settings))

    first = digest('url = "https://me:s3cret-one@example.com/"\n')
    assert first == digest('url = "https://me:s3cret-two@example.com/"\n')
    assert first != digest('url = "https://me:s3cret-two@example.com/other"\n')
    # As bytes, where it is no text.
    assert digest("://a:b@c\0") == hashlib.sha256(b"://a:b@c\0").hexdigest()
    assert digest("://a:b@c" + " " * 100_000) == hashlib.sha256(b"://a:b@c" + b" " * 100_000).hexdigest()
    settings.unlink()
    assert Project(tmp_path / "app").digest(str(settings)) == "absent"


def test_a_file_of_the_application_is_digested_as_it_is(tmp_path: Path) -> None:
    text = b"https://me:s3cret-one@example.com/"
    (tmp_path / "requirements.txt").write_bytes(text)
    assert Project(tmp_path).digest("requirements.txt") == hashlib.sha256(text).hexdigest()


def test_what_is_in_the_tree_is_not_outside_of_the_application(tmp_path: Path, secret: Path) -> None:
    root = tmp_path / "tree" / "services" / "api"
    root.mkdir(parents=True)
    (root / "link").symlink_to("../../lib")
    project = Project(root, tmp_path / "tree")
    assert not any(map(project.is_outside, ("a", "../../lib/a", "link/a", str(tmp_path / "tree"))))
    assert all(map(project.is_outside, ("../../../a", str(secret))))


def test_a_name_is_looked_for_upward_to_the_top_of_the_tree(tmp_path: Path) -> None:
    assert Project(tmp_path / "a" / "b", tmp_path).upward("x") == ("x", "../x", "../../x")
    assert Project(tmp_path).upward("x") == ("x",)


def test_a_dependency_that_is_lost_outside_of_the_tree_is_named_with_what_to_build(tmp_path: Path) -> None:
    (tmp_path / "tree" / "api").mkdir(parents=True)
    (tmp_path / "there").mkdir()
    project = Project(tmp_path / "tree" / "api", tmp_path / "tree")
    for name in ("../../there", "../lib", "lib", "", "/nowhere/lib", "../../a\0b"):
        project.refuse_lost(name, "a.lock")
    with pytest.raises(UserError) as raised:
        project.refuse_lost("../../lib", "requirements.txt:1")
    assert raised.value.summary == "../../lib does not exist."
    assert raised.value.cause.startswith(f"requirements.txt:1 names it. It is outside {tmp_path}/tree,")
    assert raised.value.reference == "path-outside-tree"
