from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.errors import CommandFailed
from layerwright.process.command import Command
from layerwright.process.failures import _memory, _search
from layerwright.process.failures.diagnosis import Diagnosis
from layerwright.process.redaction import SecretStr
from layerwright.process.runner import Runner

if TYPE_CHECKING:
    from pathlib import Path

LOCK = Diagnosis(
    pattern=r"(?P<file>\S+) is stale",
    summary="{file} is stale.",
    cause="It is old.",
    remedy=("Lock again.",),
    reference="stale-lock",
)
VAGUE = Diagnosis(
    pattern=r"Nothing found", summary="It is not there.", reference="not-found", more={"TOOL_VERBOSE": "1"}
)
BUSY = Diagnosis(pattern=r"503 busy", summary="It is busy.", reference="index-busy", transient=True)


def failing(script: str, *diagnoses: Diagnosis, way: str = "run", **env: str | SecretStr) -> CommandFailed:
    return failing_with(diagnoses, script, way=way, **env)


def failing_with(diagnoses: Any, script: str, *, way: str = "run", **env: str | SecretStr) -> CommandFailed:
    command = Command(
        argv=("sh", "-c", script),
        env=env,
        shown="tool sync",
        remedy=("Read its output.",),
        reference="tool-sync-failed",
        diagnoses=diagnoses,
    )
    with pytest.raises(CommandFailed) as caught:
        getattr(Runner(env={"PATH": os.defpath}), way)(command)
    return caught.value


def test_a_diagnosis_decides_all_that_is_said() -> None:
    error = failing("echo 'Error: tool.lock is stale'; exit 3", LOCK)
    assert error.summary == "tool.lock is stale."
    assert error.cause == "It is old.\ntool sync ended with status 3, and says:\n  Error: tool.lock is stale"
    assert (error.remedy, error.reference) == (("Lock again.",), "stale-lock")
    assert (error.returncode, error.transient, error.exit_status) == (3, False, 1)


def test_the_output_of_a_captured_command_is_diagnosed_as_well() -> None:
    assert failing("echo 'tool.lock is stale'; exit 1", LOCK, way="capture").reference == "stale-lock"


def test_without_a_diagnosis_the_command_has_the_words() -> None:
    error = failing("echo odd; exit 1", LOCK)
    assert error.summary == "tool sync ended with status 1."
    assert error.cause == "Its output is above."
    assert (error.remedy, error.reference) == (("Read its output.",), "tool-sync-failed")


def test_a_diagnosis_without_a_remedy_leaves_that_of_the_command() -> None:
    assert failing("echo 503 busy; exit 1", BUSY).remedy == ("Read its output.",)


def test_what_is_transient_has_a_status_of_its_own() -> None:
    error = failing("echo 503 busy; exit 1", BUSY)
    assert (error.transient, error.exit_status) == (True, 75)


def test_what_the_cause_says_already_is_not_quoted() -> None:
    same = Diagnosis(
        pattern=r"(?P<line>acme needs base)", summary="No.", cause="{line}", reference="tool-conflict"
    )
    assert failing("echo '  acme needs base'; exit 1", same).cause == (
        "acme needs base\ntool sync ended with status 1."
    )


def test_a_defective_diagnosis_does_not_hide_the_failure() -> None:
    wrong = Diagnosis(pattern="(", summary="Wrong.", reference="tool-wrong")
    undiagnosed = failing("echo odd; exit 1", wrong)
    assert undiagnosed.summary == "tool sync ended with status 1."
    assert "\nA diagnosis of it is defective: the pattern is not a regular expression: " in undiagnosed.cause
    assert "A diagnosis of it is defective" in failing("echo 503 busy; exit 1", wrong, BUSY).cause


def test_a_function_is_asked_for_diagnoses_only_after_a_failure() -> None:
    calls = []

    def diagnoses() -> tuple[Diagnosis, ...]:
        calls.append("failed")
        return (LOCK,)

    Runner(env={"PATH": os.defpath}).run(Command(argv=("true",), diagnoses=diagnoses))
    assert calls == []
    assert failing_with(diagnoses, "echo tool.lock is stale; exit 1").reference == "stale-lock"
    assert calls == ["failed"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (lambda: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda: [LOCK], "TypeError: not a tuple of Diagnosis: [Diagnosis(pattern="),
        (lambda: ("stale",), "TypeError: not a tuple of Diagnosis: ('stale',)"),
        (LOCK, "TypeError: not a tuple of Diagnosis: Diagnosis(pattern="),
    ],
)
def test_defective_diagnoses_do_not_hide_the_failure(value: object, words: str) -> None:
    error = failing_with(value, "echo odd; exit 1")
    assert error.summary == "tool sync ended with status 1."
    assert f"\nIts diagnoses are defective: {words}" in error.cause
    assert failing_with(value, "echo No space left on device; exit 1").reference == "disk-full"


