from __future__ import annotations

import importlib.util
import marshal
import os
import py_compile
import resource
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.pythons import _bytecode_script as bytecode_script
from layerwright.pythons.bytecode import compile_command
from layerwright.testing.machine import clean_env, interpreters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MINORS = ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15"]
MAGIC_AND_FLAGS = importlib.util.MAGIC_NUMBER + b"\x01\0\0\0"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "lib"
    path.mkdir()
    return path


def compile_below(
    root: Path,
    *,
    umask: int = -1,
    listed: Sequence[Path] = (),
    only: str = "",
) -> subprocess.CompletedProcess[str]:
    command = compile_command(
        Path(sys.executable),
        [root],
        listed=[str(path) for path in listed],
        only=only,
    )
    # With -S no coverage is measured in there.
    argv = [word for word in command.argv if word != "-S"]
    return subprocess.run(
        argv,
        env=clean_env(root),
        umask=umask,
        input=command.stdin.encode(errors="surrogateescape").decode("latin-1"),
        encoding="latin-1",
        capture_output=True,
        check=False,
    )


@contextmanager
def on_one_core() -> Iterator[None]:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    yield
    os.sched_setaffinity(0, cores)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Make the kernel refuse to write more than *size* bytes to a file, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def bytecode_of(source: Path) -> Path:
    return Path(importlib.util.cache_from_source(str(source), optimization=""))


def is_valid(source: Path) -> bool:
    header = MAGIC_AND_FLAGS + importlib.util.source_hash(source.read_bytes())
    return bytecode_of(source).read_bytes().startswith(header)


def snapshot(root: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in root.rglob("*.pyc")}


def write_sources(root: Path, count: int = 20) -> None:
    for number in range(count):
        package = root / f"package{number % 3}"
        package.mkdir(exist_ok=True)
        (package / f"module{number}.py").write_text(
            f"def function{number}(a, b={number}):\n    return 'words', {{'x', 'y'}}, a\n" * (number + 1)
        )


def test_the_command_is_isolated_and_runs_in_the_interpreter_that_will_import(tmp_path: Path) -> None:
    command = compile_command(
        Path("/layers/python/bin/python3"),
        [Path("lib"), tmp_path],
        listed=["a.py", "b.py"],
    )

    assert command.argv[:4] == ("/layers/python/bin/python3", "-I", "-S", "-B")
    assert command.argv[5:] == (
        "--listed",
        str(Path("lib").absolute()),
        str(tmp_path),
    )
    assert command.stdin == "a.py\0b.py"
    assert command.words == "compile bytecode"


