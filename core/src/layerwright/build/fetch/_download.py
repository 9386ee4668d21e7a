"""Downloads the archives of a bundle: distributions, tools, and everything that building them needs."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build.wheels.pins import pins
from layerwright.contract import distributions
from layerwright.contract.distributions import pip_download, tool_remedy
from layerwright.process.command import Command

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from layerwright.build._specify import DescribedTool
    from layerwright.contract.values.offline import Offline
    from layerwright.process.redaction import SecretStr
    from layerwright.process.runner import Runner
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["Downloads"]

# pip prints it in every version, also for the build requirements that it installs where a distribution is built.
_INSTALLED: Final = re.compile(r"Successfully installed (?P<pins>\S.*)$", re.MULTILINE)
_OF_INSTALL: Final = frozenset({"--ignore-installed", "--no-compile", "--no-warn-script-location", "--user"})
_REMEDY: Final = (
    "If the package index could not be reached, check pip's index settings (PIP_INDEX_URL and others).",
    "If a distribution cannot be downloaded from there, it was installed from elsewhere: build it into a wheel first.",
)


@dataclass(frozen=True, kw_only=True)
class Downloads:
    """Downloads with the pip that is bundled with *interpreter*, into the directory *archives*.

    *environment* has the user's variables. *scratch* is for pip's cache and log: with the log, it finds what builds
    have installed.
    """

    interpreter: Interpreter
    archives: Path
    scratch: Path
    environment: Mapping[str, str]
    cwd: Path
    runner: Runner

    def tool(self, described: DescribedTool) -> None:
        """Download the wheels of a package manager, or what its commands install from the index."""
        tool, title = described.tool, f"{described.manager.display_name} {described.tool.version}"
        locked = pins(tool.wheels.hashed, self.interpreter.version) if tool.wheels else None
        if tool.wheels is not None and locked:
            from packaging.tags import platform_tags

            self._run(
                pip_download(
                    self.interpreter.executable,
                    *platform_tags(),
                    minor=self.interpreter.minor,
                    requirements="".join(f"{pin.line}\n" for pin in locked),
                    into=self.archives,
                    environment=self.environment,
                    index=tool.wheels.index or {},
                    shown=f"pip download {title}",
                    remedy=tool_remedy(self.interpreter),
                    reference="tool-not-installed",
                )
            )
            return
        for command in tool.install:
            if str(_bundled_pip()) in command.argv:
                self._run(self._as_download(command))

    def distributions(self, requirements: Sequence[str], offline: Offline, *, hashed: bool) -> None:
        """Download exactly *requirements*, which have hashes if *hashed*, from the index that *offline* names."""
        if requirements:
            count = (
                f"{len(requirements)} distributions" if len(requirements) > 1 else requirements[0].split()[0]
            )
            options = ("--require-hashes",) if hashed else ()
            lines = (*offline.options, *requirements)
            self._run(self._pip(lines, *options, index=offline.index, shown=f"pip download {count}"))

    def of_directories(self, directories: Iterable[Path], offline: Offline) -> None:
        """Download what building the local *directories* needs."""
        for number, directory in enumerate(directories):
            copy, discarded = self.scratch / f"local-{number}", self.scratch / "discarded"
            shutil.rmtree(copy, ignore_errors=True)
            # Build backends write into the directory.
            shutil.copytree(
                directory, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", ".venv", "node_modules")
            )
            command = self._pip(
                (*offline.options, str(copy)), index=offline.index, shown=f"pip download {directory}"
            )
            argv = tuple(w for w in command.argv if not w.startswith("--dest="))
            self._run(replace(command, argv=(*argv, f"--dest={discarded}")))
            shutil.rmtree(copy)

    def build_requirements(self, offline: Offline) -> None:
        """Download what was installed to build the distributions, and what was to build that."""
        done: set[str] = set()
        while new := sorted(self._built_with() - done):
            done.update(new)
            while new:
                # In one command, pip accepts one version of a distribution.
                batch = {name.partition("==")[0]: name for name in new}.values()
                self.distributions(sorted(batch), offline, hashed=False)
                new = [name for name in new if name not in batch]

    def _built_with(self) -> set[str]:
        if not self._log.exists():
            return set()
        found = _INSTALLED.findall(self._log.read_text(encoding="utf-8", errors="replace"))
        parts = (word.rpartition("-") for line in found for word in line.split())
        return {f"{name}=={version}" for name, _, version in parts if name}

    def _pip(
        self,
        lines: Iterable[str],
        *options: str,
        index: Mapping[str, str | SecretStr],
        shown: str,
    ) -> Command:
        return Command(
            argv=(
                str(self.interpreter.executable),
                "-I",
                str(_bundled_pip()),
                "download",
                "--no-deps",
                *options,
                f"--dest={self.archives}",
                "--requirement=/dev/stdin",
                "--no-input",
                "--progress-bar=off",
                "--disable-pip-version-check",
                "--quiet",
            ),
            env=index,
            # Settings of pip may have paths that are relative to it.
            cwd=self.cwd,
            stdin="".join(f"{line}\n" for line in lines),
            shown=shown,
            remedy=_REMEDY,
            reference="archive-not-fetched",
        )

    def _as_download(self, command: Command) -> Command:
        """Return the command that downloads what *command*, of the bundled pip, installs into a layer."""
        found = [word for word in command.argv if word not in _OF_INSTALL]
        found[found.index("install")] = "download"
        shown = command.shown.replace("pip install", "pip download", 1)
        return replace(command, argv=(*found, f"--dest={self.archives}"), cwd=self.archives, shown=shown)

    def _run(self, command: Command) -> None:
        more: dict[str, str | SecretStr | None] = {
            "PIP_CACHE_DIR": str(self.scratch / "pip"),
            "PIP_LOG": str(self._log),
            # pip is not in a virtual environment here.
            "PIP_REQUIRE_VIRTUALENV": "0",
            "PIP_ROOT_USER_ACTION": "ignore",
        }
        self.runner.run(replace(command, env={**command.env, **more}))

    @property
    def _log(self) -> Path:
        return self.scratch / "pip.log"


def _bundled_pip() -> Path:
    """Return the script that runs the pip that is bundled with an interpreter."""
    return Path(str(distributions.__file__)).with_name("_bundled_pip_script.py")
