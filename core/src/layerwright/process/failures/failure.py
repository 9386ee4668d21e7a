"""The error of a failed command, from its own diagnoses or from those for every command."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Final

from layerwright.errors import CommandFailed
from layerwright.process.failures import _memory
from layerwright.process.failures.diagnosis import Diagnosed, Diagnosis, diagnosed, diagnoses_of, problem_of
from layerwright.process.redaction import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright.process.command import Command, Completed

__all__ = ["EVERY_COMMAND", "failure", "kills"]

kills = _memory.kills

_TAIL_LINES: Final = 30
_QUOTED_LINES: Final = 20
_LOG: Final = 256 * 1024
_MEGABYTE: Final = 1_000_000

_OUT_OF_MEMORY: Final = Diagnosis(
    # Compilers, Cargo and uv, pip, Python. Tools indent the output of a build, and put the name of the build before it.
    pattern=r"Killed signal terminated program|\(signal: 9(?:, SIGKILL: kill| \(SIGKILL\))\)|^[^\w\n]*exit code: -9$"
    r"|died with <Signals\.SIGKILL: 9>|virtual memory exhausted|Cannot allocate memory|\bout of memory\b"
    r"|^(?:\[\S{1,200}\]:)?[^\w\n]*(?:[\w.]{1,200}[._])?(?:Array)?MemoryError(?::|$)",
    summary="Memory ran out.",
    remedy=(
        "Give the build more memory.",
        "If a distribution is being built from source, use a version of it that has a wheel.",
    ),
    reference="out-of-memory",
)

EVERY_COMMAND: Final = (
    Diagnosis(
        pattern=r"No space left on device|Disk quota exceeded|\bENOSPC\b|\(os error (?:28|122)\)",
        summary="The disk is full.",
        remedy=(
            "Free some space.",
            "Or choose another place: LAYERWRIGHT_CACHE_DIR or --layers for layers, TMPDIR for temporary files.",
        ),
        reference="disk-full",
    ),
    _OUT_OF_MEMORY,
)
"""The diagnoses for every command."""


def failure(
    command: Command,
    completed: Completed,
    *,
    said: bool,
    killed: int,
    again: Callable[[Command], str],
    elsewhere: str = "",
) -> CommandFailed:
    """Return the error of *command*, which failed as *completed* says.

    *said*: the log has its output, unless *elsewhere* says where all of it is. *killed* is how many processes the
    kernel killed meanwhile for lack of memory. *again* runs a command silently, and returns its output.
    """
    status = completed.returncode
    ended = f"{command.words} {_ended(status)}"
    own, defects = _own(command)

    def slow(diagnosis: Diagnosis) -> None:
        line = f"A diagnosis of it is defective: the search takes too long: {diagnosis.pattern}"
        # It may be searched for in a log file as well.
        defects.extend([] if line in defects else [line])

    found = _killed(command, status, killed) or _diagnosed(
        command, own, lambda diagnoses, output: diagnosed(diagnoses, output, slow), completed.output, again
    )
    if found is None:
        return CommandFailed(
            f"{ended}.",
            returncode=status,
            cause="\n".join([*_undiagnosed(completed.output, said, elsewhere), *defects]),
            remedy=command.remedy,
            reference=command.reference,
        )
    where = [elsewhere] if elsewhere and completed.output else []
    telling = [f"  {line}" for line in found.telling if line.strip() not in found.cause.split("\n")]
    quoted = [f"{ended}, and says:", *telling] if telling else [f"{ended}."]
    return CommandFailed(
        found.summary,
        returncode=status,
        cause="\n".join([*filter(None, [found.cause]), *quoted, *where, *defects]),
        remedy=found.remedy or command.remedy,
        reference=found.diagnosis.reference,
        transient=found.diagnosis.transient,
    )


def _own(command: Command) -> tuple[tuple[Diagnosis, ...], list[str]]:
    """Return the diagnoses of *command*, and a line for each defect in them."""
    try:
        diagnoses = diagnoses_of(command)
    except Exception as error:  # a plugin's defect, which must not hide the failure
        return (), [f"Its diagnoses are defective: {type(error).__name__}: {error}"]
    problems = map(problem_of, diagnoses)
    return diagnoses, [f"A diagnosis of it is defective: {problem}." for problem in problems if problem]


def _diagnosed(
    command: Command,
    own: tuple[Diagnosis, ...],
    first: Callable[[tuple[Diagnosis, ...], str], Diagnosed | None],
    output: str,
    again: Callable[[Command], str],
) -> Diagnosed | None:
    from dataclasses import replace

    # First: a build that runs out of memory also ends as one that fails.
    diagnoses = (*EVERY_COMMAND, *own)
    found = first(diagnoses, output)
    if found is None:
        return None
    at = diagnoses.index(found.diagnosis)
    if found.diagnosis.more:
        more = again(replace(command, env={**command.env, **found.diagnosis.more}))
        # What comes later applies only if this one does not.
        return first(diagnoses[:at], more) or found
    if found.log:
        others = (*diagnoses[:at], *diagnoses[at + 1 :])
        log = without_secrets(_end(found.log), command.secrets)
        return first(others, log) or first(others, output) or found
    return found


def _end(log: str) -> str:
    """Return the end of the file *log*; nothing if it cannot be read."""
    try:
        with open(log, "rb") as file:  # noqa: PTH123  # an empty name is no file
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _LOG))
            return file.read(_LOG).decode(errors="replace")
    except OSError:
        return ""


def _killed(command: Command, status: int, killed: int) -> Diagnosed | None:
    if not killed and status != -signal.SIGKILL:
        return None
    summary = (
        _OUT_OF_MEMORY.summary
        if killed
        else f"{command.words} was killed, most likely because memory ran out."
    )
    limit = _memory.limit()
    cause = "The kernel killed a process of the build." if killed else ""
    if limit is not None:
        cause = f"{cause}\nThe limit for all processes of the build is {limit // _MEGABYTE:,} MB.".lstrip()
    return Diagnosed(_OUT_OF_MEMORY, summary, cause, _OUT_OF_MEMORY.remedy, ())


def _undiagnosed(output: str, said: bool, elsewhere: str) -> list[str]:
    tail = output.splitlines()[-_TAIL_LINES:]
    if not tail:
        return ["It printed nothing."]
    if elsewhere:
        return ["The end of its output:", *(f"  {line}" for line in tail[-_QUOTED_LINES:]), elsewhere]
    return ["Its output is above."] if said else tail


def _ended(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
