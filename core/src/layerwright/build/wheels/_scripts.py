"""The scripts of a distribution's entry points, with the bytes that pip 26 writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.build.wheels.wheel import UnusableWheelError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["entry_point_scripts", "first_line", "script_text"]

# The kernel takes a longer first line for another interpreter, and ends it at a space.
# https://github.com/pypa/distlib/blob/0.4.0/distlib/scripts.py
_LONGEST_FIRST_LINE: Final = 127
_OBJECT: Final = re.compile(r"(?P<module>[\w.]+)\s*:\s*(?P<attribute>[\w.]+)\s*(?:\[[^\]]*\])?")
_NAME: Final = re.compile(r"[\w.+-]*[\w+-][\w.+-]*")
_PIP: Final = re.compile(r"pip(\d+(\.\d+)?)?")

_SCRIPT: Final = """\
import sys
from {module} import {name}
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit({attribute}())
"""


def entry_point_scripts(text: str, minor: str) -> dict[str, str]:
    """Return the scripts, by name, for the ``entry_points.txt`` in *text* and Python *minor*, each with its object.

    A script of pip has the version of Python in its name, whatever the wheel says. ``UnusableWheelError``: *text* is
    invalid.
    """
    scripts = dict(_entry_points(text))
    if "pip" in scripts:
        main = scripts["pip"]
        others = {name: place for name, place in scripts.items() if not _PIP.fullmatch(name)}
        scripts = {**dict.fromkeys(("pip", f"pip{minor.partition('.')[0]}", f"pip{minor}"), main), **others}
    return scripts


def script_text(place: str, python: str) -> bytes:
    """Return the script that calls the object at *place* (``module:attribute``) with the interpreter *python*."""
    found = _OBJECT.fullmatch(place)
    if found is None:
        raise UnusableWheelError(f"an entry point is {place}")
    module, attribute = found["module"], found["attribute"]
    body = _SCRIPT.format(module=module, name=attribute.partition(".")[0], attribute=attribute)
    return first_line(python) + body.encode()


def first_line(python: str) -> bytes:
    """Return the line, or lines, with which a script starts the interpreter *python*."""
    line = f"#!{python}\n".encode()
    if b" " not in line and len(line) <= _LONGEST_FIRST_LINE:
        return line
    quoted = f'"{python}"' if " " in python else python
    return f"#!/bin/sh\n'''exec' {quoted} \"$0\" \"$@\"\n' '''\n".encode()


def _entry_points(text: str) -> Iterator[tuple[str, str]]:
    from configparser import Error, RawConfigParser

    parser = RawConfigParser(delimiters="=", strict=False)
    parser.optionxform = str  # type: ignore[method-assign, assignment]
    try:
        parser.read_string(text)
    except Error as error:
        raise UnusableWheelError(f"entry_points.txt: {error}") from error
    for group in ("console_scripts", "gui_scripts"):
        for name, place in parser.items(group) if parser.has_section(group) else ():
            if not _NAME.fullmatch(name):
                raise UnusableWheelError(f"a script is called {name}")
            yield name, place
