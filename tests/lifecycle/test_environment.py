"""``layerwright.cnb.layers.layer_env`` composes the environments that the lifecycle composes, for any layers."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layerwright.cnb.layers.layer_env import apply_build, apply_launch
from tests.lifecycle.conftest import KINDS, REAL, lifecycle_of, new_place
from tests.lifecycle.image import remove
from tests.lifecycle.lifecycle import PLATFORM_API, Platform
from tests.lifecycle.stand_in.environment import launch_environment, modified_for_build, modified_for_launch
from tests.lifecycle.toy import buildpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.lifecycle.lifecycle import Lifecycle

FEW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
MANY = settings(FEW, max_examples=300)

VARIABLES = st.sampled_from(["PATH", "LD_LIBRARY_PATH", "CPATH", "A", "B_1", "naïve"])
SUFFIXES = st.sampled_from(
    [
        "",
        ".",
        ".append",
        ".prepend",
        ".override",
        ".default",
        ".delim",
        ".junk",
        ".append.x",
        ".Append",
        ".delim.x",
    ]
)
VALUES = st.sampled_from([b"", b":", b"x", b"y z", b"line\n", b"\xff", "é".encode(), b"$A", b"a=b", b"-"])
SCOPES = st.sampled_from(["env", "env.build", "env.launch", "env.launch/web", "env.launch/other"])
ROOTS = st.sampled_from(["bin", "lib", "include", "pkgconfig", "share", "bin-file", "lib-link"])


class Layer(NamedTuple):
    """The files of a layer that modify the environment."""

    files: Mapping[str, bytes]
    roots: frozenset[str]

    def write(self, path: Path) -> None:
        path.mkdir()
        for name, content in self.files.items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        for root in sorted(self.roots):
            name, _, kind = root.partition("-")
            if kind == "file" and "bin" not in self.roots:
                (path / name).write_text("")
            elif kind == "link" and "lib" not in self.roots:
                (path / name).symlink_to("/usr")
            elif not kind:
                (path / name).mkdir()


FILES = st.dictionaries(
    st.builds(lambda scope, name, suffix: f"{scope}/{name}{suffix}", SCOPES, VARIABLES, SUFFIXES),
    VALUES,
    max_size=8,
)
LAYERS = st.dictionaries(
    st.sampled_from(["a", "a-b", "a0", "A", "b", "tool-x", "venv", "ä"]),
    st.builds(Layer, FILES, st.frozensets(ROOTS, max_size=3)),
    max_size=4,
)
ENVIRONMENTS = st.dictionaries(
    st.sampled_from(["A", "B_1", "CPATH", "LD_LIBRARY_PATH"]), st.sampled_from(["", "old", "old:er"])
).map(lambda env: {"PATH": "/usr/bin:/bin", **env})


def write(layers: Mapping[str, Layer], directory: Path) -> dict[str, Path]:
    """Write *layers* below *directory*, made afresh; return the path of each by its name."""
    remove(directory)
    directory.mkdir(parents=True)
    for name, layer in layers.items():
        layer.write(directory / name)
    return {name: directory / name for name in layers}


def at_build(paths: Mapping[str, Path]) -> list[Path]:
    """Return the layers in the order of the lifecycle's build phase."""
    return [paths[record.removesuffix(".toml")] for record in sorted(f"{name}.toml" for name in paths)]


def at_launch(paths: Mapping[str, Path]) -> list[Path]:
    return [paths[name] for name in sorted(paths)]


def variables(printed: bytes) -> dict[str, str]:
    """Return what ``env -0`` printed, without what a shell sets of itself."""
    pairs = (os.fsdecode(line).partition("=") for line in printed.split(b"\0") if line)
    return {name: value for name, _, value in pairs if name not in {"_", "SHLVL", "PWD", "OLDPWD"}}


@MANY
@given(layers=LAYERS, environment=ENVIRONMENTS, process=st.sampled_from(["web", ""]))
def test_the_stand_in_composes_as_our_own(
    layers: dict[str, Layer], environment: dict[str, str], process: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = write(layers, Path(folder, "layers"))
        assert apply_launch(environment, paths.items(), process) == modified_for_launch(
            environment, [at_launch(paths)], process
        )
        assert apply_build(environment, paths.items()) == modified_for_build(environment, at_build(paths))


@pytest.mark.skipif(REAL is None, reason="needs the real launcher")
@FEW
@given(layers=LAYERS, environment=ENVIRONMENTS, process=st.sampled_from(["web", ""]))
def test_the_launcher_composes_as_our_own(
    layers: dict[str, Layer], environment: dict[str, str], process: str
) -> None:
    assert REAL is not None
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = write(layers, root / "layers" / "acme_toy")
        (root / "layers" / "config").mkdir()
        (root / "layers" / "config" / "metadata.toml").write_text(
            '[[buildpacks]]\nid = "acme/toy"\nversion = "1.0.0"\napi = "0.10"\n'
            '[[processes]]\ntype = "web"\ncommand = ["/usr/bin/env", "-0"]\ndirect = true\nbuildpack-id = "acme/toy"\n'
        )
        image = {
            **environment,
            "PATH": f"/cnb/process:/cnb/lifecycle:{environment['PATH']}",
            "CNB_APP_DIR": str(root),
            "CNB_LAYERS_DIR": str(root / "layers"),
            "CNB_PLATFORM_API": PLATFORM_API,
            "CNB_DEPRECATION_MODE": "quiet",
        }
        words = [f"/cnb/process/{process}"] if process else ["launcher", "--", "/usr/bin/env", "-0"]
        done = subprocess.run(words, executable=REAL / "launcher", env=image, capture_output=True, check=True)
        found = variables(done.stdout)
        assert found == apply_launch(environment, paths.items(), process)
        assert found == modified_for_launch(launch_environment(image), [at_launch(paths)], process)


@pytest.fixture(scope="module", params=KINDS[:2])
def builder(request: pytest.FixtureRequest) -> Iterator[Lifecycle]:
    """Return a lifecycle for many builds."""
    with new_place() as place:
        yield lifecycle_of(request.param, place / "site")


@settings(FEW, max_examples=25)
@given(layers=LAYERS, environment=ENVIRONMENTS)
def test_the_next_buildpack_builds_in_the_environment_that_our_own_composes(
    builder: Lifecycle, layers: dict[str, Layer], environment: dict[str, str]
) -> None:
    root = builder.root
    write(layers, root / "made")
    commands = f"/bin/cp -a {root}/made/. $CNB_LAYERS_DIR\n" + "".join(
        f"printf '[types]\\nbuild = true' > '{root}/layers/acme_toy/{name}.toml'\n" for name in layers
    )
    first = buildpack(root, commands)
    # Not env: the shell takes no variable over whose name it could not have given.
    dump = f"/bin/cat /proc/$$/environ > {root}/printed"
    second = buildpack(root, dump, buildpack_id="acme/second", clear_env=True)
    # A and B_1 are not of the few that the lifecycle passes on.
    passed_on = {name: value for name, value in environment.items() if name not in {"A", "B_1"}}
    builder.build(first, second, platform=Platform(process=environment))

    found = variables((root / "printed").read_bytes())
    found = {name: value for name, value in found.items() if not name.startswith("CNB_") and name != "HOME"}
    paths = {name: root / "layers" / "acme_toy" / name for name in layers}
    assert found == apply_build(passed_on, paths.items())
