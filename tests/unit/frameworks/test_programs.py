from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.frameworks.asked import line, process, refused

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

STREAMLIT = "import streamlit as st\nst.write('hello')\n"
GRADIO = "import gradio as gr\ngr.Interface(str, 'text', 'text').launch()\n"
FUNCTION = "import functions_framework\n@functions_framework.http\ndef hello(request):\n    return 'hello'\n"


@pytest.mark.parametrize("file", ["streamlit_app.py", "app.py", "Home.py", "dashboard.py"])
def test_a_streamlit_application_is_the_file_that_imports_it(app: Application, file: str) -> None:
    app.write(file, STREAMLIT)
    app.write("colours.py", "RED = 1\n")
    assert line(app, "streamlit") == (
        f"streamlit run {file} --server.port ${{PORT:-8000}} --server.address 0.0.0.0 --server.headless true"
    )
    assert process(app, "streamlit").because == f"{file} imports Streamlit, which is installed"


def test_of_two_streamlit_applications_the_one_that_streamlit_prefers_or_none_runs(app: Application) -> None:
    app.write("app.py", STREAMLIT)
    app.write("main.py", STREAMLIT)
    found = refused(app, "streamlit")
    assert found.because == "more than one file is a Streamlit application: app.py, main.py"
    assert "web: streamlit run app.py" in found.remedy
    app.write("streamlit_app.py", STREAMLIT)
    assert line(app, "streamlit").startswith("streamlit run streamlit_app.py ")


def test_streamlit_without_a_file_that_imports_it_is_only_a_dependency(app: Application) -> None:
    app.write("main.py", "print('streamlit')\n")
    assert line(app, "streamlit") == "python main.py"


def test_a_gradio_application_listens_where_its_variables_say(app: Application) -> None:
    app.write("app.py", GRADIO)
    app.write("main.py", "import gradio\n")
    assert line(app, "gradio", "fastapi", "uvicorn") == (
        "env GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=${PORT:-8000} python app.py"
    )
    app.write("main.py", GRADIO)
    assert refused(app, "gradio").remedy.endswith("web: python app.py")


def test_what_does_not_launch_gradio_is_no_gradio_application(app: Application) -> None:
    app.write("app.py", "import gradio\n")
    assert line(app, "gradio") == "python app.py"


@pytest.mark.parametrize(
    "source",
    [
        FUNCTION,
        "from functions_framework import cloud_event as on\n@on\ndef hello(event): ...\ndef other(request): ...\n",
        "import functions_framework as ff\n@ff.typed(str)\ndef hello(text): ...\n",
        "def hello(request):\n    return 'hello'\ndef _other(request): ...\ndef more(request, b): ...\n",
    ],
)
def test_a_function_is_served_by_functions_framework(app: Application, source: str) -> None:
    app.write("main.py", source)
    assert line(app, "functions-framework", "flask", "gunicorn") == (
        "functions-framework --source main.py --target hello --port ${PORT:-8000}"
    )


def test_of_several_functions_none_is_served(app: Application) -> None:
    app.write("main.py", f"{FUNCTION}@functions_framework.http\ndef bye(request): ...\n")
    found = refused(app, "functions-framework")
    assert found.because == "main.py has several functions for Functions Framework: hello, bye"
    assert "--target hello" in found.remedy


def test_a_file_without_a_function_is_run(app: Application) -> None:
    app.write("main.py", "print('hello')\n")
    assert line(app, "functions-framework") == "python main.py"


@pytest.mark.parametrize(
    ("distribution", "source", "command"),
    [
        (
            "streamlit",
            "import streamlit as st\n",
            "streamlit run src/app.py --server.port ${PORT:-8000} --server.address 0.0.0.0 --server.headless true",
        ),
        (
            "gradio",
            "import gradio as gr\ngr.Blocks().launch()\n",
            "env GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=${PORT:-8000} python src/app.py",
        ),
    ],
)
def test_a_program_one_level_below_is_found_if_there_is_none_at_the_top(
    app: Application, distribution: str, source: str, command: str
) -> None:
    app.write("src/app.py", source)
    app.write("src/helper.py", source)
    assert line(app, distribution) == command
    app.write("other/app.py", source)
    assert "other/app.py, src/app.py" in refused(app, distribution).because
    app.write("main.py", source)
    assert line(app, distribution) == command.replace("src/app.py", "main.py")
