"""Compiles the Python sources below directories, on all cores, if they have no valid bytecode.

The interpreter that will import the result runs this as a script, because bytecode differs between versions. So it
uses only the standard library, and nothing newer than Python 3.9.

The bytecode is hash-based and unchecked (PEP 552): it does not depend on file times, which an image does not keep. Nor
does it depend on the place of the source: the name in it is relative, and an import replaces it by the real one.
https://github.com/python/cpython/blob/3.13/Lib/importlib/_bootstrap_external.py (_compile_bytecode)

Valid bytecode that somebody else has compiled can be given this form: the same code behind another header, with another
name. That takes a tenth of the time.
"""

# With ten thousand files, plain strings are faster than paths, and save importing pathlib.
# ruff: noqa: PTH102, PTH105, PTH106, PTH108, PTH110, PTH116, PTH118, PTH120, PTH123, PTH208

from __future__ import annotations

import contextlib
import marshal
import os
import sys
import warnings
from importlib.util import MAGIC_NUMBER, source_hash
from types import CodeType

CACHE = "__pycache__"
INSTALLED = "/site-packages/"
SUFFIX = f".{sys.implementation.cache_tag}.pyc"
TEMPORARY = ".tmp"
UNCHECKED_HASH = MAGIC_NUMBER + (0b01).to_bytes(4, "little")
# Raised by compile() for a source that is not valid in this version of Python, or too large for it.
NOT_COMPILED = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)
RECORD_BYTES = 4
ADOPT, LISTED, ONLY = "--adopt=", "--listed", "--only"
# https://github.com/python/cpython/blob/3.13/Python/marshal.c
SHORT_ASCII = b"zZ"
REFERENCED = 0x80
LONGEST_SHORT = 255


def main(arguments: list[str]) -> int:
    """Update the bytecode below directories; return the exit status.

    A directory may be preceded by ``--adopt=`` and another one with the same sources, or itself, whose valid bytecode
    is adopted. With ``--listed``, standard input has the paths of the sources in them, separated by null characters,
    and no other is looked at; with ``--only``, a line for each source not to skip, with its path in site-packages.
    """
    os.umask(0o022)
    warnings.simplefilter("ignore")
    found: list[tuple[int, str, str, str]] = []
    adopt, listed = "", None
    only: frozenset[str] | None = None
    for argument in arguments:
        if argument.startswith(ADOPT):
            adopt = argument[len(ADOPT) :]
        elif argument == LISTED:
            listed = list(map(os.fsdecode, sys.stdin.buffer.read().split(b"\0")))
        elif argument == ONLY:
            only = frozenset(map(os.fsdecode, sys.stdin.buffer.read().splitlines()))
        else:
            sizes: dict[str, int] = {}
            if listed is None:
                scan(argument, sizes)
            else:
                sizes.update((one, os.stat(one).st_size) for one in listed if one.startswith(argument + "/"))
            found += (
                (-size, source, name_of(source, argument), adopt and adopt + source[len(argument) :])
                for source, size in sizes.items()
                if only is None or name_of(source, argument) in only
            )
            adopt = ""
    # The biggest first: a big one at the end would keep one core busy while the others wait.
    sources = [one for _size, *one in sorted(found)]

    receiver, sender = os.pipe()
    workers = []
    for _ in range(min(len(os.sched_getaffinity(0)), len(sources))):
        worker = os.fork()
        if worker == 0:
            os.close(sender)
            return work(sources, receiver)
        workers.append(worker)
    os.close(receiver)
    # A pipe suffices as a queue: each worker reads the number of its next source when it has finished the last.
    with contextlib.suppress(BrokenPipeError), open(sender, "wb") as queue:
        queue.writelines(number.to_bytes(RECORD_BYTES, "little") for number in range(len(sources)))
    statuses = [os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) for worker in workers]
    if any(statuses):
        sys.stderr.write(f"The processes that compile ended with {', '.join(map(str, statuses))}.\n")
        return 1

    without = sum(not os.path.exists(bytecode_of(source)) for source, _name, _origin in sources)
    if without:
        sys.stdout.write(f"Files that do not compile, left without bytecode: {without}\n")
    return 0


def scan(directory: str, sizes: dict[str, int]) -> None:
    """Record the size of each source below *directory*, and remove bytecode without a source."""
    cache, sources, folders = "", set(), []
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name == CACHE:
                    cache = entry.path
                else:
                    folders.append(entry.path)
            elif entry.name.endswith(".py") and entry.is_file():
                sources.add(entry.name)
                sizes[entry.path] = entry.stat().st_size
    if cache:
        clean(cache, sources)
    for path in folders:
        scan(path, sizes)


def clean(cache: str, sources: set[str]) -> None:
    """Remove from *cache* the bytecode of files other than *sources*, and temporary files of a killed process."""
    kept = 0
    for name in os.listdir(cache):
        words = name.split(".")
        has_source = any(".".join(words[:end]) + ".py" in sources for end in range(1, len(words)))
        if name.endswith(TEMPORARY) or (name.endswith(".pyc") and not has_source):
            os.unlink(os.path.join(cache, name))
        else:
            kept += 1
    if not kept:
        os.rmdir(cache)


