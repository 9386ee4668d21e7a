"""Finds the interpreters of this machine, and those that can be copied into a layer."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.files import bounded
from layerwright.pythons.provider import anything, minor_of, version_key
from layerwright.pythons.system._trust import is_trusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from layerwright.process.runner import Runner
    from layerwright.pythons.provider import Wanted

__all__ = ["Found", "discover", "places"]

_OLDEST: Final = (3, 9)
# More patches than any minor version ever had.
_PATCHES: Final = 40
_NAME: Final = re.compile(r"python3(\.\d+)?")
_PROBE: Final = """\
import json, platform, sys
print("\\n" + json.dumps({
    "implementation": platform.python_implementation(),
    "version": "%d.%d.%d" % sys.version_info[:3],
    "level": sys.version_info[3],
    "prefix": sys.prefix,
    "base_prefix": sys.base_prefix,
    "abiflags": sys.abiflags,
}))
"""


class Found(NamedTuple):
    """An interpreter of this machine; ``obstacle`` is why it cannot be copied, and empty if it can."""

    executable: str
    version: str
    prefix: str
    obstacle: str

    @property
    def words(self) -> str:
        """A line about it for an error."""
        facts = (self.version, self.obstacle and f"not usable: {self.obstacle}")
        return f"{self.executable}: {', '.join(filter(None, facts))}"


class _Facts(NamedTuple):
    """The facts that an executable reports about itself, valid while the file is unchanged."""

    implementation: str
    version: str
    level: str
    prefix: str
    base_prefix: str
    abiflags: str


def places(env: Mapping[str, str], home: Path, base_prefix: str) -> Sequence[str]:
    """Return the directories of interpreters: of ``PATH``, pyenv, uv, and the one that runs this process."""
    # Programs that install interpreters on machines: their interpreters serve every package manager, and uv's are there
    # without its plugin.
    pyenv = env.get("PYENV_ROOT") or f"{home}/.pyenv"
    data = env.get("XDG_DATA_HOME") or f"{home}/.local/share"
    uv = env.get("UV_PYTHON_INSTALL_DIR") or f"{data}/uv/python"
    folders = [
        *filter(os.path.isabs, env.get("PATH", "").split(os.pathsep)),
        *(
            f"{parent}/{name}/bin"
            for parent in (f"{pyenv}/versions", uv)
            for name in sorted(_entries(parent))
        ),
        f"{base_prefix}/bin",
    ]
    return list(dict.fromkeys(folders))


def discover(
    folders: Iterable[str], cache_dir: Path, runner: Runner, wanted: Wanted = anything
) -> Sequence[Found]:
    """Return each interpreter in *folders*, once, newest first.

    Those that are not *wanted* may be missing, by their versions or, where these are not known, by their names. The
    facts about an executable are cached in *cache_dir*: the next discovery starts no process.
    """
    memory = cache_dir / "interpreters.json"
    known = _recall(memory)
    seen: dict[str, _Facts] = {}
    found: dict[tuple[str, str], Found] = {}
    for executable in dict.fromkeys(_executables(folders)):
        # Strings, because a Path for each takes longer than all the rest.
        status = os.stat(executable)  # noqa: PTH116
        key = f"{executable} {status.st_size} {status.st_mtime_ns}"
        if key not in known and not (_is_binary(executable) and _may_do(executable, wanted)):
            continue
        facts = known.get(key) or _probe(executable, runner)
        if isinstance(facts, _Facts):
            seen[key] = facts
            if not wanted(facts.version):
                continue
            prefix = os.path.realpath(facts.prefix)
            one = Found(
                executable=executable,
                version=facts.version,
                prefix=prefix,
                obstacle=_obstacle(Path(prefix), facts),
            )
        else:
            one = Found(executable=executable, version="", prefix="", obstacle=facts)
        found.setdefault((one.prefix or one.executable, one.version), one)
    if seen != known:
        _remember(memory, seen)
    return sorted(found.values(), key=lambda one: version_key(one.version or "0"), reverse=True)


def _entries(folder: str) -> Sequence[str]:
    with contextlib.suppress(OSError):
        return os.listdir(folder)  # noqa: PTH208
    return ()


def _executables(folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        # The directories of PATH have thousands of programs, so they are not sorted first.
        named = sorted(name for name in _entries(folder) if name.startswith("python3"))
        real = os.path.realpath(folder) if named else folder
        for path in (f"{real}/{name}" for name in named if _NAME.fullmatch(name)):
            if os.access(path, os.X_OK):
                yield os.path.realpath(path) if os.path.islink(path) else path  # noqa: PTH114


def _may_do(executable: str, wanted: Wanted) -> bool:
    """Return whether some patch of the minor version in the name of *executable* is *wanted*."""
    minor = os.path.basename(executable).removeprefix("python")  # noqa: PTH119
    return "." not in minor or any(wanted(f"{minor}.{patch}") for patch in range(_PATCHES))


def _is_binary(path: str) -> bool:
    """Return whether *path* is a binary: scripts are shims, such as pyenv's, for interpreters that are found anyway."""
    with contextlib.suppress(OSError), open(path, "rb") as file:  # noqa: PTH123
        return file.read(4) == b"\x7fELF"
    return False


def _probe(executable: str, runner: Runner) -> _Facts | str:
    """Return the facts that *executable* reports, or why it reports none."""
    import json

    from layerwright.errors import CommandFailed, SiteError
    from layerwright.process.command import Command

    try:
        completed = runner.within({}).try_run(Command(argv=(executable, "-I", "-c", _PROBE)))
    except (CommandFailed, SiteError) as error:
        return error.cause
    try:
        return _Facts(**json.loads(completed.output.splitlines()[-1]))
    except (IndexError, TypeError, ValueError):
        return f"it ended with status {completed.returncode} and did not report its version"


def _recall(memory: Path) -> dict[str, _Facts]:
    import json

    # A user who can write there could fake interpreters, and which prefix is copied into an image.
    if not is_trusted(memory):
        return {}
    try:
        return {key: _Facts(**facts) for key, facts in json.loads(bounded.read(memory)).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember(memory: Path, seen: Mapping[str, _Facts]) -> None:
    import json

    # If it cannot be stored, the next discovery runs the executable again.
    with contextlib.suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        temporary = memory.with_suffix(f".{os.getpid()}")
        temporary.unlink(missing_ok=True)
        # If other users can write to the directory, do not write through a link that they put there.
        with temporary.open("x") as file:
            file.write(json.dumps({key: facts._asdict() for key, facts in seen.items()}, indent=1))
        temporary.replace(memory)


def _obstacle(prefix: Path, facts: _Facts) -> str:
    minor = minor_of(facts.version)
    library = prefix / "lib" / f"python{minor}"
    bundled = _entries(f"{library}/ensurepip/_bundled")
    # The first that is true; checked every time, because these change while the executable does not.
    obstacles = {
        f"it is {facts.implementation}, not CPython": facts.implementation != "CPython",
        "Python 3.9 or newer is needed": version_key(minor) < _OLDEST,
        "it is a pre-release": facts.level != "final",
        f"it is a virtual environment of {facts.base_prefix}": facts.prefix != facts.base_prefix,
        f"it is a special build (ABI flags {facts.abiflags})": bool(facts.abiflags),
        f"{prefix} does not have the usual layout": not (
            (prefix / "bin" / f"python{minor}").is_file() and (library / "os.py").is_file()
        ),
        "no bundled pip (ensurepip)": not any(name.startswith("pip-") for name in bundled),
        "it is part of the operating system": prefix == Path("/usr"),
    }
    return next((words for words, applies in obstacles.items() if applies), "")
