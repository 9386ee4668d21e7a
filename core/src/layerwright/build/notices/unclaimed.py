"""The error for an application that no package manager claims, and whether Layerwright should raise it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.errors import UserError
from layerwright.plugins.claims import is_pattern
from layerwright.plugins.entry_points import CONCLUSIVE_GROUP, EVIDENCE_GROUP, NO_EVIDENCE, PLUGIN_GROUP

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from layerwright.config.sources import Sources
    from layerwright.files.project import Project
    from layerwright.plugins.entry_points import EntryPoint

__all__ = ["is_meant_for_us", "nothing_detected"]

_SIGNS_OF_PYTHON: Final = (
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "manage.py",
    ".python-version",
)
# Files of Bun and of Ansible, whose names resemble those of ours.
_OF_OTHERS: Final = ("bun.lock", "requirements.yaml", "requirements.yml")


def nothing_detected(
    project: Project, entry_points: Iterable[EntryPoint], disabled: Collection[str] = ()
) -> UserError | None:
    """Return the error for *project*, which no package manager claims: what is missing, or what to build instead.

    *disabled* plugins could not claim it. Returns ``None`` if nothing in *project* looks like Python.
    """
    from layerwright.build.notices.elsewhere import applications_below, for_conda, several_scripts
    from layerwright.build.notices.workspaces import locked_above

    known = tuple(entry_points)
    files = sorted(entry.name for entry in project.root.iterdir() if entry.is_file())
    conclusive = {e.name for e in known if e.group == CONCLUSIVE_GROUP}
    looked_for = conclusive | {e.name for e in known if e.group == EVIDENCE_GROUP} - {NO_EVIDENCE}
    unclaimed = [
        f"{file} exists, but its package manager is disabled or configured to look for another file."
        for file in files
        if file in conclusive
    ]
    above = None if unclaimed else locked_above(project, known)
    if above is not None:
        return above
    variants = [file for file in files if _is_variant(file, conclusive)]
    misspelt = [*_misspelt([file for file in files if file not in variants], sorted(looked_for))]
    if not (unclaimed or misspelt):
        if (conda := for_conda(project)) is not None:
            return conda
        if (several := several_scripts(project)) is not None:
            return several
        # At the top of a tree with several applications there is often a pyproject.toml that configures a linter.
        below = applications_below(project, conclusive)
        if below is not None and looked_for:
            return below
        if not variants and not any(
            file in looked_for or file in _SIGNS_OF_PYTHON or file.endswith(".py") for file in files
        ):
            return below
    if not looked_for:
        return UserError(
            "No package manager claims this application.",
            cause="No installed plugin provides a package manager.",
            remedy='Install the standard plugins: pip install "layerwright[standard]"',
            reference="nothing-detected",
        )
    others = [file for file in files if file in looked_for - conclusive]
    found = [*unclaimed, *misspelt, *_declined(known, others, disabled)]
    found += [
        f"{file} exists: name it in the settings of a package manager to install it." for file in variants
    ]
    if project.is_directory("requirements"):
        found.append(
            "requirements is a directory: name its files in the settings of a package manager, for example"
            " requirements/prod.txt."
        )
    absent = [] if unclaimed or misspelt else sorted(f for f in looked_for - {*files} if not is_pattern(f))
    if absent:
        found.append(f"None of these files exists: {', '.join(absent)}.")
    name = 'ame the package manager: package-manager = "…" in [tool.layerwright] of pyproject.toml.'
    return UserError(
        "No package manager claims this application.",
        cause="\n".join(found),
        remedy=(
            *(["Rename the file, if so."] if misspelt else ()),
            *(["Add one of those files, with the application's dependencies in it."] if absent else ()),
            f"Or n{name}" if misspelt or absent else f"N{name}",
            "`layerwright plugins` lists the installed package managers.",
        ),
        reference="nothing-detected",
    )


def is_meant_for_us(project: Project, sources: Sources, entry_points: Iterable[EntryPoint]) -> bool:
    """Return whether *project*, which no package manager claims, is clearly meant for Layerwright.

    It is if it has our configuration, or a file that is conclusive for some package manager. A Python file is not
    enough: most applications for other buildpacks have one. Nor is other evidence: a ``pyproject.toml`` often
    configures only a linter.
    """
    configured = any(not raw.given for key in sources.keys for raw in sources.in_files(key))
    return configured or any(project.exists(e.name) for e in entry_points if e.group == CONCLUSIVE_GROUP)


def _is_variant(file: str, names: Iterable[str]) -> bool:
    """Return whether *file* is one of *names* with a word before or after: ``requirements-dev.txt``."""
    for name in names:
        stem, dot, extension = name.rpartition(".")
        words = rf"(?:\w+[-_.])?{re.escape(stem)}(?:[-_.]\w+)?{re.escape(dot + extension)}"
        if file.lower() != name.lower() and re.fullmatch(words, file, re.IGNORECASE):
            return True
    return False


def _misspelt(files: Sequence[str], looked_for: Sequence[str]) -> Iterator[str]:
    import difflib

    for file in files:
        nearest = difflib.get_close_matches(file.lower(), looked_for, n=1, cutoff=0.8)
        if nearest and file not in (*looked_for, *_OF_OTHERS):
            yield f"{file} exists: is it meant to be {nearest[0]}?"


def _declined(
    entry_points: Sequence[EntryPoint], files: Sequence[str], disabled: Collection[str]
) -> Iterator[str]:
    """Yield sentences about the plugins that read one of *files* and do not claim the application."""
    off = {*disabled}
    for file in files:
        modules = {e.module for e in entry_points if e.group == EVIDENCE_GROUP and e.name == file}
        plugins = [e for e in entry_points if e.group == PLUGIN_GROUP and e.module in modules]
        switched_off = [e.name for e in plugins if {e.name, e.distribution} & off]
        asked = [e.name for e in plugins if e.name not in switched_off]
        if asked:
            yield f"{file} exists, but {_listed(asked)} did not claim the application."
        if switched_off:
            verb = "is" if len(switched_off) == 1 else "are"
            yield f"{file} exists, but {_listed(switched_off)} {verb} disabled."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
