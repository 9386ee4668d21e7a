"""Find what to run in an application without a known framework: its own script, or a file with a usual name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from layerwright import NotProposed, Process, ProposedProcess, normalised_name
from layerwright_frameworks import source
from layerwright_frameworks.servers import python_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import Project

__all__ = ["FILES", "plain_process"]

FILES: Final = ("main.py", "app.py", "server.py")
_GUARD: Final = re.compile(rb"^if\s+\(?\s*__name__\s*==\s*[\"']__main__[\"']", re.MULTILINE)


def plain_process(project: Project, distributions: frozenset[str]) -> ProposedProcess | NotProposed | None:
    """Return the process ``web`` of *project*: its only script, else its only file with a usual name."""
    return _script(project, distributions) or _file(project, distributions)


def _script(project: Project, distributions: frozenset[str]) -> ProposedProcess | NotProposed | None:
    document = project.toml("pyproject.toml")
    for where, table in (
        ("project", _table(document, "project")),
        ("tool.poetry", _table(document, "tool", "poetry")),
    ):
        name, scripts = table.get("name"), list(_table(table, "scripts"))
        # Otherwise no command of that name exists.
        if not isinstance(name, str) or normalised_name(name) not in distributions or not scripts:
            continue
        named = [one for one in scripts if normalised_name(one) == normalised_name(name)]
        chosen = scripts if len(scripts) == 1 else named
        if not chosen:
            return NotProposed(
                because=f"[{where}.scripts] has several scripts, and none is called {name}: {', '.join(scripts)}",
                remedy=f"Say which one to run, in a Procfile: web: {scripts[0]}",
            )
        which = "only script" if len(scripts) == 1 else "script with the name of the project"
        return ProposedProcess(
            process=Process(type="web", command=(chosen[0],)),
            because=f"{chosen[0]} is the {which} in [{where}.scripts]",
            fallback=True,
        )
    return None


def _file(project: Project, distributions: frozenset[str]) -> ProposedProcess | NotProposed | None:
    files = [
        file
        for file in FILES
        if project.path(file).is_file()
        and not project.is_outside(file)
        # A module that only a Celery worker imports ends at once.
        and not ("celery" in distributions and b"Celery(" in source.text_of(project, file))
    ]
    if len(files) == 1:
        return python_file(files[0], f"{files[0]} exists, and nothing else says what to run", fallback=True)
    guarded = [file for file in files if _GUARD.search(source.text_of(project, file))]
    if len(guarded) == 1:
        return python_file(
            guarded[0],
            f'of {" and ".join(files)}, only {guarded[0]} has `if __name__ == "__main__"`',
            fallback=True,
        )
    if not files:
        return None
    return NotProposed(
        because=f"it may be started by more than one file: {', '.join(guarded or files)}",
        remedy=f"Say which one to run, in a Procfile: web: python {(guarded or files)[0]}",
    )


def _table(tree: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for name in path:
        inner = tree.get(name)
        tree = inner if isinstance(inner, dict) else {}
    return tree
