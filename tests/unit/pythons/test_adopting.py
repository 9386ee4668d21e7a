from __future__ import annotations

import importlib.util
import marshal
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.pythons.bytecode import compile_command
from layerwright.testing.machine import clean_env, interpreters

if TYPE_CHECKING:
    from collections.abc import Callable

MINORS = ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15"]
SOURCE = b"def who():\n    return 'compiled'\n"
MAGIC = importlib.util.MAGIC_NUMBER
# Valid bytecode is adopted with whatever code it has, so this shows that it was.
ADOPTED = SOURCE.replace(b"compiled", b"adopted")


def number(value: float) -> bytes:
    return int(value).to_bytes(4, "little")


def by_time(source: Path) -> bytes:
    return MAGIC + number(0) + number(source.stat().st_mtime) + number(source.stat().st_size)


def by_hash(source: Path, flags: int = 1) -> bytes:
    return MAGIC + number(flags) + importlib.util.source_hash(source.read_bytes())


def bytecode_of(source: Path) -> Path:
    return Path(importlib.util.cache_from_source(str(source), optimization=""))


def body(code: bytes = ADOPTED, name: str = "/opt/python/lib/python3.13/json/tool.py") -> bytes:
    return marshal.dumps(compile(code, name, "exec"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a source that has a copy, without bytecode, in another directory."""
    source = tmp_path / "original" / "json" / "tool.py"
    for path in (source, copy_of(source)):
        path.parent.mkdir(parents=True)
        path.write_bytes(SOURCE)
    bytecode_of(source).parent.mkdir()
    return source


def copy_of(source: Path) -> Path:
    return source.parents[2] / "copy" / "json" / "tool.py"


def compiled(source: Path, *, adopt: bool = True) -> bytes:
    """Return the bytecode of the copy of *source*."""
    original, copy = source.parents[1], copy_of(source).parents[1]
    command = compile_command(Path(sys.executable), [copy], adopt={copy: original} if adopt else {})
    # With -S no coverage is measured in there.
    argv = [word for word in command.argv if word != "-S"]
    done = subprocess.run(argv, env=clean_env(copy), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return bytecode_of(copy_of(source)).read_bytes()


def result_of(bytecode: bytes) -> str:
    namespace: dict[str, Any] = {}
    exec(marshal.loads(bytecode[16:]), namespace)
    result: str = namespace["who"]()
    return result


@pytest.mark.parametrize(
    "header",
    [by_time, by_hash, lambda source: by_hash(source, 3)],
    ids=["by time", "by hash", "by hash, checked"],
)
def test_bytecode_that_is_valid_in_any_way_is_adopted(source: Path, header: Callable[[Path], bytes]) -> None:
    bytecode_of(source).write_bytes(header(source) + body())

    bytecode = compiled(source)

    assert result_of(bytecode) == "adopted"
    assert bytecode[:16] == by_hash(source)


def test_what_is_adopted_names_no_place_and_is_otherwise_the_same_bytes(source: Path) -> None:
    bytecode_of(source).write_bytes(by_time(source) + body())
    assert compiled(source)[16:] == body(name="json/tool.py")
    code = marshal.loads(compiled(source)[16:])
    assert code.co_filename == code.co_consts[0].co_filename == "json/tool.py"


def test_a_directory_adopts_its_own_bytecode(source: Path) -> None:
    copy = copy_of(source)
    bytecode_of(copy).parent.mkdir()
    bytecode_of(copy).write_bytes(by_time(copy) + body())
    command = compile_command(
        Path(sys.executable), [copy.parents[1]], adopt={copy.parents[1]: copy.parents[1]}
    )
    subprocess.run(command.argv, env=clean_env(copy.parent), check=True)
    assert result_of(bytecode_of(copy).read_bytes()) == "adopted"
    assert [path.name for path in bytecode_of(copy).parent.iterdir()] == [bytecode_of(copy).name]


# https://github.com/python/cpython/blob/3.13/Python/marshal.c (TYPE_SHORT_ASCII, TYPE_UNICODE)
NAME = re.compile(rb"[zZ\xfa\xda]\x0c/opt/tool.py")
LONG_FORM = b"\xf5\x0c\0\0\0/opt/tool.py"
IN_CODE = ADOPTED + b"place = b'\\x0c/opt/tool.py'\n"
LONG = "/" + "long/" * 50 + "tool.py"


@pytest.mark.parametrize(
    "bytecode",
    [
        lambda _source: b"",
        lambda source: by_time(source)[:15],
        by_time,
        lambda source: by_time(source) + body()[:-1],
        lambda source: by_time(source) + marshal.dumps("no code"),
        lambda source: by_time(source) + b"?",
        lambda source: b"0000" + by_time(source)[4:] + body(),
        lambda source: by_time(source)[:8] + number(1) + number(source.stat().st_size) + body(),
        lambda source: by_time(source)[:12] + number(1) + body(),
        lambda source: by_hash(source)[:-1] + b"?" + body(),
        lambda source: by_time(source) + body(name=LONG),
        lambda source: by_time(source) + body(name="/Büro/tool.py"),
        lambda source: by_time(source) + body(IN_CODE, name="/opt/tool.py"),
        lambda source: by_time(source) + NAME.sub(LONG_FORM, body(IN_CODE, name="/opt/tool.py")),
    ],
    ids=[
        "empty",
        "half a header",
        "only a header",
        "cut off",
        "not code",
        "not even data",
        "of another version",
        "of another time",
        "of another size",
        "of another hash",
        "with a long name",
        "with a name that is not ASCII",
        "with its name in the code as well",
        "with a name of another form",
    ],
)
def test_any_other_bytecode_is_compiled_again(source: Path, bytecode: Callable[[Path], bytes]) -> None:
    bytecode_of(source).write_bytes(bytecode(source))
    assert compiled(source) == compiled(source, adopt=False)
    assert result_of(compiled(source)) == "compiled"


@pytest.mark.parametrize("minor", MINORS)
def test_each_version_adopts_what_it_has_compiled_itself(tmp_path: Path, minor: str) -> None:
    if minor not in interpreters():
        pytest.skip(f"there is no Python {minor} on this machine")
    python, source = str(interpreters()[minor]), tmp_path / "module.py"
    source.write_bytes(SOURCE.replace(b"compiled", b"from_old"))
    subprocess.run([python, "-I", "-m", "py_compile", str(source)], env=clean_env(tmp_path), check=True)
    modified = source.stat().st_mtime_ns
    source.write_bytes(SOURCE)
    os.utime(source, ns=(modified, modified))

    adopting = compile_command(Path(python), [tmp_path], adopt={tmp_path: tmp_path})
    subprocess.run(adopting.argv, env=clean_env(tmp_path), check=True)

    source.touch()
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from module import who; "
        "print(who(), who.__code__.co_filename)"
    )
    imported = subprocess.run([python, "-I", "-B", "-c", code], capture_output=True, text=True, check=True)
    assert imported.stdout == f"from_old {source}\n"
