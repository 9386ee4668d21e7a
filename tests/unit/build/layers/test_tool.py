from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.build._specify import DescribedTool
from layerwright.build.layers.ahead import Ahead
from layerwright.build.layers.commands import Places
from layerwright.build.layers.tool import (
    contribute_stand_ins,
    contribute_tool,
    describe_stand_ins,
    describe_tool,
)
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv, apply_launch
from layerwright.config.reading import ToolSettings
from layerwright.contract.values.tool import PythonDependence, ToolLayer
from layerwright.contract.wheels import LockedWheels, WheelLayout
from layerwright.errors import CommandFailed, UserError
from layerwright.files.removal import remove_tree
from layerwright.testing import wheel
from layerwright.testing.tree import difference, tree
from tests.unit.build.samples import TARGET, Acme, Site, sh, words_of

if TYPE_CHECKING:
    from layerwright.build._contribute import Contribution
    from layerwright.build._decide import LayerSpec

TOOL = ToolLayer(
    version="1.2",
    inputs={"hashes": "sha256:abc"},
    install=(),
    env=LayerEnv().override("ACME_HOME", "/layers/tool-acme"),
)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def described(site: Site, tool: ToolLayer = TOOL, settings: ToolSettings | None = None) -> LayerSpec:
    return describe_tool(Acme(), tool, settings or ToolSettings(), site.interpreter, TARGET, PLACES)


PLACES = Places(application=Path("/workspace"))


def contributed(site: Site, tool: ToolLayer, ahead: Ahead | None = None) -> Contribution:
    contributor = site.contributor()
    contribute_tool(
        contributor,
        DescribedTool(Acme(), tool, described(site, tool)),
        site.interpreter,
        runner=site.runner,
        log=site.log,
        ahead=ahead,
    )
    return contributor.contributions[0]


# The tool


def test_a_tool_that_a_launcher_would_run_something_of_is_refused(site: Site) -> None:
    layer = site.layers.layer_path("tool-acme")
    with pytest.raises(UserError, match=r"^What was installed into the layer tool-acme"):
        contributed(site, replace(TOOL, install=(sh('mkdir "$1/profile.d"', layer),)))
    assert site.metadata("tool-acme") is None


@pytest.mark.parametrize("launch", [False, True])
def test_only_configuration_puts_a_tool_into_the_image(site: Site, launch: bool) -> None:
    spec = described(site, settings=ToolSettings(launch=launch))
    assert spec.name == "tool-acme"
    assert spec.types == LayerTypes(build=True, launch=launch, cache=True)
    assert spec.env == TOOL.env


@pytest.mark.parametrize(
    ("dependence", "inputs"),
    [
        (PythonDependence.NONE, {}),
        (PythonDependence.MINOR, {"Python minor version": "3.13"}),
        (PythonDependence.EXACT, {"Python version": "3.13.2"}),
    ],
)
def test_a_tool_is_made_from_as_much_of_the_interpreter_as_it_says(
    site: Site, dependence: PythonDependence, inputs: dict[str, str]
) -> None:
    path = {"interpreter": str(site.interpreter.executable)} if inputs else {}
    tool = replace(TOOL, depends_on_python=dependence, depends_on_target=False)
    assert described(site, tool).inputs == {"Acme version": "1.2", "hashes": "sha256:abc", **inputs, **path}


def test_a_tool_is_made_for_a_target_unless_it_says_otherwise(site: Site) -> None:
    tool = replace(TOOL, depends_on_python=PythonDependence.NONE)
    assert described(site, tool).inputs == {
        "Acme version": "1.2",
        "hashes": "sha256:abc",
        "target": "linux/amd64 (debian 12)",
    }


def test_the_commands_of_the_tool_fill_the_layer_once(site: Site) -> None:
    layer = site.layers.layer_path("tool-acme")
    install = (sh('echo "$1" > "$2/file"', "made", layer, shown="install acme"),)
    tool = replace(TOOL, install=install, depends_on_python=PythonDependence.NONE)
    assert contributed(site, tool).decision.action.value == "created"
    assert (layer / "file").read_text() == "made\n"
    assert site.commands == ["install acme"]
    assert contributed(site, tool).decision.action.value == "kept"
    assert site.commands == []


