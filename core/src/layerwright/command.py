"""Commands as values, and the one place that starts processes."""

from __future__ import annotations

import io
import marshal
import os
import re
import sys
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from layerwright.errors import CommandFailed, SiteError
from layerwright.lines import LONGEST_LINE, lines
from layerwright.redaction import KNOWN, SecretStr, redacted, secret_variables, without_secrets

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Command", "Completed", "Runner", "forked"]

T = TypeVar("T")
_GRACE_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.02
_POLL_MILLISECONDS: Final = 50
_CHUNK: Final = 64 * 1024
_TAIL_LINES: Final = 30
_MOST_OUTPUT: Final = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Command:
    """A process to run: an argument vector, never a shell string.

    ``env`` is added to the environment that the runner composes; ``None`` takes a variable out of it.
    ``stdin`` is what the process can read; without it standard input is empty. ``shown`` is what the log
    prints instead of the arguments. ``remedy`` and ``reference`` are for the error that a non-zero exit becomes;
    it repeats those of the last lines of output in which ``telling``, a regular expression, is found.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str | SecretStr | None] = field(default_factory=dict)
    cwd: Path | None = None
    stdin: str = ""
    shown: str = ""
    remedy: tuple[str, ...] = ()
    reference: str = "command-failed"
    telling: str = ""

    def __post_init__(self) -> None:
        if not self.argv or not isinstance(self.argv, tuple):
            raise TypeError("a Command's argv is a non-empty tuple of strings")

    @property
    def words(self) -> str:
        """The words that the log shows for this command."""
        if self.shown:
            return redacted(self.shown, self.secrets)
        import shlex

        return redacted(shlex.join(self.argv), self.secrets)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret values that must appear neither in what the log shows of the command nor in what it prints."""
        return tuple(v.get_secret_value() for v in self.env.values() if isinstance(v, SecretStr))

    @property
    def without_secrets(self) -> Command:
        """The same command with none of the secrets that its environment has."""
        return replace(self, env={k: None if isinstance(v, SecretStr) else v for k, v in self.env.items()})


class Completed(NamedTuple):
    """How a command ended: its status and its redacted output, both streams together, without colours."""

    returncode: int
    output: str


