from __future__ import annotations

import subprocess
import sys

import pytest

import layerwright


@pytest.mark.parametrize("name", layerwright.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    found: dict[str, object] = {}
    exec(f"from layerwright import {name}", found)
    assert found[name] is getattr(layerwright, name)


def test_the_public_names_are_those_that_are_looked_up_late() -> None:
    assert set(layerwright.__all__) == {*layerwright._HOME_OF}


def test_what_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match=r"^module 'layerwright' has no attribute 'Contributor'$"):
        layerwright.Contributor  # noqa: B018


def test_a_name_is_looked_up_once() -> None:
    code = (
        "import layerwright\n"
        "before = 'Project' in vars(layerwright)\n"
        "layerwright.Project\n"
        "raise SystemExit(before or 'Project' not in vars(layerwright))"
    )
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0


def test_importing_the_package_imports_none_of_its_modules() -> None:
    code = "import sys, layerwright; sys.exit(any(name.startswith('layerwright.') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0
