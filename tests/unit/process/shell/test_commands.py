from __future__ import annotations

import pytest

from layerwright.process.shell._commands import NotUnderstood, Simple, commands
from layerwright.process.shell.tokens import scan


def shown(simple: Simple) -> str:
    return " ".join(token.text for token in (*simple.assignments, *simple.words))


def simple(text: str, *, certain: bool = False) -> list[str]:
    return [shown(each) for each in commands(scan(text).tokens)[0] if each.certain or not certain]


def last(text: str) -> tuple[list[str], str]:
    found = commands(scan(text).tokens)[1]
    return [shown(each) for each in found.commands], found.instead


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a b", ["a b"]),
        ("A=1 B=2 a C=3", ["A=1 B=2 a C=3"]),
        ("a; b & c && d || e\n\nf;", ["a", "b", "c", "d", "e", "f"]),
        ("a |\n b |& c", ["a", "b", "c"]),
        ("a >b 2>&1 c <d 3 >e", ["a c 3"]),
        (">log a", ["a"]),
        ("! a && time b", ["a", "b"]),
        ("(a; b) >c; d", ["a", "b", "d"]),
        ("{ a; b\n} 2>c", ["a", "b"]),
        ("if a; then b; elif c\nthen d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("while a; do b; done <c; until d; do e; done", ["a", "b", "d", "e"]),
        ("for a in b c; do d; done; for a\ndo e; done", ["d", "e"]),
        ("[[ a && b || ( c ) ]] && d", ["d"]),
        ("((a)) && b", ["b"]),
        ("((a) && b); ((c); (d))", ["a", "b", "c", "d"]),
        ("((a # it's\n) && b)", ["a", "b"]),
        ("a if", ["a if"]),
    ],
)
def test_every_simple_command_is_found(text: str, found: list[str]) -> None:
    assert simple(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a", ["a"]),
        ("a && b", ["b"]),
        ("a || b", ["b"]),
        ("a; b;", ["b"]),
        ("a & b", ["b"]),
        ("a\nb\n", ["b"]),
        ("{ a; b; } >c", ["b"]),
        ("if a; then b; c; elif d; then e; else f; fi", ["c", "e", "f"]),
        ("if a; then b; fi", ["b"]),
    ],
)
def test_the_last_command_is_known_whichever_way_it_is_reached(text: str, found: list[str]) -> None:
    assert last(text) == (found, "")


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("a | b", "is a pipeline"),
        ("a &", "runs in the background"),
        ("! a", "has a result that the shell checks"),
        ("(a)", "is in a subshell"),
        ("while a; do b; done", "is a loop"),
        ("for a in b; do c; done", "is a loop"),
        ("[[ a ]]", "is `[[`, which is built into the shell"),
        ("((a))", "is `((`, which is built into the shell"),
    ],
)
def test_a_last_command_that_the_shell_stays_for_says_why(text: str, instead: str) -> None:
    assert last(text) == ([], instead)


def test_one_branch_may_have_such_a_command_and_another_none() -> None:
    assert last("if a; then b | c; else d; fi") == (["d"], "is a pipeline")


@pytest.mark.parametrize(
    "text",
    [
        "case a in b) c;; esac",
        "a() { b; }",
        "function a { b; }",
        "a; fi",
        "if a; then b",
        "a && ",
        "a | ",
        "(a",
        "a)",
        "; a",
        "{ a",
        "[[ a",
        "a >",
        "a > ;",
        "",
        "if a; b",
        "for a in b",
        "a b)",
        "while a; done",
    ],
)
def test_what_is_no_list_of_commands_or_defines_some_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstood):
        commands(scan(text).tokens)


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("a && b; c", ["a", "b", "c"]),
        ("a || b; c", ["c"]),
        ("command -v a && b; c", ["command -v a", "c"]),
        ("[ -x a ] && b", ["[ -x a ]"]),
        ("[[ a ]] && b; c", ["c"]),
        ("((a)) && b; c", ["c"]),
        ("if a; then b; fi; c", ["c"]),
    ],
)
def test_what_is_run_only_by_a_condition_is_not_certain(text: str, certain: list[str]) -> None:
    assert simple(text, certain=True) == certain
