"""What ``layerwright.testing`` has for everybody, and that its page tells of all of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import layerwright.testing
from layerwright.testing import HookConformance, PackageManagerConformance, fixtures

PAGE = (Path(__file__).parents[3] / "docs/plugins/testing.md").read_text()


@pytest.mark.parametrize("name", layerwright.testing.__all__)
def test_every_name_is_there_and_on_the_page(name: str) -> None:
    assert getattr(layerwright.testing, name).__name__ == name
    assert f"`{name}" in PAGE


def test_there_is_no_other_name() -> None:
    with pytest.raises(AttributeError, match=r"'layerwright\.testing' has no attribute 'Nothing'"):
        layerwright.testing.__getattr__("Nothing")


def test_an_application_directory_needs_no_pytest() -> None:
    code = "import sys; from layerwright.testing import Application, wheel; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_page_has_every_check_for_hooks_and_no_other() -> None:
    checks = {name for name in dir(HookConformance) if name.startswith("test_")}
    table = PAGE.partition("## The conformance kit for hooks")[2]
    assert set(re.findall(r"^\| `(test_\w+)`", table, re.MULTILINE)) == checks


def test_the_page_has_every_check_and_no_other() -> None:
    package_managers = PAGE.partition("## The conformance kit for hooks")[0]
    checks = {name for name in dir(PackageManagerConformance) if name.startswith("test_")}
    assert set(re.findall(r"^\| `(test_\w+)`", package_managers, re.MULTILINE)) == checks


def test_the_page_has_every_fixture() -> None:
    for name in set(fixtures.__all__) - {"pytest_configure"}:
        assert f"| `{name}` |" in PAGE
