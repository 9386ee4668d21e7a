from __future__ import annotations

import pytest

from layerwright.build.wheels._scripts import entry_point_scripts, first_line, script_text
from layerwright.build.wheels.wheel import UnusableWheelError


def test_scripts_for_the_terminal_and_for_the_screen_are_the_same() -> None:
    text = "[console_scripts]\nserve = acme:main\nServe.All=acme.web:App.run [extra]\n[gui_scripts]\nshow = acme:show\n"
    assert entry_point_scripts(text, "3.13") == {
        "serve": "acme:main",
        "Serve.All": "acme.web:App.run [extra]",
        "show": "acme:show",
    }


def test_a_wheel_without_entry_points_has_no_scripts() -> None:
    assert entry_point_scripts("", "3.13") == {}
    assert entry_point_scripts("[other]\nserve = acme:main\n", "3.13") == {}


def test_the_scripts_of_pip_have_the_version_of_python_in_their_names() -> None:
    text = "[console_scripts]\npip = pip:main\npip3 = pip:main\npip3.9 = pip:main\npipper = other:main\n"
    assert list(entry_point_scripts(text, "3.13")) == ["pip", "pip3", "pip3.13", "pipper"]


@pytest.mark.parametrize(
    "text",
    [
        "[console_scripts]\n../serve = acme:main\n",
        "[console_scripts]\n.. = acme:main\n",
        "serve = acme:main\n",
    ],
)
def test_other_entry_points_are_for_a_package_manager(text: str) -> None:
    with pytest.raises(UnusableWheelError):
        entry_point_scripts(text, "3.13")


def test_a_script_imports_the_object_and_calls_it() -> None:
    assert script_text("acme.web:App.run [extra]", "/venv/bin/python").decode() == (
        "#!/venv/bin/python\n"
        "import sys\n"
        "from acme.web import App\n"
        "if __name__ == '__main__':\n"
        "    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n"
        "    sys.exit(App.run())\n"
    )


@pytest.mark.parametrize("place", ["acme", "acme:main()", "acme:", "acme; import os"])
def test_an_entry_point_that_names_no_object_is_for_a_package_manager(place: str) -> None:
    with pytest.raises(UnusableWheelError, match="an entry point is"):
        script_text(place, "/venv/bin/python")


def test_a_path_that_the_kernel_cannot_read_in_a_first_line_is_for_the_shell() -> None:
    assert (
        first_line("/my layers/python") == b"#!/bin/sh\n'''exec' \"/my layers/python\" \"$0\" \"$@\"\n' '''\n"
    )
    assert first_line(f"/{'x' * 123}") == f"#!/{'x' * 123}\n".encode()
    assert first_line(f"/{'x' * 124}") == f"#!/bin/sh\n'''exec' /{'x' * 124} \"$0\" \"$@\"\n' '''\n".encode()
