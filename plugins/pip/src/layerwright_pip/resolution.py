"""Read what pip resolved from its installation report, and update an environment to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from layerwright import PluginError, Resolved, frozen, normalised_name, redacted
from layerwright_pip.requirement import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from layerwright import Change, Command, Project
    from layerwright_pip.commands import PipCommands
    from layerwright_pip.requirements_file import Closure

__all__ = ["Convergence", "Repetition", "read_report"]

_DIRECTORY: Final = "directory:"
"""The prefix of a local directory's digest, which pip does not accept as the hash of an archive."""


def read_report(text: str, *, project: Project) -> tuple[Resolved, ...]:
    """Return the resolved set in *text*, pip's installation report (version 1), sorted by name.

    A local directory has the digest of its content, because its version may stay the same.
    """
    import json

    report = json.loads(text)
    if report.get("version") != "1":
        raise PluginError(
            f"pip's installation report has version {report.get('version')}, which this plugin does not support.",
            remedy="Set an older version in [tool.layerwright.pip], or update layerwright-pip.",
            reference="unknown-pip-report",
        )
    return tuple(sorted((_resolved(item, project) for item in report["install"]), key=lambda d: d.name))


@frozen
class Convergence:
    """Updates the environment of *closure* to another resolved set."""

    commands: PipCommands
    closure: Closure

    def __call__(self, change: Change) -> tuple[Command, ...]:
        """Return the commands for *change*: first uninstall everything that is replaced, then install.

        In this order, a file that moves from one distribution to another is not lost. Distributions are selected
        by hash, from the indexes that the requirements files name.
        """
        leaving = sorted((*change.remove, *change.replace))
        coming = [[d for d in change.install if _is_hashed(d) is hashed] for hashed in (True, False)]
        # In one command, pip wants hashes for all requirements or for none.
        found = [self._install(batch) for batch in coming if batch]
        return (self.commands.uninstall(leaving), *found) if leaving else tuple(found)

    def _install(self, batch: list[Resolved]) -> Command:
        options = [line for option in self.closure.options for line in option.lines]
        lines = [*options, *map(self._line, batch)]
        return self.commands.install_exactly("".join(f"{line}\n" for line in lines), [d.words for d in batch])

    def _line(self, resolved: Resolved) -> str:
        hashes = resolved.hashes if _is_hashed(resolved) else ()
        return " ".join([self._wanted(resolved), *(f"--hash={value}" for value in hashes)])

    def _wanted(self, resolved: Resolved) -> str:
        if not resolved.url:
            return f"{resolved.name}=={resolved.version}"
        # As the user wrote it: pip's report omits the credentials, which may be variables there.
        wanted = _base(resolved.url)
        written = (r.text for r in self.closure.requirements if _base(r.target.url) == wanted)
        return next(written, f"{resolved.name} @ {resolved.url}")


@frozen
class Repetition:
    """Updates an environment to another resolved set with the command that fills an empty one.

    *install* must leave distributions alone that are installed in the resolved version already.
    """

    uninstall: Callable[[Sequence[str]], Command]
    install: Command

    def __call__(self, change: Change) -> tuple[Command, ...]:
        """Return the commands for *change*: first uninstall everything that is replaced, then install."""
        leaving = sorted((*change.remove, *change.replace))
        gone = (self.uninstall(leaving),) if leaving else ()
        return (*gone, self.install) if change.install else gone


def _base(url: str) -> str:
    # Core has removed the other secrets.
    return redacted(url.partition("#")[0])


def _is_hashed(resolved: Resolved) -> bool:
    return bool(resolved.hashes) and not resolved.hashes[0].startswith(_DIRECTORY)


def _resolved(item: Any, project: Project) -> Resolved:
    from urllib.parse import unquote, urlsplit

    info = item["download_info"]
    commit = info.get("vcs_info", {}).get("commit_id", "")
    archive = info.get("archive_info", {})
    hashes = tuple(sorted(f"{name}:{value}" for name, value in archive.get("hashes", {}).items()))
    if "dir_info" in info:
        hashes = (f"{_DIRECTORY}{project.digest(path_of(info['url']))}",)
    return Resolved(
        name=normalised_name(item["metadata"]["name"]),
        version=item["metadata"]["version"],
        hashes=hashes,
        # pip has removed the credentials (PEP 610).
        url="" if not item["is_direct"] else f"{info['url']}@{commit}" if commit else info["url"],
        archive=unquote(urlsplit(info["url"]).path.rpartition("/")[2]) if "archive_info" in info else "",
    )
