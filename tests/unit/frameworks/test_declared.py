"""The name and the scripts that setup.cfg and setup.py declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import Project
from layerwright_frameworks.declared import own_name, scripts
from tests.unit.frameworks.asked import process, refused

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

SETUP = "from setuptools import setup\n"
SETUP_CFG = """\
[metadata]
name = Shop_Till

[options.entry_points]
console_scripts =
    Greet = shop.main:run
other.group =
    thing = shop:thing
"""


@pytest.mark.parametrize(
    "text",
    [
        SETUP + "setup(name='shop-till', entry_points={'console_scripts': ['greet = shop.main:run']})",
        SETUP + "NAME = 'shop-till'\nPOINTS = {'gui_scripts': ('greet=shop.main:run',)}\n"
        "setup(name=NAME, packages=find_packages(), entry_points=POINTS, **more)",
        "import setuptools\nif __name__ == '__main__':\n"
        "    setuptools.setup(name='shop-till', entry_points='[console_scripts]\\ngreet = shop.main:run\\n')",
        SETUP + "setup(name='shop-till', entry_points={'console_scripts': '\\n  greet = shop.main:run\\n'})",
    ],
)
def test_the_constants_of_a_setup_py_are_read(app: Application, text: str) -> None:
    app.write("setup.py", text)
    found = process(app, "shop-till")
    assert found.process.command == ("greet",)
    assert found.because == "greet is the only script in entry_points of setup.py"
    declared = scripts(Project(app.path))
    assert declared is not None
    assert declared.targets == {"greet": "shop.main:run"}


def test_the_entry_points_of_a_setup_cfg_are_read(app: Application) -> None:
    app.write("setup.cfg", SETUP_CFG)
    app.write("setup.py", f"{SETUP}setup()\n")
    found = process(app, "shop-till")
    assert found.process.command == ("Greet",)
    assert found.because == "Greet is the only script in [options.entry_points] of setup.cfg"


def test_a_pyproject_toml_without_scripts_leaves_them_to_setup_cfg(app: Application) -> None:
    app.write("pyproject.toml", "[project]\nname = 'till'\n")
    app.write("setup.cfg", SETUP_CFG)
    assert own_name(Project(app.path)) == "till"
    assert process(app, "till").process.command == ("Greet",)
    app.write("pyproject.toml", "[project]\nname = 'till'\n[project.gui-scripts]\ndesk = 'shop:main'\n")
    assert process(app, "till").because == "desk is the only script in [project.gui-scripts]"


def test_of_several_scripts_of_a_setup_py_none_is_run(app: Application) -> None:
    points = "{'console_scripts': ['shop-run = shop:run', 'shop-check = shop:check', 'no target']}"
    app.write("setup.py", f"{SETUP}setup(name='shop', entry_points={points})")
    assert refused(app, "shop", type_="").because == (
        "entry_points of setup.py has several scripts, and none is called shop: shop-run, shop-check"
    )


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("setup.py", "setup("),
        ("setup.py", SETUP),
        ("setup.py", f"{SETUP}setup(name=name(), entry_points=points())"),
        ("setup.py", f"{SETUP}setup(name=3, entry_points=3)"),
        ("setup.py", f"{SETUP}setup(name='shop', entry_points={{'console_scripts': 3}})"),
        ("setup.py", f"{SETUP}setup(name='shop', entry_points='console_scripts')"),
        ("setup.cfg", "[metadata]\nname = shop\n"),
        ("setup.cfg", "name = shop\n"),
        ("setup.cfg", "\n"),
    ],
)
def test_what_is_no_constant_or_cannot_be_read_declares_no_scripts(
    app: Application, file: str, text: str
) -> None:
    app.write(file, text)
    assert scripts(Project(app.path)) is None
    assert refused(app, "shop", type_="")
