from __future__ import annotations

import pytest

from layerwright.pythons._contents import belongs, bytecode_of, source_of


@pytest.mark.parametrize(
    "path",
    [
        "bin/python3.13",
        "bin/python3.13-config",
        "include/python3.13/Python.h",
        "include/python3.13/internal/pycore_gc.h",
        "lib/libpython3.13.so",
        "lib/libpython3.13.so.1.0",
        "lib/libpython3.so",
        "lib/pkgconfig/python-3.13.pc",
        "lib/pkgconfig/python-3.13-embed.pc",
        "lib/python3.13/os.py",
        "lib/python3.13/LICENSE.txt",
        "lib/python3.13/json/decoder.py",
        "lib/python3.13/unittest/case.py",
        "lib/python3.13/lib2to3/pgen2/driver.py",
        "lib/python3.13/lib2to3/Grammar3.13.0.final.0.pickle",
        "lib/python3.13/ensurepip/_bundled/pip-24.2-py3-none-any.whl",
        "lib/python3.13/lib-dynload/_ssl.cpython-313-x86_64-linux-gnu.so",
        "lib/python3.13/config-3.13-x86_64-linux-gnu/Makefile",
    ],
)
def test_what_runs_and_what_builds_extensions_belongs(path: str) -> None:
    assert belongs(path, "3.13")


@pytest.mark.parametrize(
    "path",
    [
        "bin/python3.12",
        "bin/python3",
        "bin/pip3.13",
        "bin/idle3.13",
        "bin/pydoc3.13",
        "bin/2to3",
        "include/python3.12/Python.h",
        "include/openssl/ssl.h",
        "share/man/man1/python3.1",
        "lib/libsqlite3.so.0",
        "lib/libpython3.12.so.1.0",
        "lib/pkgconfig/python-3.12.pc",
        "lib/pkgconfig/openssl.pc",
        "lib/python3.12/os.py",
        "lib/python3.13",
        "lib/node/python3.13/os.py",
        "lib/python3.13/site-packages/pip/__init__.py",
        "lib/python3.13/dist-packages/pip/__init__.py",
        "lib/python3.13/sitecustomize.py",
        "lib/python3.13/EXTERNALLY-MANAGED",
        "lib/python3.13/test/test_os.py",
        "lib/python3.13/ctypes/test/test_abi.py",
        "lib/python3.13/distutils/tests/test_build.py",
        "lib/python3.13/idlelib/run.py",
        "lib/python3.13/tkinter/__init__.py",
        "lib/python3.13/pydoc_data/topics.py",
        "lib/python3.13/turtle.py",
        "lib/python3.13/__pycache__/os.cpython-313.pyc",
        "lib/python3.13/stray.pyc",
        "lib/python3.13/lib-dynload/_tkinter.cpython-313-x86_64-linux-gnu.so",
        "lib/python3.13/lib-dynload/_testcapi.cpython-313-x86_64-linux-gnu.so",
        "lib/python3.13/config-3.13-x86_64-linux-gnu/libpython3.13.a",
        "lib/python3.13/config-3.13-x86_64-linux-gnu/python.o",
    ],
)
def test_what_is_of_others_or_of_no_use_in_an_image_does_not(path: str) -> None:
    assert not belongs(path, "3.13")


def test_the_bytecode_of_a_source_is_where_the_interpreter_looks_for_it() -> None:
    assert bytecode_of("lib/python3.13/os.py", "3.13") == "lib/python3.13/__pycache__/os.cpython-313.pyc"
    assert bytecode_of("os.py", "3.9") == "__pycache__/os.cpython-39.pyc"
    assert source_of("lib/python3.13/__pycache__/os.cpython-313.pyc", "3.13") == "lib/python3.13/os.py"


@pytest.mark.parametrize(
    "path",
    [
        "lib/python3.13/os.py",
        "lib/python3.13/os.cpython-313.pyc",
        "lib/python3.13/__pycache__/os.cpython-312.pyc",
        "lib/python3.13/__pycache__/os.cpython-313.opt-2.pyc",
    ],
)
def test_what_the_interpreter_does_not_import_as_bytecode_has_no_source(path: str) -> None:
    assert source_of(path, "3.13") == ""
