"""Builds with package managers that are declared in TOML, over a real tool: pip, from files locked by hash."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from layerwright.testing.distributions import wheel
from tests.fixtures.pages import DOCS, blocks
from tests.integration.site import Site, link_tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.site import SharedIndex

pytestmark = pytest.mark.integration

PAGE = DOCS / "plugins" / "declarative.md"
IN_A_PLUGIN, _ENTRY_POINTS, IN_AN_APPLICATION, *_ = blocks(PAGE, "toml")
"""The first examples of the page on declarations: a plugin's file, its entry points, and an application's tables."""

LAYERS = ("python", "tool-acme", "absent-tools", "venv")
KEPT = dict.fromkeys((*LAYERS, "cache-acme"), "kept")


class AcmeSite(Site):
    """A site with a plugin ``layerwright-acme``, which declares a package manager in a file and has no code."""

    @override
    def furnish(self) -> None:
        super().furnish()
        self.app.remove("requirements.txt")
        self.lock("acme", "base")
        package, metadata = self.plugins / "layerwright_acme", self.plugins / "layerwright_acme-1.0.dist-info"
        package.mkdir(parents=True)
        metadata.mkdir()
        (package / "__init__.py").write_text('"""Acme."""\n')
        (package / "package-manager.toml").write_text(IN_A_PLUGIN)
        (metadata / "entry_points.txt").write_text(
            "[layerwright]\nacme = layerwright_acme\n[layerwright.conclusive]\nacme.lock = layerwright_acme\n"
            "[layerwright.api]\n2 = layerwright_acme\n"
        )

    @property
    def plugins(self) -> Path:
        """The directory that the plugin is installed in."""
        return self.root / "plugins"

    @override
    def command(self, *arguments: str | Path) -> list[str]:
        # PYTHONPATH is reserved: what a build is run with must not reach what it builds.
        imports = f"import sys; sys.path.append({str(self.plugins)!r}); from layerwright.cli.main import main"
        start = f"{imports}; sys.exit(main())"
        return [sys.executable, "-c", start, *map(str, arguments)]

    def lock(self, *names: str, file: str = "acme.lock", version: str = "1.0") -> None:
        """Write a lock file with *version* of each distribution."""
        requires = {"acme": ["base>=1"]}
        lines = [
            f"{name}=={version} --hash=sha256:{wheel(name, version, requires=requires.get(name, [])).sha256}\n"
            for name in names
        ]
        self.app.write(file, "".join(lines))


@pytest.fixture(scope="module")
def _acme_template(
    _shared_index: SharedIndex, tmp_path_factory: pytest.TempPathFactory
) -> tuple[AcmeSite, Path]:
    _shared_index.reset()
    root = tmp_path_factory.mktemp("acme")
    site, kept = AcmeSite(root / "here", _shared_index), root / "kept"
    site.furnish()
    outcome = site.build()
    assert outcome.layers == dict.fromkeys(KEPT, "created")
    assert "Acme, because acme.lock exists" in outcome.log
    assert "pip install pip==26.3 (not hash-pinned)" in outcome.commands
    link_tree(site.root, kept)
    return site, kept


@pytest.fixture
def acme(_acme_template: tuple[AcmeSite, Path], index: SharedIndex) -> AcmeSite:
    """Return a site that is built with the plugin's package manager."""
    site, kept = _acme_template
    link_tree(kept, site.root)
    for file in filter(lambda path: path.is_file(), list(site.app.path.iterdir())):
        content = file.read_bytes()
        file.unlink()
        file.write_bytes(content)
    return site


@pytest.fixture
def bare(index: SharedIndex, tmp_path: Path) -> AcmeSite:
    """Return a site whose application declares the package manager itself; nothing is built."""
    site = AcmeSite(tmp_path / "bare", index)
    site.furnish()
    for name in ("layerwright_acme/package-manager.toml", "layerwright_acme-1.0.dist-info/entry_points.txt"):
        (site.plugins / name).unlink()
    site.app.write("pyproject.toml", IN_AN_APPLICATION)
    return site


def test_the_environment_is_what_the_lock_file_says_and_the_tool_is_not_in_it(acme: AcmeSite) -> None:
    assert acme.installed() == {"acme": "1.0", "base": "1.0"}
    assert acme.seen()["distributions"] == {"acme": "1.0", "base": "1.0"}
    shown = acme.layerwright("run", "pip", status=1)
    assert "`launch = true` in [tool.layerwright.acme]" in shown.errors


def test_with_nothing_changed_nothing_is_run(acme: AcmeSite) -> None:
    again = acme.build()
    assert (again.layers, again.commands) == (KEPT, [])


def test_another_lock_file_makes_another_environment(acme: AcmeSite) -> None:
    acme.lock("base")
    again = acme.build()
    assert again.layers == {**KEPT, "venv": "created"}
    assert again.reasons("venv") == "acme.lock changed"
    assert acme.installed() == {"base": "1.0"}


def test_a_setting_counts_by_what_it_makes_of_the_commands(acme: AcmeSite) -> None:
    acme.app.write("layerwright.toml", "[acme]\nonly-wheels = true\n")
    again = acme.build()
    assert again.layers == {**KEPT, "venv": "created"}
    assert again.reasons("venv") == "command pip: --only-binary=:all: is new"
    assert acme.installed() == {"acme": "1.0", "base": "1.0"}


def test_the_tool_is_available_at_launch_when_the_configuration_says_so(acme: AcmeSite) -> None:
    acme.app.write("layerwright.toml", "[acme]\nlaunch = true\n")
    again = acme.build()
    assert again.layers == {name: "kept" for name in KEPT if name != "absent-tools"}
    assert acme.layerwright("run", "pip", "--version").log.startswith("pip 26.3 ")


def test_a_command_that_fails_ends_with_what_to_do_about_it(acme: AcmeSite) -> None:
    acme.app.write("acme.lock", f"acme==1.0 --hash=sha256:{'0' * 64}\n")
    failed = acme.build(status=1)
    assert "--requirement=acme.lock ended with status 1" in failed.errors
    assert "1. If acme.lock does not match the application, run `pip-compile " in failed.errors
    assert "/errors.html#acme-failed" in failed.errors
    assert acme.installed() == {"acme": "1.0", "base": "1.0"}


def test_an_application_may_declare_a_package_manager_itself(bare: AcmeSite) -> None:
    assert bare.layerwright("detect").log == "acme, because acme.lock exists\n"
    # Its example has the tool at launch as well.
    expected = {name for name in KEPT if name != "absent-tools"}
    assert bare.build().layers == dict.fromkeys(expected, "created")
    assert bare.installed() == {"acme": "1.0", "base": "1.0"}
    again = bare.build()
    assert (again.layers, again.commands) == (dict.fromkeys(expected, "kept"), [])


def test_what_is_wrong_with_it_is_reported_before_anything_is_built(bare: AcmeSite) -> None:
    wrong = IN_AN_APPLICATION.replace("{venv}", "{vnev}").replace("tool.version", "tool.verison")
    bare.app.write("pyproject.toml", wrong)
    failed = bare.build(status=1)
    place = "  pyproject.toml: tool.layerwright.package-managers.acme."
    assert failed.errors.splitlines()[3:6] == [
        f"{place}tool.verison is an unknown key; did you mean version?",
        f"{place}tool.version is missing, and so is tool.lock, which would contain it",
        f'{place}environment.commands[0] has an unknown placeholder {{vnev}} in "--python={{vnev}}"; '
        "did you mean venv?",
    ]
    assert list(bare.layers.glob("*.toml")) == []
