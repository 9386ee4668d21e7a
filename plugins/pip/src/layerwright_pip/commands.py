"""The commands that run the tool layer's pip on the application's virtual environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright import Command, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from layerwright import Diagnosis, EnvironmentRequest
    from layerwright_pip.sources import Sources

__all__ = ["PipCommands"]


@frozen
class PipCommands:
    """pip's command lines to install *sources*. pip finds the venv through ``PIP_PYTHON``, which the tool layer sets.

    With *require_hashes*, pip refuses distributions without a hash.
    """

    request: EnvironmentRequest
    sources: Sources
    require_hashes: bool = False

    def install(self) -> Command:
        """Install the requirements files into an empty environment, and write pip's report."""
        return self._command(
            "install",
            *self._installing,
            f"--report={self.request.report}",
            # Otherwise an editable checkout lands in the application directory.
            f"--src={self.request.venv / 'src'}",
            *self._checking,
            *self._files,
            shown=f"pip install {self._words}",
            stdin=self.sources.lines,
        )

    def resolve(self) -> Command:
        """Report what ``install`` would install into an empty environment.

        pip runs outside the virtual environment: the result is the same, and pip does not have to restart itself.
        """
        return self._command(
            "install",
            "--dry-run",
            "--ignore-installed",
            "--quiet",
            f"--report={self.request.report}",
            *self._checking,
            *self._files,
            shown=f"pip install --dry-run {self._words}",
            stdin=self.sources.lines,
            env=_FROM_OUTSIDE,
        )

    def uninstall(self, names: Sequence[str]) -> Command:
        """Uninstall *names*. A name that is not installed is no error."""
        return self._command(
            "uninstall", "--yes", "-qq", *names, shown=f"pip uninstall {' '.join(names)}", remedy=_AGAIN
        )

    def install_exactly(self, lines: str, words: Iterable[str]) -> Command:
        """Install the requirements in *lines*, the text of a requirements file, without their dependencies."""
        return self._command(
            "install",
            *self._installing,
            "--no-deps",
            "--force-reinstall",
            "--no-warn-conflicts",
            "--requirement=/dev/stdin",
            shown=f"pip install {', '.join(words)}",
            stdin=lines,
        )

    def reinstall(self, wheel: Path, environment: Path) -> Command:
        """Install *wheel* alone into the virtual environment *environment*."""
        name, version = wheel.name.split("-")[:2]
        return self._command(
            "install",
            *self._installing,
            "--quiet",
            "--no-deps",
            "--no-index",
            # By name: pip records the URL of a wheel that is named by its path.
            f"--find-links={wheel.parent}",
            f"{name}=={version}",
            shown=f"pip install {name} elsewhere",
            env={"PIP_PYTHON": str(environment)},
        )

    def check(self) -> Command:
        """Check that the requirements of all installed distributions are met."""
        return self._command("check", shown="pip check")

    @property
    def _files(self) -> tuple[str, ...]:
        files = (*self.sources.files, *(("/dev/stdin",) if self.sources.lines else ()))
        return tuple(word for name in files for word in ("-r", name))

    @property
    def _words(self) -> str:
        return " ".join((*(f"-r {name}" for name in self.sources.files), *self.sources.words))

    @property
    def _checking(self) -> tuple[str, ...]:
        return ("--require-hashes",) if self.require_hashes else ()

    @property
    def _installing(self) -> tuple[str, ...]:
        return ("--no-compile", "--no-warn-script-location", "--progress-bar=off")

    def _command(
        self,
        name: str,
        *arguments: str,
        shown: str,
        stdin: str = "",
        env: Mapping[str, str | None] | None = None,
        remedy: tuple[str, ...] = (),
    ) -> Command:
        return Command(
            argv=(
                str(self.request.tool.layer / "bin" / "pip"),
                name,
                "--no-input",
                "--disable-pip-version-check",
                f"--cache-dir={self.request.cache}",
                *arguments,
            ),
            env=env or {},
            cwd=self.request.project.root,
            stdin=stdin,
            shown=shown,
            remedy=remedy or _CORRECT,
            reference=f"pip-{name}-failed",
            diagnoses=_diagnoses,
        )


def _diagnoses() -> tuple[Diagnosis, ...]:
    # Only a failure needs them.
    from layerwright import pip_diagnoses

    return pip_diagnoses()


# A resolution installs nothing, so pip's guards against installing outside a virtual environment do not apply.
_FROM_OUTSIDE: Final = {
    "PIP_PYTHON": None,
    "PIP_REQUIRE_VENV": "0",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_ROOT_USER_ACTION": "ignore",
}
_CORRECT = (
    "If a name or a version does not exist, correct it in the requirements.",
    "If a distribution failed to build, install what it reports as missing, or use a version that has a wheel.",
    "If the package index could not be reached, check pip's index settings, then build again.",
)
_AGAIN = ("Build again with --clean, which recreates the virtual environment.",)
