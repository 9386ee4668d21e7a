from __future__ import annotations

import pytest

from layerwright.process.shell.script import read_script


@pytest.mark.parametrize(
    ("text", "launched"),
    [
        ("serve", 'exec serve "$@"'),
        ("serve $PORT", 'exec serve $PORT "$@"'),
        ("cd src && serve", 'cd src && exec serve "$@"'),
        ("A=1 B='x y' serve", """A=1 B='x y' exec serve "$@\""""),
        ("export A=1; serve", 'export A=1; exec serve "$@"'),
        ("work & serve", 'work & exec serve "$@"'),
        ("migrate\nserve", 'migrate\nexec serve "$@"'),
        ("serve >log 2>&1", 'exec serve "$@" >log 2>&1'),
        ("serve $A # a note", 'exec serve $A "$@" # a note'),
        ("exec serve $PORT", 'exec serve $PORT "$@"'),
        ('exec serve "$@"', 'exec serve "$@"'),
        ('serve "$1"', 'exec serve "$1"'),
        ("if a; then serve x; else serve y; fi", 'if a; then exec serve x "$@"; else exec serve y "$@"; fi'),
        ("if a; then serve x; else wait; fi", 'if a; then exec serve x "$@"; else wait; fi'),
        ("exec >log; serve", 'exec >log; exec serve "$@"'),
    ],
)
def test_the_last_command_takes_the_place_of_the_shell_and_gets_the_arguments(
    text: str, launched: str
) -> None:
    assert read_script(text).launched == launched
    assert read_script(text).takes_arguments
    assert read_script(launched).launched == launched


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("serve | tee log", "is a pipeline"),
        ("serve & work & wait", "is `wait`, which is built into the shell"),
        ("A=1", "sets variables"),
        ("exec >log", "is `exec`, which is built into the shell"),
        ("case $A in b) serve;; esac", "is not clear from its text"),
        ("cat <<END\na\nEND", "is not clear from its text"),
        ("trap 'kill 0' TERM; serve & wait", ""),
        ("trap a EXIT; serve", ""),
    ],
)
def test_a_script_whose_last_command_cannot_do_so_is_left_as_it_is(text: str, instead: str) -> None:
    script = read_script(text)
    assert (script.launched, script.instead, script.takes_arguments) == (text, instead, False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("serve 'a b' --c", ("serve", "a b", "--c")),
        ("serve x # note", ("serve", "x")),
        ("", ()),
        ("serve $A", None),
        ("serve >log", None),
        ("A=1 serve", None),
        ("cd src", None),
        ("serve &", None),
        ("serve;", None),
        ("time serve", None),
        ("[[ a ]]", None),
        ("((a))", None),
    ],
)
def test_a_command_of_plain_words_needs_no_shell(text: str, words: tuple[str, ...] | None) -> None:
    assert read_script(text).words == words


def test_programs_are_those_that_are_started_for_certain_with_their_arguments() -> None:
    script = read_script('cd src; A=1 migrate --x && exec serve "$PORT" "$@"; $B; test c; if d; then e; fi')
    found = [[token.text for token in program] for program in script.programs]
    assert found == [["migrate", "--x"], ["serve", '"$PORT"']]


def test_a_script_that_changes_its_path_starts_an_unknown_program() -> None:
    assert [read_script(text).programs for text in ("PATH=a:$PATH b", "export PATH=a; b")] == [(), ()]


def test_a_script_may_change_its_directory() -> None:
    assert [read_script(text).moves for text in ("cd a; b", "pushd a; b", "b cd")] == [True, True, False]
