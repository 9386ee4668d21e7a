"""Interpreters that are only files, small enough to read: an ELF file, and a prefix around it."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["elf_file", "prefix"]

_BASE = 0x10000
_NEEDED, _STRTAB, _STRSZ, _SONAME, _RPATH, _RUNPATH, _INIT = 1, 5, 10, 14, 15, 29, 12
# The formats of the header, a program header, and a tag; the machine is x86-64 or 386.
_FORMATS = {
    64: ("HHIQQQIHHHHHH", "IIQQQQQQ", "qQ", 62),
    32: ("HHIIIIIHHHHHH", "IIIIIIII", "iI", 3),
}


def elf_file(
    *,
    needed: tuple[str, ...] = (),
    rpath: str | None = None,
    runpath: str | None = None,
    soname: str | None = None,
    loaded: bool = True,
    bits: int = 64,
    order: str = "<",
) -> bytes:
    """Return a shared library that says only its name, what other libraries it needs, and where they are."""
    header_format, segment_format, tag_format, machine = _FORMATS[bits]
    strings = b"\0"
    tags = [(_INIT, 0)]
    texts = [(_NEEDED, name) for name in needed]
    named = ((_SONAME, soname), (_RPATH, rpath), (_RUNPATH, runpath))
    texts += [(tag, text) for tag, text in named if text is not None]
    for tag, text in texts:
        tags.append((tag, len(strings)))
        strings += text.encode() + b"\0"
    header_size, segment_size = (
        16 + struct.calcsize(f"<{header_format}"),
        struct.calcsize(f"<{segment_format}"),
    )
    dynamic_at = header_size + 2 * segment_size
    strings_at = dynamic_at + struct.calcsize(f"<{tag_format}") * (len(tags) + 3)
    tags += [(_STRTAB, _BASE + strings_at), (_STRSZ, len(strings)), (0, 0)]
    dynamic = b"".join(struct.pack(order + tag_format, *tag) for tag in tags)
    size = strings_at + len(strings) if loaded else 0
    header = b"\x7fELF" + bytes((bits // 32, "<>".index(order) + 1, 1)) + bytes(9)
    sizes = (header_size, segment_size, 2, 0, 0, 0)
    header += struct.pack(order + header_format, 3, machine, 1, 0, header_size, 0, 0, *sizes)

    def segment(kind: int, offset: int, size: int) -> bytes:
        place = (offset, _BASE, _BASE, size, size)
        # In 32-bit files, the flags are elsewhere.
        values = (kind, 5, *place, 8) if bits == 64 else (kind, *place, 5, 8)
        return struct.pack(order + segment_format, *values)

    return header + segment(1, 0, size) + segment(2, dynamic_at, len(dynamic)) + dynamic + strings


def prefix(path: Path, *, minor: str = "3.13", configured_for: str | None = None) -> Path:
    """Make a prefix at *path* as a source build with a shared libpython leaves it, and return it."""
    where = configured_for or str(path)
    library = f"lib/python{minor}"
    soname = f"libpython{minor}.so.1.0"
    files: dict[str, str | bytes] = {
        f"bin/python{minor}": elf_file(needed=(soname, "libc.so.6"), runpath=f"{where}/lib"),
        f"bin/python{minor}-config": f'#!/bin/sh\nprefix="{where}"\n',
        f"bin/pip{minor}": f"#!{where}/bin/python{minor}\n",
        f"include/python{minor}/Python.h": "",
        f"lib/{soname}": elf_file(runpath=f"{where}/lib"),
        f"lib/pkgconfig/python-{minor}.pc": f"prefix={where}\n",
        f"{library}/os.py": "",
        f"{library}/mimetypes.py": 'knownfiles = ["/usr/local/etc/mime.types"]\n',
        f"{library}/_sysconfigdata__linux_.py": (
            f"build_time_vars = {{'ABIFLAGS': '',\n 'AR': '/tools/bin/llvm-ar',\n 'CC': 'clang -pthread',\n"
            f" 'CXX': 'clang++ -pthread',\n 'INSTALL': '/usr/bin/install -c',\n"
            f" 'LDFLAGS': '-L{where}/lib',\n 'prefix': '{where}'}}\n"
        ),
        f"{library}/config-{minor}-linux/Makefile": (
            f"CC=\t\tclang -pthread\nLDCXXSHARED=\t$(CXX) -shared\nprefix=\t{where}\n"
        ),
        f"{library}/config-{minor}-linux/libpython{minor}.a": "",
        f"{library}/ensurepip/_bundled/pip-24.2-py3-none-any.whl": "",
        f"{library}/lib-dynload/_ssl.cpython-linux.so": elf_file(runpath=f"{where}/lib"),
        f"{library}/lib-dynload/_tkinter.cpython-linux.so": elf_file(),
        f"{library}/site-packages/pip/__init__.py": "",
        f"{library}/test/test_os.py": "",
        f"{library}/__pycache__/os.cpython-313.pyc": "",
    }
    for name, content in files.items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    (path / "bin" / f"python{minor}").chmod(0o755)
    (path / "bin" / "python3").symlink_to(f"python{minor}")
    (path / "lib" / f"libpython{minor}.so").symlink_to(soname)
    return path