class Runner:
    """Runs commands in *env*, hands every redacted line of output to *on_line*, and cleans up after itself.

    Each command is the leader of a process group of its own. When an exception passes (``KeyboardInterrupt``,
    or what a SIGTERM handler raises), the whole group gets SIGTERM, has *grace* seconds to end, and gets SIGKILL.
    File descriptors in *keep_open* are inherited: a lock held on one stays held until the last child has
    ended, even when Layerwright itself is killed.

    A command has ended when its leader has: output that comes later is not waited for, and a process that it left
    in the background is ended like the others, so that nothing writes into a layer which counts as complete.
    """

    def __init__(
        self,
        *,
        env: Mapping[str, str],
        on_line: Callable[[str], None] = lambda _line: None,
        on_command: Callable[[Command], None] = lambda _command: None,
        keep_open: Sequence[int] = (),
        grace: float = _GRACE_SECONDS,
        around: Callable[[Callable[[], Completed]], Completed] = lambda run: run(),
    ) -> None:
        self._env = dict(env)
        self._on_line = on_line
        self._on_command = on_command
        self._keep_open = tuple(keep_open)
        self._grace = grace
        self._around = around

    @property
    def env(self) -> Mapping[str, str]:
        """The environment that commands start from."""
        return self._env

    def within(self, env: Mapping[str, str]) -> Runner:
        """Return a runner like this one whose commands start from *env*."""
        return Runner(
            env=env,
            on_line=self._on_line,
            on_command=self._on_command,
            keep_open=self._keep_open,
            grace=self._grace,
            around=self._around,
        )

    def around(self, around: Callable[[Callable[[], Completed]], Completed]) -> Runner:
        """Return a runner like this one that has *around* run each command, by calling what it is given."""
        runner = self.within(self._env)
        runner._around = around
        return runner

    def without_secrets(self) -> Runner:
        """Return a runner like this one whose commands get no variable that holds a secret."""
        secret = secret_variables(self._env)
        return self.within({name: value for name, value in self._env.items() if name not in secret})

    def run(self, command: Command) -> None:
        """Run *command*, streaming its output; raise ``CommandFailed`` when it ends with another status than 0."""
        self._on_command(command)
        completed = self._around(lambda: self._completed(command, self._on_line))
        if completed.returncode:
            raise self._failure(command, completed, said=True)

    def try_run(self, command: Command) -> Completed:
        """Run *command* silently and return how it ended, whatever its status.

        ``CommandFailed``: it printed more than 16 MiB, and was ended.
        """
        return self._around(lambda: self._completed(command))

    def capture(self, command: Command) -> str:
        """Run *command* silently and return its output; raise ``CommandFailed`` with that output otherwise."""
        completed = self.try_run(command)
        if completed.returncode:
            raise self._failure(command, completed, said=False)
        return completed.output

    def _completed(self, command: Command, on_line: Callable[[str], None] | None = None) -> Completed:
        """Run *command*; of output that *on_line* gets only the end is kept."""
        end = deque[str](maxlen=_TAIL_LINES)
        # Not a list: a string for each short line takes many times the memory of its text.
        whole = io.StringIO()
        # What a process prints while it is being ended has no reader, but its pipe must still be open.
        with _stdin(command.stdin) as stdin, self._start(command, stdin) as process:
            try:
                for line in lines(_chunks(process), _MOST_OUTPUT if on_line is None else LONGEST_LINE):
                    shown = without_secrets(line, command.secrets)
                    if on_line is not None:
                        end.append(f"{shown}\n")
                        on_line(shown)
                    elif whole.write(f"{shown}\n") and whole.tell() > _MOST_OUTPUT:
                        raise _talkative(command)
                process.wait()
                if _is_there(process):
                    _end(process, self._grace)
            except BaseException:
                _end(process, self._grace)
                raise
        return Completed(returncode=process.returncode, output=whole.getvalue() or "".join(end))

    def _start(self, command: Command, stdin: IO[bytes]) -> subprocess.Popen[bytes]:
        env = dict(self._env)
        KNOWN.learn_environment(env)
        for name, value in command.env.items():
            if isinstance(value, SecretStr):
                KNOWN.learn_secret(value)
            if value is None:
                env.pop(name, None)
            else:
                env[name] = value.get_secret_value() if isinstance(value, SecretStr) else value
        # A build that changes nothing starts nothing, and does not import this.
        import subprocess

        try:
            return subprocess.Popen(
                command.argv,
                env=env,
                cwd=command.cwd,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                # Our own group: Ctrl-C in a terminal reaches Layerwright alone, which then ends the children
                # in order, instead of racing them.
                start_new_session=True,
                pass_fds=self._keep_open,
            )
        except OSError as error:
            raise SiteError(
                f"Could not start {command.argv[0]}.",
                cause=f"{error.strerror}: {error.filename}",
                remedy=(
                    "Check that the file exists and can be executed.",
                    "If it is in a layer, build again with --clean, which makes every layer afresh.",
                ),
                reference="command-not-started",
            ) from error

    def _failure(self, command: Command, completed: Completed, *, said: bool) -> CommandFailed:
        status = completed.returncode
        ended = f"was ended by {_signal_name(-status)}" if status < 0 else f"ended with status {status}"
        tail = completed.output.splitlines()[-_TAIL_LINES:]
        if said and tail:
            found = [line.strip() for line in tail if command.telling and re.search(command.telling, line)]
            cause = "\n".join(
                ["Its own words are above. Among them:", *found] if found else ["Its own words are above."]
            )
        else:
            cause = "\n".join(tail) or "It printed nothing."
        return CommandFailed(
            f"{command.words} {ended}.",
            returncode=status,
            cause=cause,
            remedy=command.remedy,
            reference=command.reference,
        )