def test_a_pattern_that_backtracks_without_end_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(_search, "SECONDS", 0.05)
    log = tmp_path / "tool.log"
    log.write_text("nothing\n")
    endless = Diagnosis(pattern=r"(a+)+b", summary="Never.", reference="tool-slow")
    see = Diagnosis(pattern=r"See (?P<log>\S+)", summary="It failed.", reference="tool-failed")
    error = failing(f"echo {'a' * 100}; echo See {log}; exit 1", endless, see)
    assert error.reference == "tool-failed"
    assert error.cause.splitlines()[-1:] == [
        "A diagnosis of it is defective: the search takes too long: (a+)+b"
    ]
    assert error.cause.count("takes too long") == 1
    assert signal.getsignal(signal.SIGVTALRM) is signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_a_failure_in_another_thread_is_diagnosed_as_well() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert (
            pool.submit(failing, "echo tool.lock is stale; exit 1", LOCK).result().reference == "stale-lock"
        )


def test_a_tool_that_says_too_little_is_run_again_to_say_more() -> None:
    script = '[ -z "$TOOL_VERBOSE" ] || echo "because: 503 busy"; echo "Nothing found"; exit 1'
    assert failing(script, BUSY, VAGUE).reference == "index-busy"
    assert failing("echo Nothing found; exit 1", BUSY, VAGUE).reference == "not-found"
    assert (
        failing('[ -n "$TOOL_VERBOSE" ] || { echo Nothing found; exit 1; }', VAGUE).reference == "not-found"
    )


def test_a_file_in_which_the_tool_says_more_is_read(tmp_path: Path) -> None:
    log = tmp_path / "tool.log"
    see = Diagnosis(pattern=r"See (?P<log>\S+)", summary="It failed.", reference="tool-failed")
    script = f"echo See {log}; exit 1"
    assert failing(script, BUSY, see).reference == "tool-failed"
    log.write_text("x" * 300_000 + "\n$s3cr3t: 503 busy\n")
    error = failing(script, BUSY, see, TOKEN=SecretStr("$s3cr3t"))
    assert error.reference == "index-busy"
    assert error.cause.endswith("  ****: 503 busy")


@pytest.mark.parametrize(
    ("line", "reference"),
    [
        ("OSError: [Errno 28] No space left on device", "disk-full"),
        ("cannot write: No space left on\ndevice", "disk-full"),
        ("[Errno 122] Disk quota exceeded", "disk-full"),
        ("c++: fatal error: Killed signal terminated program cc1plus", "out-of-memory"),
        ("error: could not compile `acme` (signal: 9, SIGKILL: kill)", "out-of-memory"),
        ("MemoryError", "out-of-memory"),
        ("      MemoryError", "out-of-memory"),
        ("    | MemoryError", "out-of-memory"),
        ("[base]:   MemoryError", "out-of-memory"),
        ("numpy._core._exceptions._ArrayMemoryError: Unable to allocate 8.00 TiB", "out-of-memory"),
        ("  │ exit code: -9", "out-of-memory"),
        ("Call to `backend.build_wheel` failed (signal: 9 (SIGKILL))", "out-of-memory"),
        ("Command 'cc' died with <Signals.SIGKILL: 9>.", "out-of-memory"),
    ],
)
def test_what_does_not_depend_on_the_tool_is_found_for_every_command(line: str, reference: str) -> None:
    error = failing(f"echo '{line}'; exit 1")
    assert error.reference == reference
    assert error.remedy != ("Read its output.",)


def test_a_build_that_runs_out_of_memory_is_not_one_that_fails_for_another_reason() -> None:
    failed = Diagnosis(pattern="Failed to build", summary="It does not build.", reference="not-built")
    for line, reference in (
        ("Killed signal terminated program cc1plus", "out-of-memory"),
        ("No space left on device", "disk-full"),
        ("the MemoryError that was raised", "not-built"),
        ("exit code: -97", "not-built"),
    ):
        assert failing(f"echo '{line}'; echo Failed to build; exit 1", failed).reference == reference


def test_a_killed_command_most_likely_lacked_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_memory, "limit", lambda: None)
    error = failing("kill -KILL $$")
    assert error.summary == "tool sync was killed, most likely because memory ran out."
    assert error.cause == "tool sync was ended by SIGKILL."
    assert (error.returncode, error.reference) == (-signal.SIGKILL, "out-of-memory")


def test_where_the_kernel_counts_a_kill_memory_ran_out(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = iter([1, 2])
    monkeypatch.setattr("layerwright.process.failures.failure.kills", lambda: next(counts))
    monkeypatch.setattr(_memory, "limit", lambda: 512_000_000)
    error = failing("echo odd; exit 1")
    assert error.summary == "Memory ran out."
    assert error.cause == (
        "The kernel killed a process of the build.\n"
        "The limit for all processes of the build is 512 MB.\n"
        "tool sync ended with status 1."
    )
