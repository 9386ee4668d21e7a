"""A line of a requirements file says to the plugin what it says to pip."""

from __future__ import annotations

import pytest

from layerwright_pip.requirement_line import (
    Line,
    credential_variables,
    expanded,
    logical_lines,
    parse_line,
    variables,
)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("flask\n\n  django  \n", [(1, "flask"), (3, "django")]),
        ("# all\nflask # web\n", [(2, "flask")]),
        ("https://example.com/p.zip#egg=p", [(1, "https://example.com/p.zip#egg=p")]),
        ("flask \\\n --hash=a\ndjango", [(1, "flask  --hash=a"), (3, "django")]),
        ("flask \\\n# why\ndjango", [(1, "flask"), (3, "django")]),
        ("# a path\\\nflask", [(2, "flask")]),
        ("flask \\", [(1, "flask")]),
        ("flask\r\ndjango\fgamma", [(1, "flask"), (2, "django"), (3, "gamma")]),
        ("", []),
    ],
    ids=[
        "blank lines say nothing",
        "comments say nothing",
        "a # inside a word is no comment",
        "a continued line has the number of its first",
        "a comment ends a continued line",
        "a comment is not continued",
        "the last line can be continued",
        "any line boundary ends a line",
        "an empty file says nothing",
    ],
)
def test_logical_lines(text: str, lines: list[tuple[int, str]]) -> None:
    assert list(logical_lines(text)) == lines


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a==3.1", Line(requirement="a==3.1")),
        ("a==3.1 --hash=x:aa  --hash y:bb", Line(requirement="a==3.1", hashes=("x:aa", "y:bb"))),
        ("a --hash='x:aa' -C a=b", Line(requirement="a", hashes=("x:aa",), has_build_options=True)),
        ('a ; python_version > "3" -r other.txt', Line(requirement='a ; python_version > "3"')),
        ("-e ./src -r other.txt", Line(requirement="./src", editable=True)),
        (
            "--editable=git+https://example.com/x",
            Line(requirement="git+https://example.com/x", editable=True),
        ),
        ("-r base.txt", Line(include="base.txt")),
        ("-rbase.txt -r ignored.txt", Line(include="base.txt")),
        ("--requirement='with space.txt'", Line(include="with space.txt")),
        ("-c limits.txt", Line(include="limits.txt", include_constraints=True)),
        ("-c limits.txt -r base.txt", Line(include="base.txt")),
        ("--req a", Line(problem="ambiguous option: --req (--require-hashes, --requirement?)")),
        ("--require-hashes", Line(require_hashes=True)),
        ("--no-require-hashes", Line(require_hashes=False)),
        ("-f ./wheels --index https://example.com/simple", Line(find_links="./wheels")),
        ("--no-such-option", Line(problem="no such option: --no-such-option")),
        ("a --hash 'x:aa", Line(requirement="a", problem="No closing quotation")),
    ],
)
def test_a_line_says(line: str, said: Line) -> None:
    assert parse_line(line) == said


def test_one_line_does_not_leak_into_the_next() -> None:
    parse_line("flask --hash='sha256:aa' --config-settings=a=b")
    assert parse_line("django --config-settings=a=b") == Line(requirement="django", has_build_options=True)


def test_only_upper_case_variables_in_braces_count() -> None:
    assert variables("$A ${b} ${C_1} ${D}") == ("C_1", "D")


def test_a_variable_that_is_unset_or_empty_stays() -> None:
    assert expanded("${A} ${B} ${C}", {"A": "x", "B": ""}) == "x ${B} ${C}"


def test_a_variable_that_is_only_ever_a_credential_is_distinguished_from_others() -> None:
    line = "--index-url https://${USER}:${TOKEN}@${HOST}/${USER}/simple"
    assert credential_variables(line) == {"TOKEN"}
