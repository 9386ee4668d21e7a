"""Applications of well-known package managers, each by the file that identifies its package manager."""

from __future__ import annotations

from typing import Final

__all__ = ["INCONCLUSIVE", "LINTER", "SAMPLES"]

_PROJECT: Final = '[project]\nname = "shop"\nversion = "1.0"\ndependencies = ["acme"]\n'
_ACME: Final = 'name = "acme"\nversion = "1.0"\n'

SAMPLES: Final = {
    "Pipfile.lock": {
        "Pipfile": '[packages]\nacme = "*"\n',
        "Pipfile.lock": '{"_meta": {"hash": {}, "sources": []}, "default": {"acme": {"version": "==1.0"}}}\n',
    },
    "environment.yml": {"environment.yml": "dependencies:\n  - acme=1.0\n"},
    "hatch.toml": {"pyproject.toml": f"{_PROJECT}\n[tool.hatch]\n", "hatch.toml": "[envs.default]\n"},
    "pdm.lock": {
        "pyproject.toml": f"{_PROJECT}\n[tool.pdm]\n",
        "pdm.lock": f'[metadata]\nlock_version = "4.5.0"\n\n[[package]]\n{_ACME}',
    },
    "pixi.lock": {"pixi.toml": "[dependencies]\n", "pixi.lock": "version: 6\n"},
    "poetry.lock": {
        "pyproject.toml": f"{_PROJECT}\n[tool.poetry]\n",
        "poetry.lock": f'[[package]]\n{_ACME}\n[metadata]\nlock-version = "2.1"\n',
    },
    "pylock.toml": {"pylock.toml": f'lock-version = "1.0"\ncreated-by = "example"\n\n[[packages]]\n{_ACME}'},
    "pyproject.toml": {"pyproject.toml": _PROJECT},
    "requirements.txt": {"requirements.txt": "acme==1.0\n"},
    "setup.py": {"setup.py": "from setuptools import setup\n\nsetup(install_requires=['acme'])\n"},
    "uv.lock": {
        "pyproject.toml": f"{_PROJECT}\n[tool.uv]\n",
        "uv.lock": f"version = 1\n\n[[package]]\n{_ACME}",
    },
}
"""The files of an application, by the file for which a package manager would claim it."""

INCONCLUSIVE: Final = frozenset({"pylock.toml", "pyproject.toml", "setup.py"})
"""Those of :data:`SAMPLES` that are ambiguous: several package managers use such a file."""

LINTER: Final = {"pyproject.toml": "[tool.ruff]\nline-length = 100\n"}
"""Files that belong to no package manager."""
