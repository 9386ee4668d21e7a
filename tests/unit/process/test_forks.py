from __future__ import annotations

import os
import subprocess
import sys

import pytest

from layerwright.process.forks import Forked

FORKED = """\
import os, signal, sys, threading, time
from layerwright.process.forks import forked
{before}
parent = os.getpid()
wait = forked(lambda: {work})
{meanwhile}
result = wait()
{after}
print(result if result is None else len(result))
"""


def forked_result(work: str, *, before: str = "", meanwhile: str = "", after: str = "") -> str:
    """Return what is printed of *work*, in a process that has no other threads."""
    script = FORKED.format(work=work, before=before, meanwhile=meanwhile, after=after)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
    return done.stdout.rstrip("\n")


several_cores = pytest.mark.skipif(
    len(os.sched_getaffinity(0)) < 2, reason="this machine has one core, and nothing is done on another"
)


@several_cores
def test_work_is_done_in_another_process_however_much_comes_of_it() -> None:
    assert forked_result("bytes(1_000_000) if os.getpid() != parent else b''") == "1000000"


@several_cores
@pytest.mark.parametrize("work", ["1 / 0", "os.abort()", "open('/nowhere')", "sys.exit()"])
def test_work_that_fails_has_no_result_and_says_nothing(work: str) -> None:
    assert forked_result(work) == "None"


@several_cores
def test_work_that_is_interrupted_does_not_go_on_as_its_parent_does() -> None:
    stop = "time.sleep(0.2); os.killpg(0, signal.SIGINT)"
    # The parent, as the command line does, takes the interrupt for the end.
    meanwhile = f"try:\n    {stop}\n    time.sleep(30)\nexcept KeyboardInterrupt:\n    print('stopped')"
    assert forked_result("time.sleep(30)", before="os.setsid()", meanwhile=meanwhile) == "stopped\nNone"


@several_cores
def test_work_whose_parent_is_interrupted_while_it_waits_ends_at_once() -> None:
    meanwhile = """\
def stop(*_): raise InterruptedError
signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, 0.2)
begun = time.monotonic()
try:
    wait()
except InterruptedError:
    assert time.monotonic() - begun < 20
try:
    os.waitpid(-1, 0)
except ChildProcessError:
    wait = lambda: b"gone"
"""
    assert forked_result("time.sleep(30)", meanwhile=meanwhile) == "4"


@several_cores
def test_work_can_be_stopped() -> None:
    meanwhile = "begun = time.monotonic()\nwait.stop()\nwait = lambda: b'x' * (time.monotonic() - begun < 20)"
    assert forked_result("time.sleep(30)", meanwhile=meanwhile) == "1"


@several_cores
def test_work_that_has_ended_by_itself_is_stopped_as_well() -> None:
    meanwhile = "time.sleep(0.2)\nwait.stop()\nwait = lambda: None"
    assert forked_result("b''", meanwhile=meanwhile) == "None"
    ignored = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    assert forked_result("b''", before=ignored, meanwhile=meanwhile) == "None"


def test_work_that_was_not_begun_has_no_result_and_nothing_to_stop() -> None:
    forked: Forked[str] = Forked()
    forked.stop()
    assert forked() is None


@several_cores
def test_what_nobody_can_tell_the_end_of_has_no_result() -> None:
    ignored = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    assert forked_result("b'done'", before=ignored) == "None"


@pytest.mark.parametrize(
    "before",
    [
        "os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:1])",
        "threading.Thread(target=time.sleep, args=[1], daemon=True).start()",
    ],
)
def test_on_one_core_or_beside_threads_nothing_is_begun(before: str) -> None:
    assert forked_result("os.kill(parent, signal.SIGKILL)", before=before) == "None"


@several_cores
def test_where_forking_is_refused_nothing_is_begun_and_nothing_left_open() -> None:
    refused = "def refuse(): raise BlockingIOError(11, 'no')\nos.fork = refuse\n"
    opened = "opened = os.listdir('/proc/self/fd')"
    compared = "assert os.listdir('/proc/self/fd') == opened"
    assert forked_result("b''", before=refused + opened, after=compared) == "None"
