"""The commands that have uv fill the application's virtual environment, from a layer of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import Command
from layerwright_pip.uv_settings import OF_PIP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright import EnvironmentRequest, SecretStr

__all__ = ["UvCommands"]

_SCRIPT: Final = Path(__file__).parent / "report_script.py"


@dataclass(frozen=True, kw_only=True)
class UvCommands:
    """uv's command lines to install *files*, with *arguments* and *env* for how that is done.

    With *require_hashes*, what has none is refused.
    """

    request: EnvironmentRequest
    files: tuple[str, ...]
    arguments: tuple[str, ...]
    env: Mapping[str, str | SecretStr | None]
    require_hashes: bool

    def resolve(self) -> Command:
        """Report, as a lock file, what ``install`` would install into a fresh environment."""
        return self._command(
            "compile",
            # The index may have something new; what follows takes it from the cache.
            "--refresh",
            "--quiet",
            "--no-header",
            "--format=pylock.toml",
            *self.arguments,
            *self.files,
            launcher=(
                str(self.request.interpreter.executable),
                "-I",
                str(_SCRIPT),
                str(self.request.report),
            ),
            shown=f"uv pip compile {' '.join(self.files)}",
            # The virtual environment's own would run start-up code of what is installed there.
            python=self.request.interpreter.executable,
        )

    def install(self) -> Command:
        """Install the files; what is there already, and allowed by them, stays."""
        files = tuple(word for name in self.files for word in ("-r", name))
        return self._command(
            "install",
            *(("--require-hashes",) if self.require_hashes else ()),
            *self.arguments,
            *files,
            shown=f"uv pip install {' '.join(files)}",
        )

    def uninstall(self, names: Sequence[str]) -> Command:
        """Uninstall *names*, whether they are installed or not."""
        return self._command("uninstall", *names, shown=f"uv pip uninstall {' '.join(names)}")

    def check(self) -> Command:
        """Look for requirements of installed distributions that are not met."""
        return self._command("check", shown="uv pip check")

    def _command(
        self,
        name: str,
        *arguments: str,
        shown: str,
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
            without_effect=OF_PIP,
            shown=shown,
            remedy=_REMEDY,
            reference="uv-pip-failed",
        )


_REMEDY = (
    "If a name or a version does not exist, correct it in the requirements.",
    "If a distribution failed to build, install what it reports as missing, or use a version that has a wheel.",
    "If the package index could not be reached, check pip's index settings, then build again.",
    "If uv rejects what pip accepts, remove installer from [tool.layerwright.pip].",
)
