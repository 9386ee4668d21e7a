from __future__ import annotations

import re
import subprocess
import sys

from layerwright.build.choose.variables import RESERVED_ENV
from layerwright.build.notices.activation import OF_INTERPRETERS, without_activation

LEFT_ALONE = {
    "PYTHONASYNCIODEBUG",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONFAULTHANDLER",
    "PYTHONHASHSEED",
    "PYTHONUNBUFFERED",
    "PYTHON_CPU_COUNT",
}


def test_what_a_shell_leaves_behind_is_taken_out_and_all_else_stays() -> None:
    environment = {
        "LANG": "de_DE.UTF-8",
        "LD_PRELOAD": "libjemalloc.so",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": "/src",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    shell = dict.fromkeys(("VIRTUAL_ENV", "PYTHONINSPECT", "PYTHON_GIL", "PYTHONOPTIMIZE"), "1")
    assert without_activation({**environment, **shell}) == environment


def test_each_variable_that_this_interpreter_obeys_is_dealt_with() -> None:
    """What a new version of CPython adds is found here, when the tests are run on it."""
    page = subprocess.run(
        [sys.executable, "-E", "--help-env"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    documented = set(re.findall(r"^(PYTHON\w+)", page, re.MULTILINE))
    assert len(documented) > 20
    assert documented <= OF_INTERPRETERS | RESERVED_ENV | LEFT_ALONE


def test_no_variable_is_dealt_with_twice() -> None:
    assert not OF_INTERPRETERS & (RESERVED_ENV | LEFT_ALONE)
