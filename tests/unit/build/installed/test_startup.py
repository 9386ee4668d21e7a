"""What an interpreter runs at its start, and how it is kept from that."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.build.installed.startup import set_aside, startup_files, startup_words
from layerwright.testing.machine import clean_env, interpreters
from layerwright.testing.tree import difference, tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PRECEDENCE = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    "enabled and __import__('_distutils_hack').add_shim(); \n"
)
NAMESPACE = (
    "import sys, types, os;has_mfs = sys.version_info > (3, 5);"
    "p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('acme', 'web'));"
    "importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');"
    "m = has_mfs and sys.modules.setdefault('acme.web', importlib.util.module_from_spec("
    "importlib.machinery.PathFinder.find_spec('acme.web', [os.path.dirname(p)])));"
    "m = m or sys.modules.setdefault('acme.web', types.ModuleType('acme.web'));"
    "mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p);"
    "m and setattr(sys.modules['acme'], 'web', m)\n"
)
EVIL = "import os; os.environ.get('TOKEN') and print('stolen')\n"


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    path = (
        tmp_path
        / "venv"
        / "lib"
        / f"python{sys.version_info.major}.{sys.version_info.minor}"
        / "site-packages"
    )
    path.mkdir(parents=True)
    return path


def install(
    site_packages: Path, name: str, files: Mapping[str, str], *, version: str = "1.0", editable: bool = False
) -> None:
    metadata = site_packages / f"{name}-{version}.dist-info"
    metadata.mkdir()
    for path, text in files.items():
        (site_packages / path).parent.mkdir(parents=True, exist_ok=True)
        (site_packages / path).write_text(text)
    (metadata / "RECORD").write_text("".join(f"{path},,\n" for path in files))
    if editable:
        (metadata / "direct_url.json").write_text(
            json.dumps({"url": "file:///app", "dir_info": {"editable": True}})
        )


# What is named


def test_each_distribution_that_has_code_run_is_named_with_its_files(site_packages: Path) -> None:
    install(site_packages, "evil", {"evil.pth": EVIL, "later.pth": f"somewhere\n{EVIL}"})
    install(site_packages, "acme_hook", {"usercustomize.py": ""}, version="2.1")
    install(site_packages, "modern", {"modern.start": "modern:main\n"})
    install(site_packages, "package", {"sitecustomize/__init__.py": ""})
    (site_packages / "stray.pth").write_text(EVIL)
    assert startup_words(site_packages) == (
        "acme_hook 2.1 (usercustomize.py)",
        "evil 1.0 (evil.pth, later.pth)",
        "modern 1.0 (modern.start)",
        "no distribution (stray.pth)",
        "package 1.0 (sitecustomize)",
    )


def test_what_is_known_to_be_harmless_is_not_named(site_packages: Path) -> None:
    install(site_packages, "setuptools", {"distutils-precedence.pth": PRECEDENCE})
    install(site_packages, "acme_web", {"acme_web-1.0-py3.11-nspkg.pth": NAMESPACE})
    install(site_packages, "app", {"__editable___app_finder.pth": "import app_finder\n"}, editable=True)
    install(site_packages, "path", {"path.pth": "# import os\n/srv/app\nimported\n"})
    install(site_packages, "plain", {"plain/sitecustomize.py": "", "plain/plain.pth": EVIL})
    assert startup_words(site_packages) == ()


@pytest.mark.parametrize(
    ("name", "file", "text"),
    [
        ("other", "distutils-precedence.pth", PRECEDENCE),
        ("setuptools", "distutils-precedence.pth", PRECEDENCE + EVIL),
        ("setuptools", "setuptools.pth", PRECEDENCE),
        ("acme_web", "acme_web-nspkg.pth", NAMESPACE.replace("'acme', 'web'", "'acme', print(1)")),
        ("acme_web", "acme_web-nspkg.pth", NAMESPACE + EVIL),
    ],
)
def test_what_only_looks_like_it_is_named(site_packages: Path, name: str, file: str, text: str) -> None:
    install(site_packages, name, {file: text})
    assert startup_words(site_packages) == (f"{name} 1.0 ({file})",)


def test_a_file_that_cannot_be_read_runs_nothing(site_packages: Path) -> None:
    (site_packages / "folder.pth").mkdir()
    assert [path.name for path in startup_files(site_packages)] == ["folder.pth"]
    assert startup_words(site_packages) == ()


def test_metadata_that_cannot_be_read_makes_nothing_harmless(site_packages: Path) -> None:
    install(site_packages, "evil", {"evil.pth": EVIL})
    (site_packages / "evil-1.0.dist-info" / "direct_url.json").write_text("{")
    assert startup_words(site_packages) == ("evil 1.0 (evil.pth)",)


# What is set aside


def test_afterwards_everything_is_as_it_was(site_packages: Path) -> None:
    install(site_packages, "evil", {"evil.pth": EVIL, "sitecustomize/__init__.py": EVIL})
    (site_packages / "stray.pth").write_text(EVIL)
    before = tree(site_packages)
    for imports in (False, True):
        with set_aside(site_packages, imports=imports):
            left = {path.name for path in startup_files(site_packages)}
            assert left == (set() if imports else {"!layerwright.pth"})
        assert difference(before, tree(site_packages)) == ""


def test_what_was_uninstalled_or_replaced_meanwhile_does_not_come_back(site_packages: Path) -> None:
    install(site_packages, "gone", {"gone.pth": EVIL})
    install(site_packages, "new", {"new.pth": "old"})
    install(site_packages, "stays", {"stays.pth": EVIL})
    with set_aside(site_packages):
        for file in (site_packages / "gone-1.0.dist-info", site_packages / "new-1.0.dist-info"):
            (file / "RECORD").unlink()
            file.rmdir()
        install(site_packages, "new", {"new.pth": "new"}, version="2.0")
    assert {path.name: path.read_text() for path in site_packages.glob("*.*") if path.is_file()} == {
        "new.pth": "new",
        "stays.pth": EVIL,
    }


def test_after_a_failure_as_well(site_packages: Path) -> None:
    install(site_packages, "evil", {"evil.pth": EVIL})
    before = tree(site_packages)
    with pytest.raises(ZeroDivisionError), set_aside(site_packages):
        raise ZeroDivisionError
    assert difference(before, tree(site_packages)) == ""


def test_without_a_directory_there_is_nothing_to_do(tmp_path: Path) -> None:
    with set_aside(tmp_path / "none"):
        assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("version", sorted(interpreters()))
def test_an_interpreter_runs_and_imports_nothing_of_what_is_installed(tmp_path: Path, version: str) -> None:
    venv = tmp_path / "venv"
    subprocess.check_call([interpreters()[version], "-I", "-m", "venv", "--without-pip", venv])
    [site_packages] = venv.glob("lib/python*/site-packages")
    evil = "import sys; sys.stdout.write('evil\\n')\n"
    names = ("socks", "sitecustomize", "usercustomize", "_manylinux")
    install(site_packages, "evil", {"evil.pth": evil, **{f"{name}.py": evil for name in names}})
    install(site_packages, "shared", {"acme/inner.py": ""})
    (tmp_path / "elsewhere" / "acme").mkdir(parents=True)
    (tmp_path / "elsewhere" / "acme" / "outer.py").write_text("")
    (tmp_path / "elsewhere" / "late.pth").write_text("import sys; sys.stdout.write('elsewhere\\n')\n")
    script = f"""\
import importlib.metadata, site, sys
for name in ("socks", "_manylinux", "nowhere", "acme.inner"):
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        print("no", error.name)
site.addsitedir({str(tmp_path / "elsewhere")!r})
import acme.outer, json, zipimport
print(*sorted(d.metadata["Name"] or d._path.name for d in importlib.metadata.distributions()))
"""

    def run() -> list[str]:
        python = [venv / "bin" / "python", "-I", "-c", script]
        said = subprocess.check_output(python, env=clean_env(tmp_path), text=True)
        return said.splitlines()

    for name in ("evil", "shared"):
        (site_packages / f"{name}-1.0.dist-info" / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n")
    assert "evil" in run()
    with set_aside(site_packages):
        # Also what comes while it is set aside: a command of a package manager can add it and start Python again.
        (site_packages / "later.pth").write_text(evil)
        assert run() == ["no socks", "no _manylinux", "no nowhere", "no acme", "elsewhere", "evil shared"]
        (site_packages / "later.pth").unlink()
    with set_aside(site_packages, imports=True):
        assert run()[:3] == ["evil", "evil", "no nowhere"]
