from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layerwright import Interpreter


def test_a_fake_interpreter_can_be_found_and_says_what_it_is_when_it_is_run(interpreter: Interpreter) -> None:
    done = subprocess.run([interpreter.executable, "-V"], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert f"{interpreter.executable} is not a real Python" in done.stderr
    assert interpreter.site_packages(interpreter.prefix).is_dir()