def forked(work: Callable[[], T]) -> Callable[[], T | None]:
    """Begin *work* on another core, in a fork of this process, and return what waits for its result.

    That can be called once. Its result is ``None`` where there is no other core, where forking is refused or not safe,
    and where *work* did not come to its end: whoever needs it then does it himself. It is made of plain values alone:
    strings, bytes, numbers, and tuples, lists and dictionaries of them.
    """
    threading = sys.modules.get("threading")
    # A fork has the locks of other threads, but not the threads that would open them.
    if len(os.sched_getaffinity(0)) < 2 or (threading is not None and threading.active_count() > 1):
        return lambda: None
    receiver, sender = os.pipe()
    parent, status = os.getpid(), 1
    try:
        child = os.fork()
        if not child:  # pragma: no cover  # coverage measures the parent
            os.close(receiver)
            result: Any = work()
            _write(sender, marshal.dumps(result))
            status = 0
    except OSError:
        os.close(receiver)
        os.close(sender)
        return lambda: None
    finally:
        # Whatever happens, a signal included, the fork does nothing of what its parent goes on to do.
        if os.getpid() != parent:  # pragma: no cover
            os._exit(status)
    os.close(sender)
    return lambda: _result(child, receiver)


def _write(descriptor: int, content: bytes) -> None:  # pragma: no cover  # in the fork
    while content:
        content = content[os.write(descriptor, content) :]


def _result(child: int, descriptor: int) -> Any:
    with open(descriptor, "rb") as pipe:
        content = pipe.read()
    try:
        return marshal.loads(content) if os.waitpid(child, 0)[1] == 0 else None  # noqa: S302  # from our fork
    except ChildProcessError:
        # Where SIGCHLD is ignored, nobody can tell how it ended.
        return None


def _stdin(text: str) -> IO[bytes]:
    # A file rather than a pipe: the process may read late or never, and a pipe would then block the writer.
    if not text:
        return open(os.devnull, "rb")  # noqa: PTH123  # the caller closes it
    import tempfile

    file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(text.encode())
    file.seek(0)
    return file


def _chunks(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Yield what *process* prints until it has ended, or until nothing can print any more."""
    import select

    assert process.stdout is not None  # noqa: S101  # the type only: PIPE was asked for
    pipe = process.stdout.fileno()
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while True:
        # A child in the background may hold the pipe open for ever; the end of it is not the end of the process.
        if process.poll() is not None:
            yield _left_in(pipe)
            return
        if poll.poll(_POLL_MILLISECONDS):
            chunk = os.read(pipe, _CHUNK)
            if not chunk:
                return
            yield chunk


def _left_in(pipe: int) -> bytes:
    """Return what is in *pipe* now, which includes all that a process which has ended wrote to it."""
    import array
    import fcntl
    import termios

    size = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, size)
    return os.read(pipe, size[0])


def _talkative(command: Command) -> CommandFailed:
    import signal

    return CommandFailed(
        f"{command.words} was ended, because it printed too much.",
        returncode=-signal.SIGTERM,
        cause=f"It printed more than {_MOST_OUTPUT // 1024 // 1024} MiB, which would all be read at once.",
        remedy=command.remedy,
        reference=command.reference,
    )


def _end(process: subprocess.Popen[bytes], grace: float) -> None:
    import signal

    try:
        until = time.monotonic() + grace
        _signal_group(process, signal.SIGTERM)
        while _is_there(process) and time.monotonic() < until:
            time.sleep(_POLL_SECONDS)
    finally:
        # Also when a second Ctrl-C cuts the patience short.
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _is_there(process: subprocess.Popen[bytes]) -> bool:
    """Return whether any process of the group of *process* runs."""
    # A leader that has ended is of its group until it is waited for.
    process.poll()
    # Names and descriptors alone: a second Ctrl-C may come at any point, and would leave an object open.
    return _signal_group(process, 0) and any(_runs_in(process.pid, pid) for pid in os.listdir("/proc"))  # noqa: PTH208


def _runs_in(group: int, pid: str) -> bool:
    # What has ended is of its group, too, until it is waited for, and the first process of a container may never do so.
    try:
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
        try:
            state, _, its_group, *_ = os.read(descriptor, _CHUNK).rpartition(b")")[2].split()
        finally:
            os.close(descriptor)
    except OSError:
        return False
    return int(its_group) == group and state != b"Z"


def _signal_group(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send signal *number*, or nothing for 0; return whether any process of the group is there."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True


def _signal_name(number: int) -> str:
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
