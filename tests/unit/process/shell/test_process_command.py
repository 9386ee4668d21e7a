from __future__ import annotations

import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layerwright.process.shell.process_command import (
    process_command,
    script_of,
    takes_arguments,
    text_of,
    through_shell,
)

if TYPE_CHECKING:
    from pathlib import Path

SHELLS = [shell for shell in ("sh", "dash", "bash") if shutil.which(shell)]
needs_bash = pytest.mark.skipif("bash" not in SHELLS, reason="there is no bash on this machine")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("gunicorn app:app", ("gunicorn", "app:app")),
        ("  gunicorn   app:app  ", ("gunicorn", "app:app")),
        ("gunicorn \"app:create(1)\" --name 'a $b; c'", ("gunicorn", "app:create(1)", "--name", "a $b; c")),
        (r"echo a\ b \$HOME", ("echo", "a b", "$HOME")),
        ("python -m app --name=x", ("python", "-m", "app", "--name=x")),
        ("serve \\\n --fast # soon", ("serve", "--fast")),
        ("bash script.sh", ("bash", "script.sh")),
    ],
)
def test_a_plain_command_line_needs_no_shell(text: str, words: tuple[str, ...]) -> None:
    assert process_command(text) == words


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("gunicorn -b :$PORT app:app", 'exec gunicorn -b :$PORT app:app "$@"'),
        ('gunicorn -b "0.0.0.0:${PORT}" app:app', 'exec gunicorn -b "0.0.0.0:${PORT}" app:app "$@"'),
        ("""echo "it's $HOME, isn't it" """, """exec echo "it's $HOME, isn't it" "$@\""""),
        (r'echo "costs \$5"', r'exec echo "costs \$5" "$@"'),
        ("cat *.txt", 'exec cat *.txt "$@"'),
        ("migrate && serve", 'migrate && exec serve "$@"'),
        ("A=1 exec serve", 'A=1 exec serve "$@"'),
        ("sh -c 'cd src && serve'", 'cd src && exec serve "$@"'),
        ("sh -c serve", 'exec serve "$@"'),
    ],
)
def test_what_only_a_shell_understands_is_given_to_one(text: str, script: str) -> None:
    assert process_command(text) == ("sh", "-c", script, "sh")


def test_what_only_bash_understands_is_given_to_bash() -> None:
    assert process_command("source env && serve") == ("bash", "-c", 'source env && exec serve "$@"', "bash")
    assert process_command("sh -c 'source env && serve'")[0] == "bash"
    assert process_command("/bin/bash -c 'source env && serve'")[0] == "/bin/bash"


@pytest.mark.parametrize(
    "text", ["serve | tee log", "cd site", "wait", "time serve", "case $A in b) serve;; esac"]
)
def test_a_script_that_the_shell_stays_for_is_left_as_it_is(text: str) -> None:
    assert process_command(text)[1:] == ("-c", text)


@pytest.mark.parametrize("text", ["echo 'a", 'echo "a', "echo a\\"])
def test_what_is_open_at_the_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nothing to close it"):
        process_command(text)


WORD = st.sampled_from(
    ["a", "'b c'", '"d e"', '"$HOME"', "$HOME", "'$HOME'", r"\$HOME", '"it\'s"', "x=1", "#", '"\\$f"']
)


@given(st.lists(WORD, max_size=4))
def test_a_command_line_gives_the_arguments_that_a_shell_would_give(words: list[str]) -> None:
    text = " ".join(["printf '<%s>'", *words])
    environment = {"HOME": "home", "PATH": os.environ["PATH"]}
    ours = subprocess.run(process_command(text), env=environment, capture_output=True, check=True)
    shell = subprocess.run(["sh", "-c", text], env=environment, capture_output=True, check=True)
    assert ours.stdout == shell.stdout


