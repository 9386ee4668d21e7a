"""Scripts that end with a help text if no command is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.frameworks.asked import process, refused

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

PYPROJECT = "[project]\nname = 'shop'\n[project.scripts]\nshop = 'shop.cli:main'\n"
TYPER = "import typer\nmain = typer.Typer()\n"
ONE = "@main.command()\ndef serve(): ...\n"
TWO = f"{ONE}@main.command\ndef load(): ...\n"


@pytest.mark.parametrize(
    "text",
    [
        "import click\n@click.group()\ndef main(): ...\n@main.command()\ndef serve(): ...\n",
        "from click import group\n@group\ndef main(): ...\n",
        "import click\n@click.group(cls=FlaskGroup)\n@click.option('--debug')\ndef main(): ...\n",
        "import click\n@click.group()\ndef cli(): ...\ndef main():\n    cli()\n",
        TYPER + TWO,
        (TYPER + TWO).replace("main", "app") + "def main():\n    app()\n",
        f"{TYPER}{TWO}@main.callback()\ndef all(): ...\n",
    ],
)
def test_for_a_group_of_commands_the_build_says_that_the_command_is_missing(
    app: Application, text: str
) -> None:
    app.write("pyproject.toml", PYPROJECT)
    app.write("src/shop/cli.py", text)
    found = refused(app, "shop", type_="")
    assert found.because == "shop is the only script in [project.scripts], and has several commands"
    assert found.remedy == "Say which command to run, in a Procfile: web: shop COMMAND"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def main():\n    print('hello')\n",
        "import click\n@click.command()\ndef main(): ...\n",
        "import click\n@click.group(invoke_without_command=True)\ndef main(): ...\n",
        "import click\n@click.group()\ndef other(): ...\ndef main():\n    print()\n    other()\n",
        TYPER + ONE,
        f"{TYPER}{TWO}@main.callback(invoke_without_command=True)\ndef all(): ...\n",
        f"import typer\nmain = typer.Typer(invoke_without_command=True)\n{TWO}",
        f"import other\nmain = other.Typer()\n{TWO}",
    ],
)
def test_a_script_that_does_something_by_itself_is_proposed(app: Application, text: str) -> None:
    app.write("pyproject.toml", PYPROJECT)
    app.write("shop/cli.py", text)
    assert process(app, "shop").process.command == ("shop",)