@pytest.mark.parametrize("minor", MINORS)
def test_what_is_compiled_is_what_the_interpreter_imports(root: Path, minor: str) -> None:
    if minor not in interpreters():
        pytest.skip(f"there is no Python {minor} on this machine")
    python = interpreters()[minor]
    write_sources(root)
    (root / "module.py").write_text("def where(): pass\n")

    done = subprocess.run(
        compile_command(python, [root]).argv, env=clean_env(root), capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    # Nothing but valid bytecode can be imported once the source says something else.
    (root / "module.py").write_text("raise SystemExit('compiled again')\n")
    code = f"import sys; sys.path.insert(0, {str(root)!r}); import module; print(module.where.__code__.co_filename)"
    imported = subprocess.run([python, "-I", "-B", "-c", code], capture_output=True, text=True, check=True)
    assert imported.stdout.strip() == str(root / "module.py")
    assert len(list(root.rglob("*.pyc"))) == 21


# Two functions with equal sets and other constants that differ, and a set that has some of their strings.
EQUAL_SETS = """\
class A:
    def one(self, a):
        return a in {"426", "225", "226"}
class B:
    def other(self, a):
        if a not in {"426", "225", "226"}:
            return 1
"""
OTHER_SET = 'ANSWERS = {"225", "1", "2"}\n'


@pytest.mark.parametrize("minor", MINORS[2:])
def test_what_was_compiled_before_makes_no_difference(root: Path, minor: str) -> None:
    if minor not in interpreters():
        pytest.skip(f"there is no Python {minor} on this machine")
    folder = str(Path(bytecode_script.__file__).parent)
    (root / "compiling.py").write_text(
        f"import sys; sys.path.insert(0, {folder!r})\n"
        "import _bytecode_script as bytecode_script\n"
        "for source in sys.argv[1:]:\n"
        "    body = bytecode_script.body_of(source.encode(), 'module.py')\n"
        "print(body.hex())\n"
    )
    argv = [str(interpreters()[minor]), "-B", "compiling.py"]
    env = {**clean_env(root), "PYTHONHASHSEED": "0"}
    first, later = (
        subprocess.run([*argv, *sources], cwd=root, env=env, capture_output=True, check=True).stdout
        for sources in ((EQUAL_SETS,), (OTHER_SET, EQUAL_SETS))
    )
    assert first == later


def test_what_has_sets_does_what_its_source_says() -> None:
    module: dict[str, Any] = {}
    exec(marshal.loads(bytecode_script.body_of(EQUAL_SETS.encode(), "module.py")), module)
    assert module["A"]().one("225") is True
    assert module["B"]().other("1") == 1


@pytest.mark.parametrize(
    ("folder", "name"),
    [("package", "package/module.py"), ("python3.9/site-packages/package", "package/module.py")],
)
def test_bytecode_is_the_same_in_every_place(tmp_path: Path, folder: str, name: str) -> None:
    bodies = set()
    for place in ("one", "another/place"):
        source = tmp_path / place / folder / "module.py"
        source.parent.mkdir(parents=True)
        source.write_text("def function(): pass\n")
        compile_below(tmp_path / place)
        bodies.add(bytecode_of(source).read_bytes())
    [body] = bodies
    assert marshal.loads(body[16:]).co_filename == name


@pytest.mark.parametrize("source", ["/a/b.py", "/a/b.c.py", "/a/__init__.py"])
def test_bytecode_goes_where_the_import_system_looks(source: str) -> None:
    assert bytecode_script.bytecode_of(source) == str(bytecode_of(Path(source)))


def test_every_source_below_gets_bytecode_that_everyone_can_read(root: Path) -> None:
    write_sources(root)

    done = compile_below(root, umask=0o077)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    sources = list(root.rglob("*.py"))
    assert len(sources) == 20
    assert all(map(is_valid, sources))
    assert {bytecode_of(source).stat().st_mode & 0o777 for source in sources} == {0o644}
    assert {bytecode_of(source).parent.stat().st_mode & 0o777 for source in sources} == {0o755}


def test_the_bytecode_is_that_of_the_standard_library(root: Path) -> None:
    write_sources(root, 1)
    compile_below(root)
    source = root / "package0" / "module0.py"
    ours = bytecode_of(source).read_bytes()

    py_compile.compile(
        str(source),
        dfile="package0/module0.py",
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )

    assert bytecode_of(source).read_bytes() == ours


def test_the_bytes_do_not_depend_on_the_number_of_cores(root: Path) -> None:
    write_sources(root)
    compile_below(root)
    on_all = {path: path.read_bytes() for path in root.rglob("*.pyc")}
    for path in on_all:
        path.unlink()

    with on_one_core():
        compile_below(root)

    assert {path: path.read_bytes() for path in root.rglob("*.pyc")} == on_all


def test_valid_bytecode_is_left_alone(root: Path) -> None:
    write_sources(root)
    compile_below(root)
    before = snapshot(root)
    for source in root.rglob("*.py"):
        os.utime(source, (1, 1))

    compile_below(root)

    assert snapshot(root) == before


def test_only_what_changed_is_compiled(root: Path) -> None:
    write_sources(root)
    compile_below(root)
    before = snapshot(root)
    changed = root / "package1" / "module1.py"
    changed.write_text("changed = True\n")

    compile_below(root)

    after = snapshot(root)
    assert [path for path in after if after[path] != before[path]] == [bytecode_of(changed)]
    assert is_valid(changed)


def test_only_the_sources_that_are_listed_are_looked_at(root: Path) -> None:
    write_sources(root)
    odd = root / os.fsdecode(b"o\xffd.py")
    odd.write_text("odd = True\n")
    listed = [odd, root / "package1" / "module1.py"]
    done = compile_below(root, listed=listed)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert all(map(is_valid, listed))
    assert len(list(root.rglob("*.pyc"))) == 2


def test_only_sources_that_are_named_by_their_place_in_site_packages_are_compiled(root: Path) -> None:
    packages = root / "venv" / "lib" / "python3.13" / "site-packages"
    packages.mkdir(parents=True)
    write_sources(packages)
    (packages / os.fsdecode(b"o\xffd.py")).write_text("odd = True\n")
    done = compile_below(
        root, only=f"package1/module1.py\n{os.fsdecode(b'o' + bytes([255]))}d.py\nabsent.py\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(path.name.partition(".")[0] for path in root.rglob("*.pyc")) == [
        "module1",
        os.fsdecode(b"o\xffd"),
    ]


@pytest.mark.parametrize("mode", ["TIMESTAMP", "CHECKED_HASH"])
def test_bytecode_of_another_kind_is_replaced(root: Path, mode: str) -> None:
    source = root / "a.py"
    source.write_text("a = 1\n")
    py_compile.compile(str(source), doraise=True, invalidation_mode=py_compile.PycInvalidationMode[mode])

    compile_below(root)

    assert is_valid(source)


def test_bytecode_of_another_interpreter_under_our_name_is_replaced(root: Path) -> None:
    source = root / "a.py"
    source.write_text("a = 1\n")
    compile_below(root)
    content = bytecode_of(source).read_bytes()
    bytecode_of(source).write_bytes(b"\0\0\r\n" + content[4:])

    compile_below(root)

    assert bytecode_of(source).read_bytes() == content


def test_bytecode_that_is_linked_elsewhere_is_replaced_and_not_written_to(root: Path, tmp_path: Path) -> None:
    source = root / "a.py"
    source.write_text("a = 1\n")
    compile_below(root)
    elsewhere = tmp_path / "elsewhere.pyc"
    elsewhere.hardlink_to(bytecode_of(source))
    content = elsewhere.read_bytes()
    source.write_text("a = 2\n")

    compile_below(root)

    assert elsewhere.read_bytes() == content
    assert is_valid(source)


def test_bytecode_is_not_written_through_a_link_of_another_user(root: Path, tmp_path: Path) -> None:
    source, victim = root / "a.py", tmp_path / "victim"
    source.write_text("a = 1\n")
    bytecode_of(source).parent.mkdir()
    bytecode_of(source).with_name(f"{bytecode_of(source).name}.tmp").symlink_to(victim)

    with pytest.raises(FileExistsError):
        bytecode_script.bring_up_to_date(str(source), source.name)

    assert not victim.exists()


def test_bytecode_without_its_source_is_removed(root: Path) -> None:
    write_sources(root)
    compile_below(root)
    for number in range(2, 20, 3):
        (root / "package2" / f"module{number}.py").unlink()
    (root / "package1" / "module1.py").unlink()

    compile_below(root)

    assert not (root / "package2" / "__pycache__").exists()
    assert not bytecode_of(root / "package1" / "module1.py").exists()
    assert bytecode_of(root / "package1" / "module4.py").exists()


def test_what_is_not_ours_stays(root: Path) -> None:
    (root / "a.py").write_text("a = 1\n")
    kept = [
        root / "sourceless.pyc",
        root / "__pycache__" / "a.cpython-36.pyc",
        root / "__pycache__" / "words.txt",
        root / "data.txt",
    ]
    for path in kept:
        path.parent.mkdir(exist_ok=True)
        path.write_text("not bytecode")

    compile_below(root)

    assert [path.read_text() for path in kept] == ["not bytecode"] * len(kept)


def test_what_a_killed_run_left_behind_is_removed(root: Path) -> None:
    (root / "__pycache__").mkdir()
    left = root / "__pycache__" / f"{bytecode_of(root / 'a.py').name}.tmp"
    left.write_bytes(MAGIC_AND_FLAGS)

    compile_below(root)

    assert not list(root.iterdir())


def test_a_source_that_does_not_compile_has_no_bytecode_and_is_counted(root: Path) -> None:
    broken = {
        "syntax.py": b"print 'two'\n",
        "nul.py": b"a = 1\0\n",
        "coding.py": b"# coding: no-such-coding\n",
        "deep.py": b"a = " + b"(" * 5000 + b")" * 5000 + b"\n",
    }
    for name, content in broken.items():
        (root / name).write_bytes(content)
    (root / "__pycache__").mkdir()
    bytecode_of(root / "syntax.py").write_text("of an earlier version")
    (root / "good.py").write_text("a = '\\d'  # an escape sequence to warn of\n")

    done = compile_below(root)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Files that do not compile, left without bytecode: 4\n"
    assert [path.name for path in root.rglob("*.pyc")] == [bytecode_of(root / "good.py").name]


def test_a_link_to_a_directory_is_not_followed(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_text("a = 1\n")
    (root / "link").symlink_to(outside)
    (root / "dangling.py").symlink_to("absent.py")

    done = compile_below(root)

    assert (done.returncode, done.stdout) == (0, "")
    assert sorted(outside.iterdir()) == [outside / "a.py"]


def test_names_that_are_no_text_are_compiled(root: Path) -> None:
    source = root / os.fsdecode(b"\xff.py")
    source.write_text("a = 1\n")

    done = compile_below(root)

    assert (done.returncode, done.stderr) == (0, "")
    assert is_valid(source)


def test_what_cannot_be_written_is_a_failure_that_names_the_source(root: Path) -> None:
    (root / "a.py").write_text("a = 1\n")
    (root / "__pycache__").write_text("a file, and no directory")

    done = compile_below(root)

    assert done.returncode == 1
    assert done.stderr == (f"{root}/a.py: Not a directory\nThe processes that compile ended with 1.\n")


def test_a_full_disk_leaves_no_bytecode_that_looks_valid(root: Path) -> None:
    (root / "a.py").write_text(f"a = {'words' * 1000!r}\n")

    with files_of_at_most(1000):
        done = subprocess.run(
            compile_command(Path(sys.executable), [root]).argv, capture_output=True, text=True, check=False
        )

    assert done.returncode == 1
    assert done.stderr.startswith(f"{root}/a.py: File too large\n")
    assert not bytecode_of(root / "a.py").exists()
