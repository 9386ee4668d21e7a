"""A new plugin, as it was written: built, installed as a stranger's would be, tested and type-checked there."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from layerwright.testing.machine import clean_env

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
KINDS = {"programmed": "acme", "declarative": "acme-too", "hooks": "words"}
OPTIONS: dict[str, tuple[str, ...]] = {
    "programmed": (),
    "declarative": ("--declarative",),
    "hooks": ("--hooks",),
}
# Both kinds of package managers give the same commands, so that one of them is enough for the builds that take longest.
SELECTED = {
    "programmed": "not another_python",
    "declarative": "not (another_python or elsewhere or stopped or home or hostile)",
    "hooks": "test",
}
# A declared one names the format of its lock file. What a programmed one will install, its author has to say.
SKIPPED = {
    "programmed": {"explanations before a build use what is installed"},
    "declarative": set[str](),
    "hooks": set[str](),
}
BUILD = "import sys; from flit_core.buildapi import build_wheel; build_wheel(sys.argv[1])"


def run(*argv: str | Path, cwd: Path) -> str:
    environment = clean_env(cwd)
    done = subprocess.run(argv, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a plugin of each kind in ``new``, installed in the virtual environment ``venv``.

    It has wheels of core and of these plugins, and what they and their tests need of the one that runs this test.
    """
    root = tmp_path_factory.mktemp("new-plugin")
    for kind, name in KINDS.items():
        new = ("-m", "layerwright.cli", "plugins", "new", name, *OPTIONS[kind], "--output", f"new/{kind}")
        run(sys.executable, *new, cwd=root)
    (root / "wheels").mkdir()
    for project in (ROOT / "core", *(root / "new" / kind for kind in KINDS)):
        run(sys.executable, "-c", BUILD, root / "wheels", cwd=project)
    run(sys.executable, "-m", "venv", "--without-pip", root / "venv", cwd=root)
    theirs = root / "venv" / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "layerwright" not in entry.name and not entry.name.startswith("pip") and entry.suffix != ".pth":
            (theirs / entry.name).symlink_to(entry)
    pip = (sys.executable, "-m", "pip", "--python", root / "venv", "install", "--no-deps", "--no-index")
    run(*pip, *sorted((root / "wheels").iterdir()), cwd=root)
    return root


# What the tutorial ends with passes its tests in every run; these build with the same real tool again.
@pytest.mark.parametrize(
    "kind", [kind if kind == "hooks" else pytest.param(kind, marks=pytest.mark.long) for kind in KINDS]
)
def test_a_new_plugin_passes_its_tests_as_written(root: Path, kind: str) -> None:
    pytest_ = (root / "venv/bin/python", "-m", "pytest", "-W", "error", "-q", "-rs", "-k", SELECTED[kind])
    log = run(*pytest_, cwd=root / "new" / kind)
    assert " passed" in log
    skipped = [line for line in log.splitlines() if line.startswith("SKIPPED")]
    assert {line.rpartition(": ")[2] for line in skipped} == SKIPPED[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_has_the_types_and_the_style_that_it_asks_for(root: Path, kind: str) -> None:
    project = root / "new" / kind
    run(root / "venv/bin/python", "-m", "mypy", cwd=project)
    ruff = Path(sys.executable).with_name("ruff")
    run(ruff, "check", cwd=project)
    run(ruff, "format", "--check", cwd=project)


@pytest.mark.parametrize("kind", ["programmed", "hooks"])
@pytest.mark.parametrize("name", ["a", "very-long-name-of-a-package-manager-for-testing-purposes-here"])
def test_the_style_does_not_depend_on_the_name(root: Path, tmp_path: Path, name: str, kind: str) -> None:
    new = ("-m", "layerwright.cli", "plugins", "new", name, *OPTIONS[kind])
    run(root / "venv/bin/python", *new, cwd=tmp_path)
    run(Path(sys.executable).with_name("ruff"), "format", "--check", cwd=tmp_path)
    run(Path(sys.executable).with_name("ruff"), "check", cwd=tmp_path)
