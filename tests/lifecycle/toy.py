"""Buildpacks of a few lines of shell, to try a lifecycle with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["buildpack"]


def buildpack(
    folder: Path,
    build: str = "",
    *,
    detect: str = "",
    buildpack_id: str = "acme/toy",
    version: str = "1.0.0",
    api: str = "0.10",
    clear_env: bool = False,
    keys: str = "",
    tables: str = "",
    sbom_formats: Sequence[str] = (),
) -> Path:
    """Write a buildpack whose programs are the shell commands *detect* and *build*, and return its directory.

    *keys* go into its ``[buildpack]`` table, *tables* after that. A buildpack that is written again has new
    commands.
    """
    path = folder / f"{buildpack_id.replace('/', '_')}-{version}"
    (path / "bin").mkdir(parents=True, exist_ok=True)
    (path / "buildpack.toml").write_text(
        f'api = "{api}"\n[buildpack]\nid = "{buildpack_id}"\nversion = "{version}"\n'
        f"clear-env = {json.dumps(clear_env)}\nsbom-formats = {json.dumps(list(sbom_formats))}\n{keys}\n{tables}\n"
    )
    for name, commands in (("detect", detect), ("build", build)):
        program = path / "bin" / name
        program.write_text(f"#!/bin/sh\nset -eu\n{commands}\n")
        program.chmod(0o755)
    return path
