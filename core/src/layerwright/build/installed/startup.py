"""Code of distributions that an interpreter runs at every start.

These are ``import`` lines in ``.pth`` files, ``.start`` files (PEP 829), ``sitecustomize`` and ``usercustomize``:
https://docs.python.org/3/library/site.html
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.installed.dist_info import is_editable, label_of, record_files, records
from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["StartupCode", "set_aside", "startup_code", "startup_files", "startup_words"]

_MODULES: Final = frozenset({"sitecustomize", "usercustomize"})
_SUFFIXES: Final = (".pth", ".start")
_ASIDE: Final = "~{}.layerwright"
_LONGEST: Final = 1_000_000
# Sorts before "_" and letters, because these files are read in the order of their names.
_GUARD: Final = "!layerwright.pth"
_GUARD_SOURCE: Final = """\
def guard(place):
    import site, sys
    from importlib.machinery import PathFinder

    class Guard:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if path is not None:
                return None
            elsewhere = [entry for entry in sys.path if not (entry + "/").startswith(place + "/")]
            spec = PathFinder.find_spec(name, elsewhere)
            if spec is None and PathFinder.find_spec(name) is not None:
                raise ModuleNotFoundError("No module named " + repr(name), name=name)
            return spec

    add = site.addpackage
    site.addpackage = lambda directory, *rest: None if directory == place else add(directory, *rest)
    sys.meta_path.insert(sys.meta_path.index(PathFinder), Guard)
"""

# The one in setuptools' own wheel, and those that it writes for `namespace_packages`.
_DISTUTILS: Final = re.compile(
    r"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os\.environ\.get\(var, '\w+'\) == 'local'; "
    r"enabled and __import__\('_distutils_hack'\)(?:\.add_shim\(\))?;? *"
)
_NAMES: Final = r"\('[\w.]+'(?:, ?'\w+')*,?\)"
_NAMESPACE: Final = re.compile(
    r"import sys, ?types, ?os; ?(?:has_mfs = sys\.version_info > \(3, 5\); ?)?"
    rf"p = os\.path\.join\(sys\._getframe\(1\)\.f_locals\['sitedir'\], \*{_NAMES}\); ?"
    r"(?:importlib = (?:has_mfs and )?__import__\('importlib\.util'\); ?"
    r"(?:has_mfs and )?__import__\('importlib\.machinery'\); ?"
    r"m = (?:has_mfs and )?sys\.modules\.setdefault\('[\w.]+', importlib\.util\.module_from_spec\("
    r"importlib\.machinery\.PathFinder\.find_spec\('[\w.]+', \[os\.path\.dirname\(p\)\]\)\)\); ?)?"
    r"m = (?:m or )?sys\.modules\.setdefault\('[\w.]+', types\.ModuleType\('[\w.]+'\)\); ?"
    r"mp = \(m or \[\]\) and m\.__dict__\.setdefault\('__path__', ?\[\]\); ?"
    r"\(p not in mp\) and mp\.append\(p\)(?:; ?m and setattr\(sys\.modules\['[\w.]+'\], '\w+', m\))? *"
)


class _Owner(NamedTuple):
    label: str
    editable: bool


class StartupCode(NamedTuple):
    """A *file* with code that runs at every start, and the *label* of its distribution, empty if there is none.

    ``is_editable``: the distribution is installed as editable. ``is_known``: the code is known to be harmless.
    """

    file: str
    label: str
    is_editable: bool
    is_known: bool


def startup_files(site_packages: Path) -> tuple[Path, ...]:
    """Return the entries of *site_packages* that an interpreter reads or imports at every start, sorted."""
    return tuple(
        sorted(
            path
            for path in site_packages.iterdir()
            if path.name.endswith(_SUFFIXES) or path.name.partition(".")[0] in _MODULES
        )
    )


def startup_words(site_packages: Path) -> tuple[str, ...]:
    """Return each distribution in *site_packages* that runs code at every start, with its files, as text.

    Files that are known to be harmless are left out: those that only name directories, those of editable
    installations, and the templates with which setuptools declares namespaces and provides ``distutils``.
    """
    found: dict[str, list[str]] = {}
    for one in startup_code(site_packages):
        if not (one.is_editable or one.is_known):
            found.setdefault(one.label or "no distribution", []).append(one.file)
    return tuple(f"{label} ({', '.join(names)})" for label, names in sorted(found.items()))


def startup_code(site_packages: Path) -> tuple[StartupCode, ...]:
    """Return each file in *site_packages* with code that runs at every start: not those that only name directories."""
    files = [path for path in startup_files(site_packages) if _has_code(path)]
    owners = _owners(site_packages, {path.name for path in files})
    return tuple(
        StartupCode(path.name, owner.label, owner.editable, _is_of_setuptools(path, owner))
        if (owner := owners.get(path.name))
        else StartupCode(path.name, "", is_editable=False, is_known=False)
        for path in files
    )


@contextmanager
def set_aside(site_packages: Path, *, imports: bool = False) -> Iterator[None]:
    """Prevent interpreters from running code of *site_packages* at their start, until the context ends.

    Unless *imports* are allowed, they cannot import anything from there either: installers try to import ``socks`` or
    ``_manylinux``, and would import any module of that name. Distributions may be installed and removed meanwhile:
    files of a removed one are then deleted, and files that replaced one that was set aside stay.
    """
    if not site_packages.is_dir():
        yield
        return
    files = startup_files(site_packages)
    names = {path.name for path in files}
    before = _owners(site_packages, names)
    for path in files:
        path.rename(path.with_name(_ASIDE.format(path.name)))
    guard = site_packages / _GUARD
    if not imports:
        guard.write_text(
            f"import sys; exec({_GUARD_SOURCE!r}); guard({os.fspath(site_packages)!r})\n", encoding="utf-8"
        )
    try:
        yield
    finally:
        guard.unlink(missing_ok=True)
        after = _owners(site_packages, names)
        for path in files:
            aside = path.with_name(_ASIDE.format(path.name))
            has_gone = path.name in before and path.name not in after
            if os.path.lexists(path) or has_gone:
                remove_tree(aside)
            else:
                aside.rename(path)


def _has_code(path: Path) -> bool:
    if not path.name.endswith(".pth"):
        return True
    return any(_is_code(line) for line in _lines(path))


def _is_code(line: str) -> bool:
    return line.startswith(("import ", "import\t"))


def _is_of_setuptools(path: Path, owner: _Owner) -> bool:
    template = _NAMESPACE if path.name.endswith("-nspkg.pth") else None
    if path.name == "distutils-precedence.pth" and owner.label.startswith("setuptools "):
        template = _DISTUTILS
    return template is not None and all(
        template.fullmatch(line) is not None for line in _lines(path) if _is_code(line)
    )


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST).decode("utf-8-sig", errors="replace").splitlines()
    except OSError:
        return []


def _owners(site_packages: Path, names: set[str]) -> dict[str, _Owner]:
    """Return the owner of each of *names*, files or directories in *site_packages*."""
    found: dict[str, _Owner] = {}
    words = [os.fsencode(name) for name in names]
    for record in record_files(site_packages) if names else ():
        content = record.read_bytes()
        # Hardly any distribution has one, and there are tens of thousands of files.
        if not any(word in content for word in words):
            continue
        for name in {path.partition("/")[0] for path, _ in records(record)} & names:
            label = label_of(record.parent)
            found[name] = _Owner(label, is_editable(record.parent))
    return found