def test_a_tool_whose_wheels_are_at_hand_needs_no_command(site: Site, tmp_path: Path) -> None:
    acme = wheel("acme", "1.2", entry_points={"acme": "acme:main"})
    wheels = LockedWheels(
        hashed=f"acme==1.2 --hash=sha256:{acme.sha256}",
        layout=WheelLayout.USER,
        scripts=("acme",),
        directories=(tmp_path / "wheels",),
    )
    tool = replace(TOOL, install=(sh("exit 0", shown="install acme"),), wheels=wheels)
    contributed(site, tool)
    assert site.commands == ["install acme", "compile bytecode"]

    (tmp_path / "wheels").mkdir()
    acme.save(tmp_path / "wheels")
    again = Site(tmp_path / "again")
    contribution = contributed(again, tool)
    assert again.commands == ["compile bytecode"]
    assert "  Unpacked from the wheel of acme 1.2\n" in again.said
    assert (contribution.path / "bin" / "acme").is_file()
    more = wheel("more", "1.0")
    more.save(tmp_path / "wheels")
    hashed = f"{wheels.hashed}\nmore==1.0 --hash=sha256:{more.sha256}\n"
    with_more = Site(tmp_path / "more")
    contributed(with_more, replace(tool, wheels=replace(wheels, hashed=hashed)))
    assert "  Unpacked from 2 wheels\n" in with_more.said
    # Either way it is the same layer.
    assert described(again, tool) == described(again, replace(tool, wheels=None))


@pytest.mark.parametrize("layout", [WheelLayout.USER, WheelLayout.ENVIRONMENT])
def test_a_tool_that_was_unpacked_ahead_is_the_same_layer(
    site: Site, tmp_path: Path, layout: WheelLayout
) -> None:
    (tmp_path / "wheels").mkdir()
    acme = wheel("acme", "1.2", entry_points={"acme": "acme:main"})
    acme.save(tmp_path / "wheels")
    wheels = LockedWheels(
        hashed=f"acme==1.2 --hash=sha256:{acme.sha256}",
        layout=layout,
        directories=(tmp_path / "wheels",),
    )
    tool = replace(TOOL, wheels=wheels)
    before = tree(contributed(site, tool).path)
    commands = [*site.commands]
    remove_tree(site.layers.layer_path("tool-acme"))

    ahead = Ahead(tmp_path / "ahead", fork=lambda work: work)
    ahead.begin(site.layers.layer_path("tool-acme"), tool, site.interpreter, site.runner)
    (tmp_path / "ahead" / "tool-acme" / "only-there").touch()
    path = contributed(site, tool, ahead).path
    (path / "only-there").unlink()
    assert difference(before, tree(path)) == ""
    assert site.commands == commands
    assert "  Unpacked from the wheel of acme 1.2\n" in site.said


def test_the_bytecode_of_a_tool_in_python_is_compiled(site: Site) -> None:
    layer = site.layers.layer_path("tool-acme")
    contributed(
        site, replace(TOOL, install=(sh('mkdir -p "$1/lib/python3.13"', layer, shown="install acme"),))
    )
    assert site.commands == ["install acme", "compile bytecode"]
    assert f"compiled {layer}\n" in site.said


def test_a_layer_for_builds_alone_has_bytecode_of_what_a_build_imports(site: Site) -> None:
    site.interpreter.executable.write_text('#!/bin/sh\necho "$5:" $(cat)\n')
    tool = replace(TOOL, compiled="acme/main.py\n")
    for launch, said in (
        (False, "--only: acme/main.py\n"),
        (True, f"{site.layers.layer_path('tool-acme')}:\n"),
    ):
        spec = described(site, tool, ToolSettings(launch=launch))
        assert (spec.inputs["bytecode"] == "of all modules") is launch
        contribute_tool(
            site.contributor(),
            DescribedTool(Acme(), tool, spec),
            site.interpreter,
            runner=site.runner,
            log=site.log,
        )
        assert said in site.said
    assert described(site, replace(tool, compiled="acme/more.py\n")) != described(site, tool)


