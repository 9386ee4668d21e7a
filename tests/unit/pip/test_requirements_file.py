"""What requirements files lead to: files, requirements, options, and whether that locks everything."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from layerwright import Project, UserError
from layerwright_pip.requirement import Kind
from layerwright_pip.requirements_file import Closure, OptionLine, read_closure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.testing.applications import Application

HASH = "--hash=sha256:" + 64 * "0"


def closure(
    app: Application,
    *names: str,
    constraints: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> Closure:
    return read_closure(
        Project(app.path), environment or {}, names or ("requirements.txt",), constraints=constraints
    )


def texts(found: Closure) -> list[str]:
    return [requirement.text for requirement in found.requirements]


def test_included_files_are_read_where_they_are_included(app: Application) -> None:
    app.write("requirements.txt", "one\n-r reqs/dev.txt\nfour\n")
    app.write("reqs/dev.txt", "two\n-c limits.txt\nthree\n")
    app.write("reqs/limits.txt", "five<6\n")
    found = closure(app)
    assert texts(found) == ["one", "two", "five<6", "three", "four"]
    assert [r.constraint for r in found.requirements] == [False, False, True, False, False]
    assert list(found.files) == ["requirements.txt", "reqs/dev.txt", "reqs/limits.txt"]
    assert found.files["reqs/limits.txt"] == hashlib.sha256(b"five<6\n").hexdigest()


def test_constraints_of_pips_own_settings_are_read_as_well(app: Application) -> None:
    app.write("requirements.txt", "one")
    app.write("limits.txt", "one<2")
    found = closure(app, constraints=("limits.txt",))
    assert [(r.place, r.constraint) for r in found.requirements] == [
        ("limits.txt:1", True),
        ("requirements.txt:1", False),
    ]


def test_a_file_can_be_included_by_its_url(app: Application) -> None:
    app.write("requirements.txt", f"-r {(app.path / 'other.txt').as_uri()}")
    app.write("other.txt", "one")
    assert texts(closure(app)) == ["one"]


def test_a_file_can_be_included_twice(app: Application) -> None:
    app.write("requirements.txt", "-r a.txt\n-r a.txt")
    app.write("a.txt", "one")
    assert texts(closure(app)) == ["one", "one"]


def test_files_that_include_the_next_one_twice_are_not_read_without_an_end(app: Application) -> None:
    for number in range(200):
        app.write(f"{number}.txt", f"-r {number + 1}.txt\n" * 2)
    app.write("200.txt", "one")
    with pytest.raises(UserError) as error:
        closure(app, "0.txt")
    assert error.value.summary == "The requirements files include others more than 300 times."
    assert error.value.reference == "recursive-requirements-file"


def test_a_file_that_includes_itself_is_an_error_that_names_the_way(app: Application) -> None:
    app.write("requirements.txt", "-r a.txt")
    app.write("a.txt", "one\n-r ./a.txt")
    with pytest.raises(UserError) as error:
        closure(app)
    assert error.value.summary == "a.txt includes itself."
    assert error.value.cause == "a.txt includes a.txt."
    assert error.value.remedy == ("Remove the line a.txt:2.",)


def test_a_longer_cycle_is_named_in_full(app: Application) -> None:
    app.write("requirements.txt", "-r sub/a.txt")
    app.write("sub/a.txt", "-c ../requirements.txt")
    with pytest.raises(UserError) as error:
        closure(app)
    assert error.value.cause == "requirements.txt includes sub/a.txt includes requirements.txt."


def test_a_missing_included_file_is_named_with_its_place(app: Application) -> None:
    app.write("reqs/a.txt", "\n-r b.txt")
    with pytest.raises(UserError) as error:
        closure(app, "reqs/a.txt")
    assert error.value.summary == "reqs/b.txt does not exist."
    assert error.value.cause.startswith("reqs/a.txt:2 includes it")


def test_a_missing_configured_file_is_named(app: Application) -> None:
    with pytest.raises(UserError) as error:
        closure(app, "prod.txt")
    assert error.value.summary == "prod.txt does not exist."
    assert error.value.reference == "missing-requirements-file"


def test_one_bad_line_is_an_error_with_its_place(app: Application) -> None:
    app.write("requirements.txt", "flask\nfla sk")
    with pytest.raises(UserError) as error:
        closure(app)
    assert error.value.summary == "A line is not a requirement."
    assert error.value.cause.startswith("requirements.txt:2: fla sk: ")


def test_all_bad_lines_of_a_file_are_reported_at_once(app: Application) -> None:
    app.write("requirements.txt", "a=1\nflask\n./none")
    with pytest.raises(UserError) as error:
        closure(app)
    assert error.value.summary == "2 lines are not requirements."
    assert [line.partition(": ")[0] for line in error.value.cause.splitlines()] == [
        "requirements.txt:1",
        "requirements.txt:3",
    ]


def test_of_very_many_bad_lines_the_first_are_reported(app: Application) -> None:
    app.write("requirements.txt", "a b\n" * 60 + "x" * 10_000 + " y\n")
    with pytest.raises(UserError) as error:
        closure(app)
    assert error.value.summary == "61 lines are not requirements."
    assert len(error.value.cause.splitlines()) == 51
    assert error.value.cause.endswith("\n… and 11 more")


def test_what_an_error_quotes_has_no_secret_in_it(app: Application) -> None:
    app.write("requirements.txt", "${TOKEN} flask")
    with pytest.raises(UserError) as error:
        closure(app, environment={"TOKEN": "s3cret"})
    assert "s3cret flask" not in error.value.cause


def test_what_cannot_be_seen_is_shown_in_a_line_that_is_no_requirement(app: Application) -> None:
    app.write("requirements.txt", "flask\u200b==1\n\x1b[8msix")
    with pytest.raises(UserError) as error:
        closure(app)
    assert r"flask\u200b==1" in error.value.cause
    assert r"\x1b[8msix" in error.value.cause


def test_utf_16_without_a_byte_order_mark_is_named(app: Application) -> None:
    app.write("requirements.txt", "six==1.17.0\n".encode("utf-16-le"))
    with pytest.raises(UserError) as error:
        closure(app)
    assert error.value.summary == "requirements.txt is not UTF-8 text."
    assert "UTF-16" in error.value.cause
    assert error.value.remedy == ("Save requirements.txt with the encoding UTF-8.",)


# Outside of the application

SHADOW = "root:$6$hunter2:19000:0:99999:7:::\n-e hunter2\n--hunter2\n-r hunter2.txt\n"


def test_a_link_that_leads_nowhere_is_named(app: Application) -> None:
    (app.path / "requirements.txt").symlink_to("../../shared.txt")
    with pytest.raises(UserError) as error:
        closure(app)
    assert error.value.summary == "requirements.txt is a broken link."


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (SHADOW, [1, 2, 3, 4]),
        ("# coding: hunter2\n", None),
        ("hunter2\n\xff", None),
        ("-r hunter2.txt\n", [1]),
    ],
)
@pytest.mark.parametrize("way", ["link", "include", "absolute"])
def test_nothing_of_a_file_outside_is_shown(
    app: Application, way: str, text: str, lines: list[int] | None
) -> None:
    outside = app.path.parent / "shadow.txt"
    outside.write_bytes(text.encode("latin-1"))
    if way == "link":
        (app.path / "requirements.txt").symlink_to(outside)
    else:
        app.write("requirements.txt", f"-r {'../shadow.txt' if way == 'include' else outside}\n")
    with pytest.raises(UserError) as error:
        closure(app)
    shown = "\n".join([error.value.summary, error.value.cause, *error.value.remedy])
    assert "hunter2" not in shown
    file = {"link": "requirements.txt", "include": "../shadow.txt", "absolute": str(outside)}[way]
    assert file in shown
    if lines is not None:
        assert error.value.cause.splitlines() == [
            f"{file}:{line}: (not shown, because the file is outside the application)" for line in lines
        ]


@pytest.mark.parametrize("name", ["token", "shadow-", "id_rsa.pub"])
def test_what_lies_outside_and_is_not_called_like_requirements_is_not_read(
    app: Application, name: str
) -> None:
    outside = app.path.parent / name
    outside.write_text("hunter2\n")
    (app.path / "link.txt").symlink_to(outside)
    for line in (f"-r ../{name}", f"-c {outside}", "-r link.txt", f"-r {outside.as_uri()}"):
        app.write("requirements.txt", line)
        with pytest.raises(UserError) as error:
            closure(app)
        assert error.value.reference == "outside-requirements-file"
        assert error.value.cause == f"It is {outside}. pip would print its contents."


def test_requirements_outside_are_read_and_so_is_what_pips_own_settings_name(app: Application) -> None:
    (app.path.parent / "shared.txt").write_text("one>=1\n")
    (app.path.parent / "limits").write_text("one<2\ntwo\n")
    app.write("requirements.txt", "-r ../shared.txt")
    assert texts(closure(app, constraints=("../limits",))) == ["one<2", "two", "one>=1"]


@pytest.mark.parametrize("option", ["-r", "-c"])
def test_a_word_alone_in_a_file_outside_may_be_a_password_and_is_not_given_to_pip(
    app: Application, option: str
) -> None:
    (app.path.parent / "shared.txt").write_text("one>=1\nhunter2\n")
    app.write("requirements.txt", f"{option} ../shared.txt")
    with pytest.raises(UserError) as error:
        closure(app)
    assert error.value.reference == "outside-requirements-file"
    assert error.value.summary == "../shared.txt:2 is a single word, in a file outside the application."
    assert "hunter2" not in f"{error.value.cause}{error.value.remedy}"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("-e ./pkg", "is editable"),
        ("-e git+https://example.com/a#egg=a", "is editable"),
        ("a @ git+https://example.com/a", "is a repository"),
        ("-r https://example.com/more.txt", "is a file from the network"),
        ("--no-such-option", "has options that Layerwright cannot read (no such option: --no-such-option)"),
    ],
)
def test_what_can_change_unseen_is_reported_with_its_place(app: Application, line: str, reason: str) -> None:
    app.write("pkg/pyproject.toml", "")
    app.write("requirements.txt", f"flask\n{line}")
    found = closure(app)
    assert found.unprovable == (f"requirements.txt:2 {reason}",)
    assert not found.hash_locked


def test_a_local_directory_is_seen_to_change(app: Application) -> None:
    app.write("pkg/pyproject.toml", "")
    app.write("requirements.txt", "./pkg")
    found = closure(app)
    assert (found.unprovable, found.local, found.hash_locked) == ((), ("pkg",), False)


def test_a_configured_file_of_the_network_can_change_unseen(app: Application) -> None:
    assert closure(app, "https://example.com/r.txt").unprovable == (
        "requirements is a file from the network",
    )


@pytest.mark.parametrize(
    ("text", "locked"),
    [
        (f"flask==3 {HASH}\ndjango==5 {HASH}", True),
        (f"flask==3 {HASH}\ndjango==5", False),
        (f"flask==3 {HASH}\n-c limits.txt", True),
        (f"flask==3 {HASH}\na @ https://example.com/a.zip#sha256={64 * '0'}", True),
        (f"a @ https://example.com/a.zip#sha256={64 * '0'}", False),
        (f"--require-hashes\na @ https://example.com/a.zip#sha256={64 * '0'}", True),
        (f"flask==3 {HASH}\na @ https://example.com/a.zip", False),
        (f"--no-require-hashes\nflask==3 {HASH}", False),
        ("flask==3", False),
        ("", True),
    ],
)
def test_all_is_locked_when_every_hash_is_given(app: Application, text: str, locked: bool) -> None:
    app.write("limits.txt", "flask<4")
    app.write("requirements.txt", text)
    assert closure(app).hash_locked is locked


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        (f"flask==3 {HASH}\ndjango", True),
        ("flask\n-c hashed.txt", True),
        ("--require-hashes\nflask", True),
        (f"--no-require-hashes\nflask==3 {HASH}", False),
        ("flask", False),
    ],
)
def test_one_hash_is_enough_for_all_to_be_checked(app: Application, text: str, checked: bool) -> None:
    app.write("hashed.txt", f"flask==3 {HASH}")
    app.write("requirements.txt", text)
    assert closure(app).hash_checked is checked


def test_archives_and_directories_are_local_inputs_but_editable_ones_are_not(app: Application) -> None:
    app.write("pkg/pyproject.toml", "")
    app.write("own/pyproject.toml", "")
    app.write("a.whl", "")
    app.write("requirements.txt", "flask\n./pkg\n./pkg[x]\na.whl\n-e ./own")
    found = closure(app)
    assert found.local == ("pkg", "a.whl")
    assert [r.target.kind for r in found.requirements][-1] is Kind.DIRECTORY


def test_variables_that_are_set_and_no_credentials_matter(app: Application) -> None:
    app.write("requirements.txt", "-i https://${USER}:${TOKEN}@${HOST}/simple\n${NAME}==${UNSET}1")
    environment = {"USER": "u", "TOKEN": "t", "HOST": "example.com", "NAME": "flask"}
    with pytest.raises(UserError):  # ${UNSET} stays, and is no version
        closure(app, environment=environment)
    found = closure(app, environment={**environment, "UNSET": "3."})
    assert found.variables == ("HOST", "NAME", "UNSET")
    assert texts(found) == ["${NAME}==${UNSET}1"]


def test_lines_of_options_are_kept_as_written(app: Application) -> None:
    app.write("reqs/a.txt", "--pre # why\n-i https://${TOKEN}@example.com/simple\n-f wheels\n-f elsewhere")
    app.write("reqs/wheels/a.whl", "")
    found = closure(app, "reqs/a.txt", environment={"TOKEN": "t"})
    assert found.options == (
        OptionLine(place="reqs/a.txt:1", text="--pre"),
        OptionLine(place="reqs/a.txt:2", text="-i https://${TOKEN}@example.com/simple"),
        OptionLine(place="reqs/a.txt:3", text="-f wheels", find_links=str(app.path / "reqs" / "wheels")),
        OptionLine(place="reqs/a.txt:4", text="-f elsewhere"),
    )
    assert found.options[2].lines == ("-f wheels", f"--find-links {app.path}/reqs/wheels")
    assert found.options[3].lines == ("-f elsewhere",)


def test_build_options_are_reported_with_their_place(app: Application) -> None:
    app.write("requirements.txt", "flask\ndjango --config-settings=a=b")
    assert closure(app).built_otherwise == ("requirements.txt:2 has build options",)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(app: Application, encoding: str) -> None:
    app.write("requirements.txt", "flask # é".encode(encoding))
    assert texts(closure(app)) == ["flask"]


@pytest.mark.parametrize("first", ["", "#!x\n"])
def test_a_declaration_tells_the_encoding(app: Application, first: str) -> None:
    app.write("requirements.txt", f"{first}# -*- coding: latin-1 -*-\nflask # é".encode("latin-1"))
    assert texts(closure(app)) == ["flask"]


@pytest.mark.parametrize("declared", ["klingon", "ascii"])
def test_a_wrong_declaration_is_an_error(app: Application, declared: str) -> None:
    app.write("requirements.txt", f"# coding: {declared}\nflask # é")
    with pytest.raises(UserError, match="not in its declared encoding"):
        closure(app)


def test_what_is_neither_utf_8_nor_declared_is_an_error(app: Application) -> None:
    app.write("requirements.txt", "flask\n# é".encode("latin-1"))
    with pytest.raises(UserError, match=r"requirements\.txt is not UTF-8 text"):
        closure(app)


@pytest.mark.parametrize(
    "line", ["../lib", "-e ../lib", "../lib[fast] ; python_version > '3'", "../wheels/a-1.whl"]
)
def test_a_directory_that_the_source_tree_lacks_is_named_before_anything_is_installed(
    app: Application, line: str
) -> None:
    app.write("requirements.txt", f"flask\n{line}\n")
    with pytest.raises(UserError) as error:
        closure(app)
    assert error.value.reference == "path-outside-tree"
    assert error.value.summary.startswith("../")
    assert error.value.cause.startswith("requirements.txt:2 names it.")


def test_pip_reports_an_editable_directory_that_the_application_lacks(app: Application) -> None:
    app.write("requirements.txt", "-e ./lib\n")
    assert texts(closure(app)) == ["./lib"]
