"""Files in the application directory that have no effect, although their author may expect one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.files.project import Project

__all__ = ["stray_files"]

_PROCFILE: Final = "Procfile"
_SPELLINGS: Final = frozenset({"procfile", "procfile.txt"})


def stray_files(project: Project) -> tuple[str, ...]:
    """Return a warning for each virtual environment in the source of *project*, and for a misspelt Procfile."""
    names = sorted(entry.name for entry in project.root.iterdir())
    return (*_environments(project, names), *_misspelt([] if project.script else names))


def _environments(project: Project, names: list[str]) -> Iterator[str]:
    for name in names:
        configuration = project.root / name / "pyvenv.cfg"
        if not configuration.is_file():
            continue
        from layerwright.files.version_control import tracks

        # A developer's own one that version control ignores is not worth a warning.
        if tracks(configuration) is not False:
            yield (
                f"{name} is a virtual environment in the application directory. It is not used, and may not work on"
                " another machine.\n"
                f"Remove it from version control: git rm -r --cached {name}, and add it to .gitignore."
            )


def _misspelt(names: list[str]) -> Iterator[str]:
    for name in names:
        if name.lower() in _SPELLINGS and _PROCFILE not in names:
            yield f"{name} is not read: the file for processes is called {_PROCFILE}.\nRename it, or remove it."
