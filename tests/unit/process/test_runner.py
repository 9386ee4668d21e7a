from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.errors import CommandFailed, SiteError
from layerwright.process.command import Command, Completed
from layerwright.process.failures.diagnosis import Diagnosis
from layerwright.process.redaction import SecretStr
from layerwright.process.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENV = {"PATH": os.defpath}


class Lines(list[str]):
    """Takes every line; after *stop*, when it is given, *error* is raised."""

    def __init__(self, *, stop: str = "", error: BaseException | None = None) -> None:
        self._stop = stop
        self._error = error

    def __call__(self, line: str) -> None:
        self.append(line)
        if self._error is not None and line.startswith(self._stop):
            raise self._error


def sh(script: str, *, env: dict[str, str | SecretStr | None] | None = None, **fields: object) -> Command:
    return Command(argv=("sh", "-c", script), env=env or {}, **fields)  # type: ignore[arg-type]


def output_of(script: str, *, env: dict[str, str | SecretStr | None] | None = None) -> str:
    return Runner(env=ENV).capture(sh(script, env=env))


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(0.01)


# What a process gets


def test_a_process_has_the_environment_of_the_runner_and_the_additions_of_the_command() -> None:
    runner = Runner(env={**ENV, "KEPT": "1", "GONE": "2", "CHANGED": "3"})
    completed = runner.capture(
        sh(
            "env | grep -E '^(KEPT|GONE|CHANGED|NEW)=' | sort",
            env={"GONE": None, "CHANGED": "4", "NEW": "5", "NEVER": None},
        )
    )
    assert completed == "CHANGED=4\nKEPT=1\nNEW=5\n"
    assert runner.env == {**ENV, "KEPT": "1", "GONE": "2", "CHANGED": "3"}


def test_the_executable_is_looked_up_in_the_path_of_that_environment(tmp_path: Path) -> None:
    tool = tmp_path / "acme-tool"
    tool.write_text("#!/bin/sh\necho here\n")
    tool.chmod(0o755)
    assert Runner(env={"PATH": str(tmp_path)}).capture(Command(argv=("acme-tool",))) == "here\n"


def test_a_runner_within_another_environment_is_otherwise_the_same() -> None:
    lines, commands = Lines(), list[Command]()
    command = sh("echo $NAME")
    inner = Runner(env=ENV, on_line=lines, on_command=commands.append).within({**ENV, "NAME": "inner"})
    inner.run(command)
    assert (lines, commands) == (["inner"], [command])


def test_what_goes_around_commands_sees_how_each_of_them_ended() -> None:
    ended: list[int] = []

    def around(run: Callable[[], Completed]) -> Completed:
        completed = run()
        ended.append(completed.returncode)
        return completed

    runner = Runner(env=ENV).around(around).within(ENV)
    runner.run(sh("exit 0"))
    runner.try_run(sh("exit 3"))
    with pytest.raises(CommandFailed):
        runner.capture(sh("kill -9 $$"))
    assert ended == [0, 3, -9]


def test_standard_input_is_what_the_command_says() -> None:
    assert Runner(env=ENV).capture(sh("cat", stdin="zwölf\n" * 20_000)) == "zwölf\n" * 20_000


def test_standard_input_is_empty_otherwise() -> None:
    assert output_of("cat") == ""


def test_a_process_that_does_not_read_its_input_is_no_failure() -> None:
    assert Runner(env=ENV).capture(sh("true", stdin="x" * 1_000_000)) == ""


def test_a_file_name_on_standard_input_may_be_no_text() -> None:
    assert Runner(env=ENV).capture(sh("wc -c", stdin=os.fsdecode(b"o\xffd"))) == "3\n"


def test_a_process_runs_in_the_directory_of_the_command(tmp_path: Path) -> None:
    assert Runner(env=ENV).capture(sh("pwd -P", cwd=tmp_path)) == f"{tmp_path.resolve()}\n"