def work(sources: list[list[str]], queue: int) -> int:
    """Compile the sources whose numbers are read from *queue*; return the exit status.

    Each has its name, and the same source whose bytecode is adopted, if there is one.
    """
    for record in iter(lambda: os.read(queue, RECORD_BYTES), b""):
        source, name, origin = sources[int.from_bytes(record, "little")]
        try:
            bring_up_to_date(source, name, origin)
        except OSError as error:
            sys.stderr.write(f"{source}: {error.strerror}\n")
            return 1
    return 0


def bring_up_to_date(source: str, name: str, origin: str = "") -> None:
    """Write valid bytecode with *name* in it for *source*, or remove it if *source* does not compile.

    *origin* is another file with the same content, or the same file, whose bytecode is adopted if it is valid.
    """
    with open(source, "rb") as file:
        content = file.read()
    header = UNCHECKED_HASH + source_hash(content)
    bytecode = bytecode_of(source)
    if not origin:
        with contextlib.suppress(FileNotFoundError), open(bytecode, "rb") as file:
            if file.read(len(header)) == header:
                return
    try:
        body = (origin and adopted(origin, content, header, name)) or body_of(content, name)
    except NOT_COMPILED:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(bytecode)
        return
    with contextlib.suppress(FileExistsError):
        os.mkdir(os.path.dirname(bytecode))
    # Replaced, not overwritten: the file may be linked into other environments.
    with open(bytecode + TEMPORARY, "xb") as file:
        file.write(header + body)
    os.replace(bytecode + TEMPORARY, bytecode)


def adopted(origin: str, content: bytes, header: bytes, name: str) -> bytes:
    """Return the bytecode body of the file *origin* with *name* in it; nothing if there is no valid one for *content*.

    *header* has the hash of *content*.
    """
    with contextlib.suppress(OSError), open(origin, "rb") as source, open(bytecode_of(origin), "rb") as file:
        found = file.read(len(header))
        # A relocated copy of it may have other content.
        if source.read() == content and is_valid(found, header, os.fstat(source.fileno())):
            return renamed(file.read(), name)
    return b""


def is_valid(found: bytes, header: bytes, status: os.stat_result) -> bool:
    """Return whether *found* is the header of bytecode that is imported for a source (PEP 552).

    The source has this *status*, and *header* has its hash.
    """
    if found[:8] == MAGIC_NUMBER + bytes(4):
        numbers = (int(status.st_mtime), status.st_size)
        return found[8:] == b"".join((number & 0xFFFFFFFF).to_bytes(4, "little") for number in numbers)
    return found[:4] == MAGIC_NUMBER and found[8:] == header[8:]


def renamed(body: bytes, name: str) -> bytes:
    """Return the bytecode *body* with *name* as the name of its source; nothing if that is not possible."""
    try:
        # A user who can write anything else here can also get it imported.
        code = marshal.loads(body)  # noqa: S302
        before, after = code.co_filename.encode("ascii"), name.encode("ascii")
    except (AttributeError, EOFError, TypeError, ValueError):
        return b""
    if max(len(before), len(after)) > LONGEST_SHORT:
        return b""
    counted = bytes([len(before)]) + before
    at = body.find(counted)
    # All functions of a module refer to the same string.
    if body.count(counted) != 1 or body[at - 1] & ~REFERENCED not in SHORT_ASCII:
        return b""
    return body[:at] + bytes([len(after)]) + after + body[at + len(counted) :]


def body_of(content: bytes, name: str) -> bytes:
    """Return the bytecode body for *content*, with *name* in it: always the same, whatever was compiled before."""
    code = compile(content, name, "exec", dont_inherit=True, optimize=0)
    if has_sets(code):
        # CPython 3.12 shares equal sets of constants between functions or not, by what it has compiled before. With the
        # first result kept, a second one is always the same.
        again = compile(content, name, "exec", dont_inherit=True, optimize=0)
        return marshal.dumps(again)
    return marshal.dumps(code)


def has_sets(code: CodeType) -> bool:
    """Return whether the constants of *code*, or of code that it defines, include a set."""
    return any(
        isinstance(constant, frozenset) or (isinstance(constant, CodeType) and has_sets(constant))
        for constant in code.co_consts
    )


def name_of(source: str, root: str) -> str:
    """Return the name of *source*, below *root*, as the import system finds it: the same in every environment."""
    return source[len(root) + 1 :].rpartition(INSTALLED)[2]


def bytecode_of(source: str) -> str:
    """Return the path where the import system looks for the bytecode of *source* (PEP 3147)."""
    directory, name = os.path.split(source)
    return os.path.join(directory, CACHE, name[: -len(".py")] + SUFFIX)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
