"""What pip resolved, read from its installation report, and the commands that bring an environment to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerwright import PluginError, Resolved, normalised_name, redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from layerwright import Change, Command
    from layerwright_pip.commands import PipCommands
    from layerwright_pip.requirements_file import Closure

__all__ = ["Convergence", "Repetition", "read_report"]


def read_report(text: str) -> tuple[Resolved, ...]:
    """Return the set in *text*, an installation report of pip's (version 1), sorted by name."""
    import json

    report = json.loads(text)
    if report.get("version") != "1":
        raise PluginError(
            f"pip's installation report has version {report.get('version')}, which this plugin does not support.",
            remedy="Set an older version in [tool.layerwright.pip], or update layerwright-pip.",
            reference="unknown-pip-report",
        )
    return tuple(sorted(map(_resolved, report["install"]), key=lambda d: d.name))


@dataclass(frozen=True, kw_only=True)
class Convergence:
    """Knows how to bring the environment of *closure* to another resolved set."""

    commands: PipCommands
    closure: Closure

    def __call__(self, change: Change) -> tuple[Command, ...]:
        """Return the commands for *change*: what is replaced goes before anything comes.

        So a file that moves from one distribution to another is not lost. What is installed is chosen by
        hash, from wherever the requirements files say that the index is.
        """
        leaving = sorted((*change.remove, *change.replace))
        coming = [[d for d in change.install if bool(d.hashes) is hashed] for hashed in (True, False)]
        # pip wants hashes for all that it installs at once, or for nothing.
        found = [self._install(batch) for batch in coming if batch]
        return (self.commands.uninstall(leaving), *found) if leaving else tuple(found)

    def _install(self, batch: list[Resolved]) -> Command:
        options = [line for option in self.closure.options for line in option.lines]
        lines = [*options, *map(self._line, batch)]
        return self.commands.install_exactly("".join(f"{line}\n" for line in lines), [d.words for d in batch])

    def _line(self, resolved: Resolved) -> str:
        return " ".join([self._wanted(resolved), *(f"--hash={value}" for value in resolved.hashes)])

    def _wanted(self, resolved: Resolved) -> str:
        if not resolved.url:
            return f"{resolved.name}=={resolved.version}"
        # As the user wrote it: pip's report is without the credentials, which may be variables there.
        wanted = _base(resolved.url)
        written = (r.text for r in self.closure.requirements if _base(r.target.url) == wanted)
        return next(written, f"{resolved.name} @ {resolved.url}")


@dataclass(frozen=True, kw_only=True)
class Repetition:
    """Knows how to bring an environment to another resolved set by the very command that fills a fresh one.

    It is for an *install* that leaves alone what is there already, in the version that was resolved.
    """

    uninstall: Callable[[Sequence[str]], Command]
    install: Command

    def __call__(self, change: Change) -> tuple[Command, ...]:
        """Return the commands for *change*: what is replaced goes before anything comes."""
        leaving = sorted((*change.remove, *change.replace))
        gone = (self.uninstall(leaving),) if leaving else ()
        return (*gone, self.install) if change.install else gone


def _base(url: str) -> str:
    # Core has taken out the other secrets.
    return redacted(url.partition("#")[0])


def _resolved(item: Any) -> Resolved:
    info = item["download_info"]
    commit = info.get("vcs_info", {}).get("commit_id", "")
    archive = info.get("archive_info", {})
    return Resolved(
        name=normalised_name(item["metadata"]["name"]),
        version=item["metadata"]["version"],
        hashes=tuple(sorted(f"{name}:{value}" for name, value in archive.get("hashes", {}).items())),
        # pip has taken the credentials out (PEP 610).
        url="" if not item["is_direct"] else f"{info['url']}@{commit}" if commit else info["url"],
    )