def test_a_process_starts_where_the_runner_says_unless_the_command_does(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    runner = Runner(env=ENV, cwd=tmp_path).within(ENV)
    assert runner.capture(sh("pwd -P")) == f"{tmp_path.resolve()}\n"
    assert runner.capture(sh("pwd -P", cwd=there)) == f"{there.resolve()}\n"


# What comes back


def test_output_is_handed_on_while_the_process_runs(tmp_path: Path) -> None:
    class Answers(Lines):
        def __call__(self, line: str) -> None:
            super().__call__(line)
            (tmp_path / "answer").touch()

    lines = Answers()
    Runner(env=ENV, on_line=lines).run(
        sh("echo question; while [ ! -e answer ]; do sleep 0.01; done; echo thanks >&2", cwd=tmp_path)
    )
    assert lines == ["question", "thanks"]


def test_capturing_says_nothing() -> None:
    lines, commands = Lines(), list[Command]()
    runner = Runner(env=ENV, on_line=lines, on_command=commands.append)
    assert runner.capture(sh("echo out; echo err >&2; printf last")) == "out\nerr\nlast\n"
    assert (lines, commands) == ([], [])


def test_trying_returns_any_status() -> None:
    assert Runner(env=ENV).try_run(sh("echo no; exit 3")) == Completed(returncode=3, output="no\n")


def test_output_has_no_secret_and_no_credentials() -> None:
    env: dict[str, str | SecretStr | None] = {
        "USER_": "user",
        "TOKEN": SecretStr("hunter2"),
        "KEY": SecretStr("BEGIN\nabc\nEND\n"),
    }
    script = 'echo "$TOKEN"; echo "https://$USER_:plain@example.com"; echo "$KEY"; exit 1'
    lines = Lines()
    with pytest.raises(CommandFailed):
        Runner(env=ENV, on_line=lines).run(sh(script, env=env))
    assert lines == ["****", "https://****@example.com", "****", "****", "****", ""]
    with pytest.raises(CommandFailed) as caught:
        Runner(env=ENV).capture(sh(script, env=env))
    assert caught.value.cause.split("\n")[:3] == ["****", "https://****@example.com", "****"]


def test_output_that_is_not_utf_8_is_no_failure() -> None:
    assert output_of(r"printf 'caf\351\n'") == "caf\N{REPLACEMENT CHARACTER}\n"


def test_of_a_line_that_was_written_over_the_last_words_count() -> None:
    assert output_of(r"printf '10%%\r50%%\r100%%\r\ndone\r\n\n'") == "100%\ndone\n\n"


def test_colours_are_for_terminals() -> None:
    assert output_of(r"printf '\033[1;31mred\033[0m \033[2J\n'") == "red \033[2J\n"


MUCH = "import sys\nfor _ in range(64): sys.stdout.write({part!r} * 1024 * 1024)"


@pytest.mark.parametrize("part", ["x", "x" * 1023 + "\n", "x" * 1023 + "\r"])
def test_however_much_is_printed_takes_little_memory(part: str) -> None:
    count = 0

    def on_line(_line: str) -> None:
        nonlocal count
        count += 1

    script = MUCH.format(part=part).replace("1024 * 1024", str(1024 * 1024 // len(part)))
    tracemalloc.start()
    try:
        Runner(env=ENV, on_line=on_line).run(Command(argv=(sys.executable, "-c", script)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == (64 * 1024 if part.endswith("\n") else 1)
    assert peak < 2_000_000


@pytest.mark.parametrize("way", [Runner.capture, Runner.try_run])
def test_what_is_read_as_a_whole_has_a_limit(way: Callable[[Runner, Command], object]) -> None:
    command = sh(f"yes {'x' * 1000}", shown="it", remedy=("Say less.",), reference="tool-failed")
    with pytest.raises(CommandFailed) as caught:
        way(Runner(env=ENV), command)
    error = caught.value
    assert error.summary == "it was stopped, because it printed too much."
    assert error.cause == "It printed more than 16 MiB, the limit for output that is read as a whole."
    assert (error.returncode, error.remedy, error.reference) == (
        -signal.SIGTERM,
        ("Say less.",),
        "tool-failed",
    )


def test_what_is_read_as_a_whole_may_be_one_long_line() -> None:
    assert len(output_of("head -c 1000000 /dev/zero | tr '\\0' x; echo")) == 1_000_001


# Failures


def test_a_failure_has_the_status_and_the_remedy_of_the_command() -> None:
    command = sh(
        "echo because; exit 7", shown="the tool", remedy=("Do this.", "Then that."), reference="tool-failed"
    )
    with pytest.raises(CommandFailed) as caught:
        Runner(env=ENV).run(command)
    error = caught.value
    assert error.summary == "the tool ended with status 7."
    assert (error.returncode, error.exit_status) == (7, 1)
    assert error.cause == "Its output is above."
    assert (error.remedy, error.reference) == (("Do this.", "Then that."), "tool-failed")


def test_a_failure_whose_output_is_elsewhere_has_the_end_of_it_and_says_where(tmp_path: Path) -> None:
    diagnosis = Diagnosis(pattern="^the fault$", summary="Found.", reference="the-fault")
    runner = Runner(env=ENV, elsewhere="All of it is there.").within(ENV)
    with pytest.raises(CommandFailed) as caught:
        runner.run(sh("echo because; exit 7", shown="it"))
    assert caught.value.cause == "The end of its output:\n  because\nAll of it is there."
    with pytest.raises(CommandFailed) as caught:
        runner.run(sh("echo the fault; exit 7", shown="it", diagnoses=(diagnosis,)))
    assert caught.value.cause == "it ended with status 7, and says:\n  the fault\nAll of it is there."
    with pytest.raises(CommandFailed) as caught:
        runner.run(sh("exit 7"))
    assert caught.value.cause == "It printed nothing."


def test_a_diagnosis_is_searched_in_the_last_quarter_of_a_megabyte_of_what_is_printed() -> None:
    diagnosis = Diagnosis(pattern="^the fault$", summary="Found.", reference="the-fault")
    filler = "i=0; while [ $i -lt {} ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done"
    for lines, summary in ((6_000, "Found."), (7_000, "it ended with status 1.")):
        script = f"echo the fault; {filler.format(lines)}; exit 1"
        with pytest.raises(CommandFailed) as caught:
            Runner(env=ENV).run(sh(script, shown="it", diagnoses=(diagnosis,)))
        assert caught.value.summary == summary


def test_a_failure_of_a_captured_command_tells_the_last_lines() -> None:
    with pytest.raises(CommandFailed) as caught:
        Runner(env=ENV).capture(sh("i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo $i; done; exit 1"))
    assert caught.value.cause.split("\n") == [str(number) for number in range(71, 101)]


@pytest.mark.parametrize("way", ["run", "capture"])
def test_a_silent_failure_says_that_it_was_silent(way: str) -> None:
    with pytest.raises(CommandFailed) as caught:
        getattr(Runner(env=ENV), way)(sh("exit 1"))
    assert caught.value.cause == "It printed nothing."


def test_a_command_that_was_killed_is_reported_by_the_signals_name() -> None:
    with pytest.raises(CommandFailed, match=r"^it was ended by SIGTERM\.$") as caught:
        Runner(env=ENV).run(sh("kill -TERM $$", shown="it"))
    assert caught.value.returncode == -signal.SIGTERM


def test_a_signal_without_a_name_is_reported_by_its_number() -> None:
    number = signal.SIGRTMIN + 1
    with pytest.raises(CommandFailed, match=rf"^it was ended by signal {number}\.$"):
        Runner(env=ENV).run(sh(f"kill -{number} $$", shown="it"))


def test_a_process_that_cannot_start_is_the_sites_fault(tmp_path: Path) -> None:
    with pytest.raises(SiteError) as caught:
        Runner(env=ENV).run(Command(argv=(str(tmp_path / "absent"),), remedy=("Correct the requirements.",)))
    assert caught.value.summary == f"Could not start {tmp_path}/absent."
    assert caught.value.cause == f"No such file or directory: {tmp_path}/absent"
    assert caught.value.remedy[0] == "Check that the file exists and can be executed."
    assert caught.value.reference == "command-not-started"


def test_a_working_directory_that_is_missing_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SiteError) as caught:
        Runner(env=ENV).run(sh("true", cwd=tmp_path / "absent"))
    assert caught.value.cause == f"No such file or directory: {tmp_path}/absent"


# Ends


STUBBORN = "trap '' TERM; echo pid $$; while :; do sleep 0.05; done"


@pytest.fixture
def interrupted_by_usr1() -> Iterator[None]:
    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGUSR1, interrupt)
    yield
    signal.signal(signal.SIGUSR1, before)


def test_what_ends_on_sigterm_can_do_so_in_order(tmp_path: Path) -> None:
    tidy = "trap 'echo tidying; echo tidied > tidied; exit' TERM; echo ready; while :; do sleep 0.05; done"
    lines = Lines(stop="ready", error=RuntimeError("stop"))
    with pytest.raises(RuntimeError, match="stop"):
        Runner(env=ENV, on_line=lines, grace=60).run(sh(tidy, cwd=tmp_path))
    assert (tmp_path / "tidied").read_text() == "tidied\n"


def test_what_does_not_end_on_sigterm_is_killed_after_the_grace() -> None:
    lines = Lines(stop="pid", error=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        Runner(env=ENV, on_line=lines, grace=0.1).within(ENV).run(sh(STUBBORN))
    assert not is_running(int(lines[0].split()[1]))


def test_grandchildren_end_too_even_when_their_parent_ended_first() -> None:
    lines = Lines(stop="pid", error=KeyboardInterrupt())
    command = Command(argv=("sh", "-c", 'sh -c "$0" & wait', STUBBORN))
    with pytest.raises(KeyboardInterrupt):
        Runner(env=ENV, on_line=lines, grace=0.1).run(command)
    pid = int(lines[0].split()[1])
    wait_until(lambda: not is_running(pid))


def test_a_second_interrupt_kills_at_once(interrupted_by_usr1: None) -> None:
    impatient = f"trap 'kill -USR1 {os.getpid()}' TERM; echo pid $$; while :; do sleep 0.05; done"
    lines = Lines(stop="pid", error=RuntimeError("the first"))
    with pytest.raises(KeyboardInterrupt) as caught:
        Runner(env=ENV, on_line=lines, grace=3600).run(sh(impatient))
    assert isinstance(caught.value.__context__, RuntimeError)
    assert not is_running(int(lines[0].split()[1]))


def test_a_process_that_has_ended_already_needs_no_end() -> None:
    def wait_for(pid: str) -> None:
        wait_until(lambda: not is_running(int(pid)))
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        Runner(env=ENV, on_line=wait_for, grace=3600).run(sh("echo $$"))


@pytest.mark.parametrize("output", ["", ">/dev/null 2>&1"])
def test_a_child_in_the_background_is_not_waited_for_and_ends_with_its_parent(output: str) -> None:
    left = int(Runner(env=ENV).capture(sh(f"sleep 3600 {output} & echo $!")))
    wait_until(lambda: not is_running(left))


def test_all_that_a_process_printed_is_there_though_another_holds_its_output_open() -> None:
    script = "sleep 3600 & i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i + 1)); done; printf end"
    assert Runner(env=ENV).capture(sh(script)).splitlines() == [*(f"line {i}" for i in range(5000)), "end"]


def test_a_child_that_prints_for_ever_is_not_waited_for() -> None:
    Runner(env=ENV).run(sh("yes & exit 0"))


def test_a_process_that_closes_its_output_is_waited_for() -> None:
    assert Runner(env=ENV).try_run(sh("exec >&- 2>&-; sleep 0.1; exit 3")).returncode == 3


def test_a_lock_on_an_open_descriptor_is_held_until_the_last_child_has_ended(tmp_path: Path) -> None:
    file = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(file, fcntl.LOCK_EX)
    runner = Runner(env=ENV, keep_open=[file]).within(ENV)
    # What has a session of its own is out of reach.
    daemon = "setsid sh -c 'echo $$ >pid; exec sleep 3600' &"
    left_over = int(
        runner.capture(sh(f"{daemon} while [ ! -s pid ]; do sleep 0.01; done; cat pid", cwd=tmp_path))
    )
    os.close(file)
    again = os.open(tmp_path / "lock", os.O_RDWR)
    try:
        with pytest.raises(BlockingIOError):
            fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.kill(left_over, signal.SIGKILL)
        fcntl.flock(again, fcntl.LOCK_EX)
    finally:
        os.close(again)


def test_no_other_descriptor_is_inherited(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        script = f"test ! -e /proc/self/fd/{file.fileno()}"
        assert Runner(env=ENV).try_run(sh(script)).returncode == 0
        assert Runner(env=ENV, keep_open=[file.fileno()]).try_run(sh(script)).returncode == 1


def test_commands_can_be_run_without_any_secret() -> None:
    runner = Runner(env={**ENV, "ACME_TOKEN": "letmein42", "ACME_URL": "https://me:letmein42@example.com/"})
    command = sh("env", env={"ACME_PASSWORD": SecretStr("sesame"), "ACME_NAME": "acme"})
    seen = dict(line.split("=", 1) for line in runner.capture(command).splitlines())
    assert seen.keys() >= {"ACME_TOKEN", "ACME_URL", "ACME_PASSWORD", "ACME_NAME"}
    seen = dict(
        line.split("=", 1) for line in runner.without_secrets().capture(command.without_secrets).splitlines()
    )
    assert {name for name in seen if name.startswith("ACME")} == {"ACME_NAME"}
