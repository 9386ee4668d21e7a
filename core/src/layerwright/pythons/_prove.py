"""Tests that an interpreter works in its layer without its old prefix."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from layerwright.errors import SiteError
from layerwright.files.frozen import frozen
from layerwright.process.command import Command
from layerwright.pythons.provider import minor_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from layerwright.process.runner import Runner

__all__ = ["prove"]

_REPORT: Final = """\
import json, sys
failed = {}
for name in sys.argv[1:]:
    try:
        __import__(name)
    except BaseException as error:
        failed[name] = "%s: %s" % (type(error).__name__, error)
with open("/proc/self/maps") as maps:
    mapped = sorted({line.split(None, 5)[5].rstrip() for line in maps if "/" in line})
version = "%d.%d.%d" % sys.version_info[:3]
print("\\n" + json.dumps({"version": version, "prefix": sys.prefix, "mapped": mapped, "failed": failed}))
"""
_HIDE: Final = 'mount -t tmpfs none "$0" && exec "$@"'


@frozen
class _Report:
    version: str
    prefix: str
    mapped: list[str]
    failed: dict[str, str]


def prove(
    root: Path,
    *,
    version: str,
    old: Sequence[str],
    modules: Iterable[str],
    runner: Runner,
    original: Path | None = None,
) -> None:
    """Raise ``SiteError`` unless the interpreter in *root* is complete and independent of the prefixes *old*.

    With an empty environment it must report *version* and *root*, import *modules*, and map no file below *old* and
    no libpython but its own; and no file except compiled Python may mention *old*. Meanwhile an empty file system
    covers the prefix *original* that it was copied from, if this machine permits that. Modules that cannot be imported
    there either are no fault: some need a shared library that is not installed.
    """
    python = root / "bin" / f"python{minor_of(version)}"
    try:
        report = _interrogate(python, modules, runner, _hiding(original, root, runner))
        if original is not None and report.failed:
            able = _importable(original / "bin" / python.name, report.failed, runner)
            report = replace(report, failed={name: report.failed[name] for name in able})
        seen = [*_faults_in(report, root, version, old), *_mentions_in(root, old)]
    except _NoReportError as error:
        seen = [str(error)]
    if seen:
        raise SiteError(
            f"Python {version} does not work from {root}.",
            cause="\n".join(seen),
            remedy="Use another interpreter, or another provider.",
            reference="python-not-proved",
        )


class _NoReportError(Exception):
    """The interpreter ended before it reported; the message is its output."""


def _interrogate(python: Path, modules: Iterable[str], runner: Runner, before: Iterable[str] = ()) -> _Report:
    import json

    argv = (*before, str(python), "-I", "-B", "-c", _REPORT, *sorted(modules))
    completed = runner.within({}).try_run(Command(argv=argv))
    lines = completed.output.splitlines()
    if completed.returncode or not lines:
        said = completed.output.strip() or "it printed nothing"
        raise _NoReportError(f"{python} ended with status {completed.returncode}: {said}")
    values: dict[str, Any] = json.loads(lines[-1])
    return _Report(**values)


def _importable(python: Path, modules: Iterable[str], runner: Runner) -> list[str]:
    """Return those of *modules* that the interpreter *python* can import; none if it does not work."""
    try:
        failed = _interrogate(python, modules, runner).failed
    except _NoReportError:
        return []
    return [name for name in modules if name not in failed]


def _hiding(directory: Path | None, root: Path, runner: Runner) -> tuple[str, ...]:
    """Return the start of a command line that runs a command with *directory* empty; empty if that is not possible."""
    if directory is None or root.is_relative_to(directory):
        return ()
    users = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    unshare = ("/usr/bin/env", f"PATH={os.defpath}", "unshare", *users, "--mount")
    before = (*unshare, "sh", "-c", _HIDE, str(directory), "/usr/bin/env", "-i")
    # Containers often forbid it. The rest of the proof still sees every mapped file.
    permitted = runner.within({}).try_run(Command(argv=(*before, "true")))
    return () if permitted.returncode else before


def _faults_in(report: _Report, root: Path, version: str, old: Sequence[str]) -> Iterator[str]:
    if report.version != version:
        yield f"It is Python {report.version}."
    if Path(report.prefix).resolve() != root.resolve():
        yield f"Its prefix is {report.prefix}."
    home = str(root.resolve()) + os.sep
    for path in report.mapped:
        is_suspect = Path(path).name.startswith("libpython") or any(map(Path(path).is_relative_to, old))
        if is_suspect and not path.startswith(home):
            yield f"It loads {path}."
    for module, error in report.failed.items():
        yield f"It cannot import {module}: {error}."


def _mentions_in(root: Path, old: Sequence[str]) -> Iterator[str]:
    """Yield a fault for each file that mentions *old* and could have been rewritten to *root*.

    It skips the standard library's own sources, in which ``/usr/local`` is an ordinary word, and their bytecode; and
    the prefix that is compiled into libpython, which is used only if there is no standard library next to it.
    """
    from layerwright.files.mentions import mentions
    from layerwright.pythons.elf import MAGIC, read_dynamic

    pattern, new, plain = mentions(old), os.fsencode(root), [os.fsencode(prefix) for prefix in old]
    for folder, _folders, files in os.walk(root):
        for name in files:
            is_source = name.endswith(".py") and not name.startswith("_sysconfigdata")
            if is_source or name.endswith(".pyc"):
                continue
            path = Path(folder, name)
            content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            if content.startswith(MAGIC):
                content = ":".join(entry.value for entry in read_dynamic(path).search_paths).encode()
            # Looking for plain bytes first is much faster.
            if not any(prefix in content for prefix in plain):
                continue
            if found := pattern.search(content.replace(new, b"")):
                yield f"{path} mentions {os.fsdecode(found[0])}."
