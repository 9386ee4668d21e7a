from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.frameworks.asked import line, process, refused

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

GUARD = "if __name__ == '__main__':\n    print('hello')\n"


def project(*scripts: str, table: str = "project") -> str:
    lines = [
        f"[{table}]",
        'name = "Shop_Till"',
        f"[{table}.scripts]",
        *(f'{one} = "shop:main"' for one in scripts),
    ]
    return "\n".join(lines)


@pytest.mark.parametrize("table", ["project", "tool.poetry"])
def test_the_only_script_of_an_installed_project_is_its_process(app: Application, table: str) -> None:
    app.write("pyproject.toml", project("greet", table=table))
    app.write("main.py", "")
    found = process(app, "shop-till")
    assert found.process.command == ("greet",)
    # A Procfile that has a worker only means it.
    assert found.fallback
    assert found.because == f"greet is the only script in [{table}.scripts]"


def test_of_several_scripts_the_one_named_like_the_project_is_its_process(app: Application) -> None:
    app.write("pyproject.toml", project("greet", "shop-till"))
    assert line(app, "shop-till") == "shop-till"
    because = "shop-till is the script with the name of the project in [project.scripts]"
    assert process(app, "shop-till").because == because
    app.write("pyproject.toml", project("greet", "leave"))
    found = refused(app, "shop-till", type_="")
    assert found.because == (
        "[project.scripts] has several scripts, and none is called Shop_Till: greet, leave"
    )
    assert found.remedy == "Say which one to run, in a Procfile: web: greet"


@pytest.mark.parametrize(
    "pyproject", [project("greet"), "[project]\nname = 'acme'\n", "[project]\nname = 3\n", "project = 3\n"]
)
def test_a_project_that_is_not_installed_or_has_no_scripts_has_no_command(
    app: Application, pyproject: str
) -> None:
    app.write("pyproject.toml", pyproject)
    app.write("main.py", "")
    assert line(app, "acme") == "python main.py"


@pytest.mark.parametrize("file", ["main.py", "app.py", "server.py"])
def test_a_file_with_a_usual_name_is_run(app: Application, file: str) -> None:
    app.write(file, "")
    found = process(app, "requests")
    assert found.process.command == ("python", file)
    assert found.fallback
    assert found.because == f"{file} exists, and nothing else says what to run"


def test_of_several_files_the_one_that_is_written_to_be_run_is_run(app: Application) -> None:
    app.write("main.py", "")
    app.write("server.py", GUARD)
    assert line(app) == "python server.py"
    assert process(app).because == 'of main.py and server.py, only server.py has `if __name__ == "__main__"`'


@pytest.mark.parametrize(("more", "shown"), [("", "main.py, app.py"), (GUARD, "main.py, app.py")])
def test_of_several_alike_none_is_run(app: Application, more: str, shown: str) -> None:
    app.write("main.py", more)
    app.write("app.py", more)
    found = refused(app, type_="")
    assert found.because == f"it may be started by more than one file: {shown}"
    assert found.remedy == "Say which one to run, in a Procfile: web: python main.py"


@pytest.mark.parametrize("file", ["bot.py", "run.py"])
def test_a_file_with_a_less_usual_name_is_run_if_there_is_no_other(app: Application, file: str) -> None:
    app.write(file, "")
    assert line(app) == f"python {file}"
    app.write("main.py", "")
    assert line(app) == "python main.py"


def test_the_only_package_with_a_main_module_is_run(app: Application) -> None:
    app.write("bot/__init__.py", "")
    app.write("bot/__main__.py", "")
    app.write("tests/__init__.py", "")
    app.write("clean.py", GUARD)
    found = process(app, "py-cord")
    assert found.process.command == ("python", "-m", "bot")
    assert found.fallback
    assert found.because == "bot/__main__.py exists, and nothing else says what to run"
    app.write("web/__init__.py", "")
    assert "no package with a __main__.py" in refused(app, type_="").because


def test_a_package_with_a_main_file_that_is_a_program_is_run_as_a_module(app: Application) -> None:
    app.write("bot/__init__.py", "")
    app.write("bot/main.py", "print('hello')")
    assert refused(app, type_="")
    app.write("bot/main.py", GUARD)
    found = process(app)
    assert found.process.command == ("python", "-m", "bot.main")
    assert found.fallback
    assert found.because == 'bot/main.py has `if __name__ == "__main__"`, and nothing else says what to run'


def test_the_only_file_at_the_top_that_is_a_program_is_run(app: Application) -> None:
    app.write("till.py", GUARD)
    app.write("settings.py", "")
    for tool in ("setup.py", "conftest.py", "test_till.py", "gunicorn_config.py", "tasks.py"):
        app.write(tool, GUARD)
    found = process(app)
    assert found.process.command == ("python", "till.py")
    assert found.fallback
    assert found.because == 'till.py is the only file at the top with `if __name__ == "__main__"`'
    app.write("count.py", GUARD)
    several = refused(app, type_="")
    assert several.because == "it may be started by more than one file: count.py, till.py"
    assert several.remedy == "Say which one to run, in a Procfile: web: python count.py"
    # It may be a tool beside the application.
    app.write("shop/__init__.py", "")
    assert "no file such as main.py" in refused(app, type_="").because
    app.write("tillserver/__init__.py", "")
    because = 'till.py is the only file at the top with `if __name__ == "__main__"` and the name of a package'
    assert process(app).because == because


def test_the_only_file_with_a_usual_name_one_level_below_is_run(app: Application) -> None:
    app.write("bot/main.py", "")
    app.write("bot/plugins.py", "")
    app.write("shop/__init__.py", "")
    app.write("shop/app.py", "")
    found = process(app)
    assert found.process.command == ("python", "bot/main.py")
    assert found.fallback
    app.write("web/server.py", "")
    because = refused(app, type_="").because
    assert because == "it may be started by more than one file: bot/main.py, web/server.py"
    app.write("web/server.py", GUARD)
    assert line(app) == "python web/server.py"
