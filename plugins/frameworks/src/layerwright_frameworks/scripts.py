"""Find what to run in an application without a known framework: its own script, a package, or a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright import NotProposed, Process, ProposedProcess, normalised_name
from layerwright_frameworks import declared, source
from layerwright_frameworks.declared import declared_name, own_name
from layerwright_frameworks.servers import python_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright import Project

__all__ = ["plain_process", "script_process"]

_FILES: Final = ("main.py", "app.py", "server.py")
_OTHER_FILES: Final = ("bot.py", "run.py")
_GUARD: Final = rb"(?m)^if\s+\(?\s*__name__\s*==\s*[\"']__main__[\"']"


def plain_process(project: Project, distributions: frozenset[str]) -> ProposedProcess | NotProposed | None:
    """Return the process ``web`` of *project*: the first that it has.

    That is its only script, a file with a usual name, its only package with a ``__main__.py`` or a ``main.py`` that is
    a program, a file at the top that is a program, or a file with a usual name one level below.
    """
    return (
        script_process(project, distributions)
        or _file(project, distributions, _FILES)
        or _file(project, distributions, _OTHER_FILES)
        or _elsewhere(project, distributions)
    )


def _elsewhere(project: Project, distributions: frozenset[str]) -> ProposedProcess | NotProposed | None:
    from layerwright_frameworks.packages import files_below

    return (
        _package(project, distributions)
        or _program(project, distributions)
        or _file(project, distributions, files_below(project, (*_FILES, *_OTHER_FILES), packages=False))
    )


def script_process(project: Project, distributions: frozenset[str]) -> ProposedProcess | NotProposed | None:
    """Return the process ``web`` of *project* that is its only script, or the one with its name.

    It is no fallback if the script runs a server. ``NotProposed``: there are several, or it is a group of commands.
    """
    # Otherwise no command of that name exists.
    if own_name(project) not in distributions or (found := declared.scripts(project)) is None:
        return None
    # Every unchanged build asks for this, and most applications have no script.
    from layerwright_frameworks.command_groups import is_command_group
    from layerwright_frameworks.serving import runs_server

    name, names = declared_name(project), list(found.targets)
    named = [one for one in names if normalised_name(one) == normalised_name(name)]
    chosen = names if len(names) == 1 else named
    if not chosen:
        return NotProposed(
            because=f"{found.where} has several scripts, and none is called {name}: {', '.join(names)}",
            remedy=f"Say which one to run, in a Procfile: web: {names[0]}",
        )
    which = "only script" if len(names) == 1 else "script with the name of the project"
    because = f"{chosen[0]} is the {which} in {found.where}"
    target = found.targets[chosen[0]]
    if is_command_group(project, target):
        # A platform would start it again and again, and it would print its help every time.
        return NotProposed(
            because=f"{because}, and has several commands",
            remedy=f"Say which command to run, in a Procfile: web: {chosen[0]} COMMAND",
        )
    serves = runs_server(project, target)
    return ProposedProcess(
        process=Process(type="web", command=(chosen[0],)),
        because=f"{because}{', and runs a server' if serves else ''}",
        fallback=not serves,
    )


def _file(
    project: Project, distributions: frozenset[str], names: Sequence[str]
) -> ProposedProcess | NotProposed | None:
    files = [file for file in names if _may_be_run(project, file, distributions)]
    if len(files) == 1:
        return python_file(files[0], f"{files[0]} exists, and nothing else says what to run", fallback=True)
    guarded = [file for file in files if re.search(_GUARD, source.text_of(project, file))]
    if len(guarded) == 1:
        return python_file(
            guarded[0],
            f'of {" and ".join(files)}, only {guarded[0]} has `if __name__ == "__main__"`',
            fallback=True,
        )
    return _several(guarded or files) if files else None


def _package(project: Project, distributions: frozenset[str]) -> ProposedProcess | None:
    from layerwright_frameworks.packages import package_files

    for file in package_files(project, distributions, "__main__.py"):
        if project.exists(file):
            package = source.dotted_module(file).removesuffix(".__main__")
            return ProposedProcess(
                process=Process(type="web", command=("python", "-m", package)),
                because=f"{file} exists, and nothing else says what to run",
                fallback=True,
            )
    for file in package_files(project, distributions, "main.py"):
        if _may_be_run(project, file, distributions) and re.search(_GUARD, source.text_of(project, file)):
            module = source.dotted_module(file)
            return ProposedProcess(
                process=Process(type="web", command=("python", "-m", module)),
                because=f'{file} has `if __name__ == "__main__"`, and nothing else says what to run',
                fallback=True,
            )
    return None


def _program(project: Project, distributions: frozenset[str]) -> ProposedProcess | NotProposed | None:
    from layerwright_frameworks.packages import directories, other_files

    packages = [name for name in directories(project) if project.exists(f"{name}/__init__.py")]
    files = [
        file
        for file in other_files(project, _FILES)
        # Beside a package, a file with another name is more often a tool than the application.
        if (not packages or any(name.startswith(file.removesuffix(".py")) for name in packages))
        and _may_be_run(project, file, distributions)
        and re.search(_GUARD, source.text_of(project, file))
    ]
    if len(files) == 1:
        beside = " and the name of a package" if packages else ""
        because = f'{files[0]} is the only file at the top with `if __name__ == "__main__"`{beside}'
        return python_file(files[0], because, fallback=True)
    return _several(files) if files else None


def _may_be_run(project: Project, file: str, distributions: frozenset[str]) -> bool:
    if not project.path(file).is_file() or project.is_outside(file):
        return False
    # A module that only a Celery worker imports ends at once.
    return not ("celery" in distributions and b"Celery(" in source.text_of(project, file))


def _several(files: Sequence[str]) -> NotProposed:
    return NotProposed(
        because=f"it may be started by more than one file: {', '.join(files)}",
        remedy=f"Say which one to run, in a Procfile: web: python {files[0]}",
    )
