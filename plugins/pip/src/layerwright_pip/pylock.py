"""``pylock.toml`` (PEP 751) instead of requirements files: when it is installed, and which entries are refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright import UserError, VersionSource, inline_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright import Project

__all__ = [
    "PYLOCK",
    "is_pylock",
    "python_bounds",
    "refuse_older_pip",
    "refuse_unhashed",
]

PYLOCK: Final = "pylock.toml"
_OLDEST_PIP: Final = "26.1"

_FILE_NAME: Final = r"(?:.*/)?pylock(?:\.[^./]+)?\.toml"
_BOUNDS: Final = r"""(?m)^requires-python *= *(["'])(.+?)\1"""
# Parsing a large lock file takes as long as an unchanged build, so only one that may have these is parsed.
_PERHAPS_UNHASHED: Final = r"\b(?:directory|vcs)\b"
_WITHOUT_HASH: Final = {"directory": "a local directory", "vcs": "a repository"}


def is_pylock(name: str) -> bool:
    """Return whether a file called *name* is a lock file (``pylock.toml``, ``pylock.<identifier>.toml``)."""
    return name.endswith(".toml") and re.fullmatch(_FILE_NAME, name) is not None


def python_bounds(project: Project, files: Iterable[str]) -> VersionSource | None:
    """Return ``requires-python`` of the first lock file or script among *files* that has one."""
    for name in files:
        if name.endswith(".py") and project.exists(name):
            value = (inline_metadata(project, name) or {}).get("requires-python")
            if isinstance(value, str):
                return VersionSource(origin=f"{name}: requires-python", value=value, specifier=value)
        if is_pylock(name) and project.exists(name):
            # The key is at the top, before the first table.
            found = re.search(_BOUNDS, project.text(name).partition("\n[")[0])
            if found:
                return VersionSource(origin=f"{name}: requires-python", value=found[2], specifier=found[2])
    return None


def refuse_older_pip(version: str, name: str) -> None:
    """Raise ``UserError`` if pip *version* cannot install the lock file *name*."""
    if [*map(int, re.findall(r"\d+", version)[:2])] >= [*map(int, _OLDEST_PIP.split("."))]:
        return
    raise UserError(
        f"pip {version} cannot install {name}.",
        cause=f"pip {_OLDEST_PIP} is the first that can, and it needs Python 3.10 or newer.",
        remedy=(
            f'Set version = "{_OLDEST_PIP}" or a newer one in [tool.layerwright.pip], and use Python 3.10 or newer,',
            'or let uv install it: installer = "uv" in [tool.layerwright.pip].',
        ),
        reference="pylock-needs-newer-pip",
    )


def refuse_unhashed(project: Project, name: str) -> None:
    """Raise ``UserError`` if the lock file *name* has an entry that cannot have a hash.

    The installer refuses archives that could have a hash and have none.
    """
    project.refuse_unlike(name, "lock-version")
    if not re.search(_PERHAPS_UNHASHED, project.text(name)):
        return
    packages = project.toml(name).get("packages")
    found = [
        f"{package.get('name')} is {words}."
        # The installer refuses every other form.
        for package in (packages if isinstance(packages, list) else ())
        for kind, words in _WITHOUT_HASH.items()
        if isinstance(package, dict) and kind in package
    ]
    if found:
        raise UserError(
            f"{name} has an entry that cannot be verified by a hash.",
            cause="\n".join(found),
            remedy=(
                "Lock without the application itself, for example: uv export --format pylock.toml --no-emit-project",
                "Replace other such entries with releases on a package index.",
                "Or use requirements files instead, which can contain such requirements: requirements = […]",
            ),
            reference="pylock-without-hash",
        )