def test_a_tool_is_installed_in_the_environment_of_the_layers_before_it(site: Site) -> None:
    contributor = site.contributor()
    before = replace(described(site), name="python", env=LayerEnv().override("FROM_PYTHON", "yes"))
    contributor.contribute(before, create=lambda _layer: None)
    tool = replace(TOOL, install=(sh('echo "FROM_PYTHON is $FROM_PYTHON"'),))
    contribute_tool(
        contributor,
        DescribedTool(Acme(), tool, described(site, tool)),
        site.interpreter,
        runner=site.runner,
        log=site.log,
    )
    assert "FROM_PYTHON is yes" in site.said


METADATA = """\
m=$1/$2.dist-info; mkdir -p "$m"; printf 'Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n%s\\n' \
  "${2%-*}" "${2#*-}" "$3" > "$m/METADATA"
"""


@pytest.mark.parametrize("place", ["venv", "."])
def test_what_a_lock_lacks_is_said_once_the_tool_is_installed(site: Site, place: str) -> None:
    packages = site.interpreter.site_packages(site.layers.layer_path("tool-acme") / place)
    windows = 'Requires-Dist: other; sys_platform == "win32"'
    commands = (
        sh(METADATA, packages, "acme-1.0", "Requires-Dist: base[fast]>=2\nRequires-Dist: absent"),
        sh(METADATA, packages, "base-1.0", f'Requires-Dist: speed; extra == "fast"\n{windows}'),
        sh('mkdir "$1/half-1.0.dist-info"', packages),
    )
    contributed(site, replace(TOOL, install=commands))

    warning = site.said[site.said.index("  Warning:") :].splitlines()[:5]
    assert warning[0] == "  Warning: The layer tool-acme lacks distributions that it requires."
    assert sorted(warning[1:4]) == [
        "  acme 1.0 requires absent, which is not installed.",
        "  acme 1.0 requires base[fast]>=2, but base 1.0 is installed.",
        "  base 1.0 requires speed, which is not installed.",
    ]
    assert warning[4] == (
        "  If the tool fails, the lock of its plugin is incomplete: tell the plugin's authors."
    )


def test_a_tool_that_has_all_that_it_requires_gets_no_warning(site: Site) -> None:
    packages = site.interpreter.site_packages(site.layers.layer_path("tool-acme") / "venv")
    requires = 'Requires-Dist: base>=1\nRequires-Dist: old; python_version < "3.13"'
    commands = (sh(METADATA, packages, "acme-1.0", requires), sh(METADATA, packages, "base-1.0", ""))
    contributed(site, replace(TOOL, install=commands))
    assert "Warning" not in site.said


def test_a_tool_that_cannot_be_installed_leaves_no_layer_to_trust(site: Site) -> None:
    with pytest.raises(CommandFailed):
        contributed(site, replace(TOOL, install=(sh("exit 1"),)))
    assert site.metadata("tool-acme") is None


# Stand-ins


STAND_INS = {"acme": "It's not here.\n\nSee `docs`; $HOME → nowhere.", "acme3": ""}


def test_a_stand_in_says_where_the_tool_is_and_fails(site: Site) -> None:
    contributor = site.contributor()
    contribute_stand_ins(contributor, describe_stand_ins(STAND_INS), STAND_INS)
    [layer] = contributor.contributions
    assert (layer.name, layer.types) == ("absent-tools", LayerTypes(launch=True))
    environment = apply_launch({"PATH": "/usr/bin:/bin"}, [(layer.name, layer.path)])
    said = {}
    for name in STAND_INS:
        done = subprocess.run([name, "install"], env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        said[name] = done.stderr
    assert said == {"acme": f"{STAND_INS['acme']}\n", "acme3": "\n"}


def test_other_words_make_another_layer_and_say_no_more_than_that(site: Site) -> None:
    for stand_ins in (STAND_INS, {**STAND_INS, "acme": "Gone."}):
        contributor = site.contributor()
        contribute_stand_ins(contributor, describe_stand_ins(stand_ins), stand_ins)
    assert words_of(contributor.contributions[0].decision) == "created: acme changed"