# As they stand in Procfiles that work on platforms which give each line to bash; `show` prints what reaches it.
PROCFILE = r"""
show --bind 0.0.0.0:$PORT
show migrate && show collect
cd src && show "two words" 'single $PORT'
A=1 show
A=1 B=2 show
source ./env.sh && show
. ./env.sh && show
if [[ -z "$PORT" ]]; then show none; else show $PORT; fi
show {a,b}
show $'a\tb'
show ${NONE:-5000}
show $(echo hi)
show one & wait; show two
exec show e
show ~/x
show *.sh
show a\ b "c\"d" 'e"f'
show p | cat
show c # note
show --x=1 --y="a b"
show a:b http://x:1
show %s 100%
show '$PORT' "$PORT"
[[ $PORT == 80* ]] && show "${PORT:0:2}"
A=(x y); show "${A[@]}" ${PORT/8/9}
show <(true) | cut -c 1-4
set -o pipefail; show a
{ show a; show b; } >log; cat log
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("place")
    (directory / "src").mkdir()
    (directory / "env.sh").write_text("export A=fromenv\n")
    show = directory / "bin" / "show"
    show.parent.mkdir()
    show.write_text('#!/bin/sh\nprintf \'<%s>\' "$@" "${PWD##*/}" "$A"; echo\n[ "$1" != no ]\n')
    show.chmod(0o755)
    return directory


def outcome(place: Path, *command: str) -> tuple[int, str]:
    path = f"{place / 'bin'}:{os.environ['PATH']}"
    environment = {"HOME": "/home/someone", "PATH": path, "PORT": "8080"}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, check=False, text=True)
    return done.returncode, done.stdout


def ran(place: Path, *command: str) -> str:
    status, output = outcome(place, *command)
    assert status == 0
    return output


def with_shell(shell: str, command: tuple[str, ...]) -> tuple[str, ...]:
    """Return *command* for a machine on which ``sh`` is *shell*."""
    return (shell, *command[1:]) if command[0] == "sh" else command


@needs_bash
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("line", PROCFILE.strip().splitlines())
def test_a_line_does_what_it_does_where_every_line_is_given_to_bash(
    place: Path, line: str, shell: str
) -> None:
    assert ran(place, *with_shell(shell, process_command(line))) == ran(place, "bash", "-c", line)


COMMANDS = st.sampled_from(
    [
        "show a",
        "show $PORT 'b c'",
        "show no",
        'A=5 show "d $A"',
        "show $(echo e f) `echo g`",
        "show >&1",
        "exec show h",
        "cd src",
        "export A=1",
        "A=2",
        "true",
        "false",
        '[ -n "$A" ]',
        ". ./env.sh",
        "show i | cat",
        "show # it's",
    ]
)
SCRIPTS = st.recursive(
    COMMANDS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([";", " && ", " || ", "\n"]), inner).map("".join),
        st.tuples(inner, inner).map(lambda each: f"if {each[0]}\nthen {each[1]}\nelse show j\nfi"),
        inner.map("{{ {}\n}}".format),
        inner.map("({}\n)".format),
        inner.map("for A in 1 2; do {}\ndone".format),
        inner.map("case $PORT in 8*) {}\nesac".format),
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=SCRIPTS)
def test_a_script_does_as_written_though_its_last_command_takes_the_place_of_the_shell(
    place: Path, script: str, shell: str
) -> None:
    command = with_shell(shell, process_command(script))
    assert outcome(place, *command) == outcome(place, shell, "-c", script)


@needs_bash
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "line",
    [
        "show",
        "show $PORT",
        "cd . && show",
        "export B=1; show",
        "show $(echo x)",
        "[[ a ]] && show",
        "exec show",
        "if true; then show; fi",
        "show >&1",
        "A= show",
    ],
)
def test_arguments_at_launch_reach_the_last_command(place: Path, line: str, shell: str) -> None:
    command = with_shell(shell, process_command(line))
    assert "<two words><$PORT>" in ran(place, *command, "two words", "$PORT")
    assert "words" not in ran(place, *command)


SERVER = "trap 'echo got TERM; exit' TERM; echo up; while :; do sleep 0.05; done"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "line",
    [
        "serve",
        "serve $PORT",
        "cd src && serve",
        "A=1 serve",
        "export A=1; serve",
        "serve $(echo x)",
        "true && serve",
        "false || serve",
        "sleep 0 & serve",
        "if true; then serve; fi",
        "{ serve; }",
        "sh -c 'cd src && serve'",
    ],
)
def test_the_server_gets_the_signal_that_is_sent_to_the_process(place: Path, line: str, shell: str) -> None:
    server = place / "bin" / "serve"
    server.write_text(f"#!/bin/sh\n{SERVER}\n")
    server.chmod(0o755)
    environment = {"PATH": f"{server.parent}:{os.environ['PATH']}"}
    command = with_shell(shell, process_command(line))
    with subprocess.Popen(command, cwd=place, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "got TERM\n"
    assert process.returncode == 0


def test_an_assignment_reaches_the_process_that_the_shell_makes_way_for() -> None:
    command = process_command("GREETING='good day' printenv GREETING")
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"good day\n"


def test_a_command_for_a_shell_that_is_no_script_or_not_closed_is_left_as_it_is() -> None:
    for command in (("sh", "-c", "a $1", "x", "y"), ("sh", "-x", "a"), ("sh", "-c", "a 'b"), ("serve",)):
        assert through_shell(command) == command


def test_a_command_is_shown_as_a_command_line_that_gives_it_again() -> None:
    for line in ("serve --fast", "serve 'a b' ''", 'cd src && exec serve "$@"', "serve | tee log"):
        assert text_of(process_command(line)) == line
    assert text_of(("sh", "-c", "a", "x", "y")) == "sh -c a x y"


def test_a_command_is_known_from_what_it_was_turned_into() -> None:
    script = script_of(process_command("cd src && serve $PORT"))
    assert [[token.text for token in program] for program in script.programs] == [["serve", "$PORT"]]
    plain = script_of(("serve", "a b"))
    assert [[token.text for token in program] for program in plain.programs] == [["serve", "'a b'"]]
    assert plain.takes_arguments
    assert not script_of(("sh", "-c", "a 'b")).takes_arguments


@pytest.mark.parametrize(
    ("command", "takes"),
    [
        (("serve", "-c"), True),
        (("sh", "-c", 'exec serve "$@"', "sh"), True),
        (("sh", "-c", 'exec serve "$@"'), False),
        (("sh", "-c", "serve | tee log", "sh"), False),
        (("sh", "-c", "serve '", "sh"), False),
        (("sh", "start.sh"), True),
    ],
)
def test_arguments_behind_a_script_count_only_where_it_uses_them(
    command: tuple[str, ...], takes: bool
) -> None:
    assert takes_arguments(command) == takes
