"""Runs commands: the one place that starts processes."""

from __future__ import annotations

import io
import os
from collections import deque
from typing import IO, TYPE_CHECKING, Final

from layerwright.errors import CommandFailed, SiteError
from layerwright.process.command import Completed
from layerwright.process.redaction import KNOWN, SecretStr, secret_variables, without_secrets

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from layerwright.process.command import Command

__all__ = ["Runner"]

_GRACE_SECONDS: Final = 10.0
# The characters of streamed output that diagnoses are searched in.
_END: Final = 256 * 1024
_MOST_OUTPUT: Final = 16 * 1024 * 1024


class Runner:
    """Runs commands in *env*, passes every redacted line of output to *on_line*, and cleans up after itself.

    Each command leads its own process group. When an exception passes (``KeyboardInterrupt``, or one that a SIGTERM
    handler raises), the whole group gets SIGTERM, has *grace* seconds to end, and gets SIGKILL. File descriptors in
    *keep_open* are inherited: a lock on one is held until the last child has ended, even if Layerwright itself is
    killed.

    A command has ended when its leader has: later output is not awaited, and background processes of the command are
    ended, so that nothing writes into a completed layer.

    A command that names no working directory starts in *cwd*. *elsewhere* says where a reader finds the output that
    was passed to *on_line*, if it is not above the error. The variables *always* win over those of a command. *amend*
    adds to the error of a failed command.
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
        cwd: Path | None = None,
        elsewhere: str = "",
        always: Mapping[str, str] | None = None,
        amend: Callable[[CommandFailed], CommandFailed] = lambda error: error,
    ) -> None:
        self._always = dict(always or {})
        self._amend = amend
        self._cwd = cwd
        self._elsewhere = elsewhere
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
            cwd=self._cwd,
            elsewhere=self._elsewhere,
            always=self._always,
            amend=self._amend,
        )

    def around(self, around: Callable[[Callable[[], Completed]], Completed]) -> Runner:
        """Return a runner like this one that runs each command through *around*."""
        runner = self.within(self._env)
        runner._around = around
        return runner

    def without_secrets(self) -> Runner:
        """Return a runner like this one whose commands get no variable that holds a secret."""
        secret = secret_variables(self._env)
        return self.within({name: value for name, value in self._env.items() if name not in secret})

    def run(self, command: Command) -> None:
        """Run *command*, streaming its output; raise ``CommandFailed`` if its status is not 0."""
        self._on_command(command)
        self._checked(command, self._on_line)

    def try_run(self, command: Command) -> Completed:
        """Run *command* silently and return its status and output, whatever its status.

        ``CommandFailed``: it printed more than 16 MiB, and was stopped.
        """
        return self._around(lambda: self._completed(command))

    def answer(self, command: Command) -> Completed:
        """Run *command* silently and return its status and its output with secrets, which it is asked for."""
        return self._completed(command, with_secrets=True)

    def capture(self, command: Command) -> str:
        """Run *command* silently and return its output; raise ``CommandFailed`` with it if the status is not 0."""
        return self._checked(command)

    def _checked(self, command: Command, on_line: Callable[[str], None] | None = None) -> str:
        # A build with nothing changed runs no command, and does not import this.
        from layerwright.process.failures.failure import failure, kills

        before = kills()
        completed = self._around(lambda: self._completed(command, on_line))
        if completed.returncode:
            error = failure(
                command,
                completed,
                said=on_line is not None,
                elsewhere=self._elsewhere if on_line is not None else "",
                killed=kills() - before,
                again=lambda other: self._around(lambda: self._completed(other, lambda _line: None)).output,
            )
            raise self._amend(error)
        return completed.output

    def _completed(
        self,
        command: Command,
        on_line: Callable[[str], None] | None = None,
        *,
        with_secrets: bool = False,
    ) -> Completed:
        """Run *command*; of output that is passed to *on_line*, only the end is kept."""
        from layerwright.process._group import chunks, end_group, is_there
        from layerwright.process._lines import LONGEST_LINE, lines

        end = deque[str]()
        kept = 0
        # Not a list: a string for each short line takes far more memory than its text.
        whole = io.StringIO()
        # Output of a process that is being ended has no reader, but its pipe must stay open.
        with _stdin(command.stdin) as stdin, self._start(command, stdin) as process:
            try:
                for line in lines(chunks(process), _MOST_OUTPUT if on_line is None else LONGEST_LINE):
                    shown = line if with_secrets else without_secrets(line, command.secrets)
                    if on_line is not None:
                        end.append(f"{shown}\n")
                        kept += len(end[-1])
                        while kept > _END:
                            kept -= len(end.popleft())
                        on_line(shown)
                    elif whole.write(f"{shown}\n") and whole.tell() > _MOST_OUTPUT:
                        raise _talkative(command)
                process.wait()
                if is_there(process):
                    end_group(process, self._grace)
            except BaseException:
                end_group(process, self._grace)
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
        env |= self._always
        # A build with nothing changed starts no process, and does not import this.
        import subprocess

        try:
            return subprocess.Popen(
                command.argv,
                env=env,
                cwd=command.cwd or self._cwd,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                # A group of its own: Ctrl-C in a terminal then reaches only Layerwright, which ends the children in
                # order instead of racing them.
                start_new_session=True,
                pass_fds=self._keep_open,
            )
        except OSError as error:
            raise SiteError(
                f"Could not start {command.argv[0]}.",
                cause=f"{error.strerror}: {error.filename}",
                remedy=(
                    "Check that the file exists and can be executed.",
                    "If it is in a layer, build again with --clean, which recreates every layer.",
                ),
                reference="command-not-started",
            ) from error


def _stdin(text: str) -> IO[bytes]:
    # A file instead of a pipe: if the process reads late or never, a pipe would block the writer.
    if not text:
        return open(os.devnull, "rb")  # noqa: PTH123  # the caller closes it
    import tempfile

    file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(text.encode(errors="surrogateescape"))
    file.seek(0)
    return file


def _talkative(command: Command) -> CommandFailed:
    import signal

    return CommandFailed(
        f"{command.words} was stopped, because it printed too much.",
        returncode=-signal.SIGTERM,
        cause=f"It printed more than {_MOST_OUTPUT // 1024 // 1024} MiB, the limit for output that is read as a whole.",
        remedy=command.remedy,
        reference=command.reference,
    )
