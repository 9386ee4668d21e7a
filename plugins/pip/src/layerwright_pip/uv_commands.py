"""The commands with which uv, from its own layer, fills the application's virtual environment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import Command, frozen
from layerwright_pip.uv_settings import OF_PIP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright import Diagnosis, EnvironmentRequest, SecretStr
    from layerwright_pip.sources import Sources

__all__ = ["UvCommands"]

_SCRIPT: Final = Path(__file__).parent / "report_script.py"


@frozen
class UvCommands:
    """uv's command lines to install *sources*, with additional *arguments* and *env*.

    With *require_hashes*, uv refuses distributions without a hash.
    """

    request: EnvironmentRequest
    sources: Sources
    arguments: tuple[str, ...]
    env: Mapping[str, str | SecretStr | None]
    require_hashes: bool

    def resolve(self) -> Command:
        """Report, as a lock file, what ``install`` would install into an empty environment."""
        return self._command(
            "compile",
            # The index may have changed. The commands that follow read the cache.
            "--refresh",
            "--quiet",
            "--no-header",
            "--format=pylock.toml",
            *self.arguments,
            *self._files,
            launcher=(
                str(self.request.interpreter.executable),
                "-I",
                str(_SCRIPT),
                str(self.request.report),
            ),
            shown=f"uv pip compile {' '.join((*self.sources.files, *self.sources.words))}",
            stdin=self.sources.lines,
            # The virtual environment's interpreter would run the start-up code of installed distributions.
            python=self.request.interpreter.executable,
        )

    def install(self) -> Command:
        """Install the files. Installed distributions that satisfy them stay."""
        files = tuple(word for name in self._files for word in ("-r", name))
        words = (*(f"-r {name}" for name in self.sources.files), *self.sources.words)
        return self._command(
            "install",
            *(("--require-hashes",) if self.require_hashes else ()),
            *self.arguments,
            *files,
            shown=f"uv pip install {' '.join(words)}",
            stdin=self.sources.lines,
        )

    def uninstall(self, names: Sequence[str]) -> Command:
        """Uninstall *names*. A name that is not installed is no error."""
        return self._command("uninstall", *names, shown=f"uv pip uninstall {' '.join(names)}")

    def check(self) -> Command:
        """Check that the requirements of all installed distributions are met."""
        return self._command("check", shown="uv pip check")

    @property
    def _files(self) -> tuple[str, ...]:
        # uv reads its standard input for a dash.
        return (*self.sources.files, *(("-",) if self.sources.lines else ()))

    def _command(
        self,
        name: str,
        *arguments: str,
        shown: str,
        stdin: str = "",
        launcher: tuple[str, ...] = (),
        python: Path | None = None,
    ) -> Command:
        uv = self.request.others["uv"].layer / "bin" / "uv"
        return Command(
            argv=(*launcher, str(uv), "pip", name, f"--python={python or self.request.venv}", *arguments),
            env={
                **self.env,
                "UV_CACHE_DIR": str(self.request.cache),
                "UV_LINK_MODE": "hardlink",
                "UV_NO_PROGRESS": "1",
                "UV_PYTHON_DOWNLOADS": "never",
            },
            cwd=self.request.project.root,
            stdin=stdin,
            without_effect=OF_PIP,
            shown=shown,
            remedy=_REMEDY,
            reference="uv-pip-failed",
            diagnoses=_diagnoses,
        )


_REMEDY = (
    "If a name or a version does not exist, correct it in the requirements.",
    "If a distribution failed to build, install what it reports as missing, or use a version that has a wheel.",
    "If the package index could not be reached, check pip's index settings, then build again.",
    "If uv rejects what pip accepts, remove installer from [tool.layerwright.pip].",
)


def _diagnoses() -> tuple[Diagnosis, ...]:
    # Only a failure needs them.
    from layerwright_pip.uv_diagnoses import diagnoses

    return diagnoses()
