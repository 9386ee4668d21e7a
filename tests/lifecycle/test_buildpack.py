"""Our own buildpack, from the detect phase to the launched process."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import source_tree, wheel
from layerwright.testing.machine import interpreters
from layerwright.testing.tree import tree
from tests.fixtures.renamed import renamed
from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import SharedIndex
from tests.integration.test_standalone_python import Mirror
from tests.integration.uv_site import UvSite, is_filled, uv_wheelhouse
from tests.lifecycle.both import words
from tests.lifecycle.conftest import KINDS, lifecycle_of, why_not_real
from tests.lifecycle.image import remove
from tests.lifecycle.lifecycle import Member, PhaseFailed
from tests.lifecycle.ours import ID, Log, OurSite, our_buildpack
from tests.lifecycle.toy import buildpack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.test_standalone_python import Published
    from tests.lifecycle.image import Image

EXAMPLES = Path(__file__).parents[2] / "examples"

MIRRORED = """\
from layerwright.buildpack import Buildpack
from layerwright.pythons.standalone._catalogue import Archive
from layerwright.pythons.standalone.provider import StandaloneProvider


class Acme(Buildpack):
    def providers(self, settings, environment, temporary):
        return [StandaloneProvider("x86_64", temporary, settings.mirror, catalogue=[{archive!r}])]


if __name__ == "__main__":
    Acme(id="{id}", version="5.0.0").main()
"""

STATIC_FILES = """
INSTALLED_APPS = ["django.contrib.staticfiles"]
STATIC_URL = "static/"
STATIC_ROOT = "collected"
STATICFILES_DIRS = ["assets"]
"""

pytestmark = pytest.mark.integration

CACHED = {"bytecode": "kept", "cache-pip": "kept", "python": "kept", "tool-pip": "kept", "venv": "kept"}
REAL_KINDS = KINDS[1:] or [pytest.param("", marks=pytest.mark.skip(reason=why_not_real()))]


def kept(image: Image) -> dict[str, str]:
    """Return what became of each layer but that of one file, which no cache has."""
    return {name: action for name, action in sorted(Log.of(image).layers.items()) if name != "absent-tools"}


def require(name: str, **metadata: str | bool) -> str:
    """Return shell commands that require *name* in a build plan."""
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in metadata.items())
    return f"cat >> $CNB_BUILD_PLAN_PATH <<'END'\n[[requires]]\nname = \"{name}\"\n[requires.metadata]\n{lines}\nEND\n"


def test_the_first_build_makes_each_layer_of_the_types_that_it_needs(site: OurSite) -> None:
    assert kept(site.first) == dict.fromkeys(CACHED, "created")
    [made] = site.first.metadata["buildpacks"]
    assert {name: (each["build"], each["cache"]) for name, each in made["layers"].items()} == {
        "absent-tools": (False, False),
        "python": (False, False),
        "venv": (False, False),
    }
    assert site.first.entrypoint == ("/cnb/process/web",)


def test_the_launched_process_has_its_virtual_environment_and_the_standard_library_alone(
    site: OurSite,
) -> None:
    seen = site.seen(site.first)
    assert seen["distributions"] == {"acme": "1.0", "base": "1.0"}
    python, venv = site.layers / "python", site.layers / "venv"
    assert [path for path in seen["path"] if not Path(path).is_relative_to(python)] == [
        str(next(venv.glob("lib/python*/site-packages")))
    ]
    assert seen["directory"] == str(site.app.path)
    assert not [name for name in seen["environment"] if name.startswith(("PIP_", "CNB_", "LAYERWRIGHT_"))]
    assert "/invalid" not in json.dumps(seen)


def test_nothing_of_pip_is_at_launch(site: OurSite) -> None:
    assert not [path for path in site.first.tree() if "tool-pip" in path or "cache-pip" in path]
    assert site.lifecycle.launch(site.first, "", "--", "python", "-m", "pip").status == 1


def test_everything_in_the_image_is_for_every_user(site: OurSite) -> None:
    wrong = [
        (path, entry)
        for path, entry in site.first.tree().items()
        if f"/{ID.replace('/', '_')}/" in path
        and entry.kind != "link"
        and entry.mode not in ({"0755"} if entry.kind == "directory" else {"0644", "0755"})
    ]
    assert wrong == []


def test_a_process_compiles_nothing(site: OurSite) -> None:
    site.app.write("shop/__init__.py", "import asyncio, acme, shop.cart\n")
    site.app.write("shop/cart.py", "")
    verbose = ("", "--", "python", "-v", "-c", "import shop")
    said = site.lifecycle.launch(site.build(), *verbose)
    assert said.status == 0
    # An import says this of bytecode, whose path it quotes, and of a source that it has compiled.
    assert f"# code object from '{site.app.path}/shop/__pycache__/cart." in said.output
    assert "# code object from /" not in said.output


def test_a_rebuild_keeps_every_layer_and_makes_the_same_image(site: OurSite) -> None:
    image = site.build()
    assert kept(image) == CACHED
    assert Log.of(image).commands == ["pip install --dry-run -r requirements.txt"]
    assert image.digest == site.first.digest


def test_the_image_has_a_bill_of_materials_of_each_of_its_layers(site: OurSite) -> None:
    place = f"/sbom/launch/{ID.replace('/', '_')}/"
    tree = site.first.tree()
    found = {path.partition(place)[2]: path for path in tree if place in path and path.endswith(".json")}
    layers = ("python", "venv")
    assert found.keys() == {f"{layer}/sbom.{form}.json" for layer in layers for form in ("cdx", "spdx")}
    image = site.build()
    assert image.digest == site.first.digest
    document = json.loads((site.layers / "venv.sbom.cdx.json").read_bytes())
    hashes = {one["name"]: one["hashes"] for one in document["components"]}
    acme = wheel("acme", "1.0", requires=["base>=1"])
    assert hashes["acme"] == [{"alg": "SHA-256", "content": acme.sha256}]


def test_a_rebuild_from_a_lock_file_runs_nothing_at_all(site: OurSite) -> None:
    pins = [site.index.requirement("acme", "1.0"), site.index.requirement("base", "1.0")]
    site.app.write("requirements.txt", "\n".join(pins))
    locked = site.build()
    site.index.requests.clear()
    image = site.build()
    assert kept(image) == CACHED
    assert Log.of(image).commands == []
    assert not any((site.layers / layer).exists() for layer in image.layers(ID))
    site.lifecycle.lose_cache()
    without = site.build()
    # The bytecode of the application needs the interpreter.
    assert kept(without).items() >= {"python": "created", "venv": "kept"}.items()
    assert not (site.layers / "venv").exists()
    assert locked.digest == image.digest == without.digest
    assert site.index.requests == []
    assert site.seen(image)["distributions"] == {"acme": "1.0", "base": "1.0"}


def test_an_application_that_changed_leaves_its_layers_alone(site: OurSite) -> None:
    site.app.write("more.py", "pass\n")
    image = site.build()
    assert kept(image) == CACHED
    assert image.layers(ID) == site.first.layers(ID)
    assert image.digest != site.first.digest


def test_a_new_release_updates_the_virtual_environment_alone(site: OurSite) -> None:
    site.index.add(wheel("acme", "2.0", requires=["base>=1"]))
    image = site.build()
    assert kept(image) == {**CACHED, "venv": "updated"}
    assert site.seen(image)["distributions"] == {"acme": "2.0", "base": "1.0"}
    changed = {name for name, digest in image.layers(ID).items() if digest != site.first.layers(ID)[name]}
    assert changed == {"venv"}


def test_with_the_cache_lost_everything_is_made_again_whatever_the_umask(site: OurSite) -> None:
    site.lifecycle.lose_cache()
    image = site.build(platform=site.platform(umask=0o077))
    assert kept(image) == dict.fromkeys(CACHED, "created")
    for layer in image.layers(ID):
        assert image.contents(ID, layer) == site.first.contents(ID, layer)


def test_with_the_image_lost_the_cache_does(site: OurSite) -> None:
    site.lifecycle.lose_image()
    image = site.build()
    assert kept(image) == CACHED
    assert image.digest == site.first.digest


def test_a_damaged_cache_is_not_trusted_and_all_is_made_again_to_the_byte(site: OurSite) -> None:
    site.lifecycle.damage_cache()
    site.lifecycle.lose_image()
    image = site.build()
    assert kept(image) == dict.fromkeys(CACHED, "created")
    assert image.digest == site.first.digest
    assert kept(site.build()) == CACHED


def test_a_new_version_of_the_buildpack_keeps_the_layers(site: OurSite) -> None:
    image = site.build(our_buildpack(site.place, version="2.0.0"))
    assert kept(image) == CACHED
    assert image.layers(ID) == site.first.layers(ID)


@pytest.mark.parametrize("change", ['schema = "999"', "schema = 1.0", "schema = {}"])
def test_metadata_of_another_schema_is_not_trusted(site: OurSite, change: str) -> None:
    spoil = f"sed -i '/^ *schema/d; s/^ *\\[metadata\\]/[metadata]\\n{change}/' {site.layers}/venv.toml"
    image = site.build(buildpack(site.place, spoil, buildpack_id="acme/spoiler"), None)
    assert kept(image) == {**CACHED, "venv": "created"}
    assert image.layers(ID) == site.first.layers(ID)


@pytest.mark.parametrize(
    "contents",
    [
        {"python": "metadata = 5", "tool-pip": "metadata = [1.0]", "venv": ""},
        {"python": "not toml", "tool-pip": "[metadata]", "venv": "[metadata]\ninputs = 5.0"},
    ],
    ids=lambda contents: contents["python"],
)
def test_metadata_that_is_not_ours_is_not_trusted(site: OurSite, contents: dict[str, str]) -> None:
    spoil = "".join(
        f"printf '{content}' > {site.layers}/{layer}.toml\n" for layer, content in contents.items()
    )
    image = site.build(buildpack(site.place, spoil, buildpack_id="acme/spoiler"), None)
    # What is packed has metadata of its own.
    assert kept(image) == CACHED
    assert image.layers(ID) == site.first.layers(ID)


def test_directories_that_cannot_be_written_are_replaced(site: OurSite) -> None:
    spoil = (
        f"mkdir -p {site.layers}/venv/stubborn {site.layers}/venv/lib; touch {site.layers}/venv/stubborn/file\n"
        f"chmod 0555 {site.layers}/venv/stubborn {site.layers}/venv/lib; echo > {site.layers}/venv.toml"
    )
    image = site.build(buildpack(site.place, spoil, buildpack_id="acme/spoiler"), None)
    assert image.layers(ID) == site.first.layers(ID)


def test_a_tool_is_at_launch_where_the_configuration_says_so(site: OurSite) -> None:
    site.app.write("layerwright.toml", "[pip]\nlaunch = true\n")
    image = site.build()
    assert sorted(image.layers(ID)) == ["python", "tool-pip", "venv"]
    launched = site.lifecycle.launch(image, "", "--", "pip", "--version")
    assert launched.output.startswith("pip 26"), launched
    assert image.layers(ID)["python"] == site.first.layers(ID)["python"]
    site.app.remove("layerwright.toml")
    assert site.build().digest == site.first.digest


@pytest.mark.skipif(
    not is_filled(), reason="uv's wheelhouse is not filled: run python -m tests.fixtures.wheelhouse"
)
def test_the_package_manager_can_be_switched(site: OurSite) -> None:
    site.index.add_directory(uv_wheelhouse())
    developer = UvSite(site.place / "developer", site.index)
    developer.furnish()
    site.app.remove("requirements.txt")
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(developer.app.path / name, site.app.path)
    image = site.build(UV_DEFAULT_INDEX=site.index.url)
    shutil.rmtree(developer.root)
    became = Log.of(image).layers
    assert (became["python"], became["tool-uv"], became["venv"]) == ("kept", "created", "created")
    assert not [path.name for path in site.layers.iterdir() if "pip" in path.name]
    assert site.seen(image)["distributions"] == {"acme": "1.0", "base": "1.0"}


def test_another_buildpack_may_want_the_tool_at_launch(site: OurSite) -> None:
    other = buildpack(site.place, detect=require("pip", launch=True), buildpack_id="acme/other")
    image = site.build(None, other)
    assert "tool-pip" in image.layers(ID)
    assert "launch = True" in image.log


def test_the_configuration_decides_whether_the_tool_is_at_launch(site: OurSite) -> None:
    site.app.write("layerwright.toml", "[pip]\nlaunch = false\n")
    other = buildpack(site.place, detect=require("pip", launch=True), buildpack_id="acme/other")
    image = site.build(None, other)
    assert "tool-pip" not in image.layers(ID)
    assert "pip" in (site.layers / "build.toml").read_text()
    assert "unmet" in (site.layers / "build.toml").read_text()


def test_another_buildpack_may_want_another_python(site: OurSite) -> None:
    python = Path(site.seen(site.first)["path"][1]).name.removeprefix("python")
    other = buildpack(site.place, detect=require("python", version=python), buildpack_id="acme/other")
    image = site.build(None, other)
    assert Log.of(image).layers["python"] == "kept"
    impossible = buildpack(
        site.place, detect=require("python", version="3.1"), buildpack_id="acme/impossible"
    )
    said = site.fails(None, impossible)
    assert "3.1" in said
    assert "the build plan" in said
    assert "two versions of python" in site.fails(None, other, impossible)


def test_a_later_buildpack_has_the_interpreter_and_the_virtual_environment(site: OurSite) -> None:
    show = "command -v python | sed 's/^/| /'; python -c 'import acme; print(\"|\", acme.__name__)'"
    later = buildpack(site.place, show, detect=require("venv"), buildpack_id="acme/later", clear_env=True)
    image = site.build(None, later)
    assert words(image.log) == [f"{site.layers}/venv/bin/python", "acme"]
    assert image.layers(ID) == site.first.layers(ID)
    assert kept(site.build()) == CACHED


def test_what_an_earlier_buildpack_leaves_in_the_environment_does_not_reach_us(site: OurSite) -> None:
    names = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "VIRTUAL_ENV", "PYTHONSTARTUP", "PIP_USER")
    commands = (
        "mkdir -p $CNB_LAYERS_DIR/x/env.build; printf '[types]\\nbuild = true' > $CNB_LAYERS_DIR/x.toml\n"
    )
    commands += "".join(f"printf /invalid > $CNB_LAYERS_DIR/x/env.build/{name}\n" for name in names)
    # ld.so complains of what it cannot preload, and goes on.
    commands += "printf /invalid > $CNB_LAYERS_DIR/x/env.build/LD_PRELOAD\n"
    site.lifecycle.lose_cache()
    image = site.build(buildpack(site.place, commands, buildpack_id="acme/earlier"), None)
    assert image.layers(ID) == site.first.layers(ID)
    assert site.seen(image)["distributions"] == {"acme": "1.0", "base": "1.0"}


def test_variables_that_a_user_must_not_set_are_named_all_at_once(site: OurSite) -> None:
    said = site.fails(PIP_USER="1", PYTHONHOME="/invalid", PIP_TARGET="/invalid", VIRTUAL_ENV="/invalid")
    assert all(name in said for name in ("PIP_USER", "PYTHONHOME", "PIP_TARGET"))
    assert said.count("Reference: ") == 1
    assert "reserved-environment" in said


def test_a_variable_of_any_bytes_does_no_harm(site: OurSite) -> None:
    assert site.build(ODD=b"\xff\n", EMPTY="").digest == site.first.digest


def test_platform_variables_that_cannot_be_are_named(site: OurSite) -> None:
    said = site.fails(NUL=b"a\0b", status=21)
    assert "NUL" in said


def test_the_execution_environment_test_is_reported(site: OurSite) -> None:
    ours = our_buildpack(site.place, api="0.12", keys='exec-env = ["production", "test"]')
    image = site.build(ours, platform=site.platform(exec_env="test"))
    assert image.labels["io.buildpacks.exec-env"] == "test"
    assert site.seen(image)["distributions"] == {"acme": "1.0", "base": "1.0"}
    only = our_buildpack(site.place, version="3.0.0", api="0.12", keys='exec-env = ["production"]')
    with pytest.raises(PhaseFailed) as caught:
        site.build(only, platform=site.platform(exec_env="test"))
    assert caught.value.status == 20


def test_detect_writes_nothing_in_the_application_and_passes_on_what_is_not_python(site: OurSite) -> None:
    before = tree(site.app.path)
    site.build()
    assert tree(site.app.path) == before
    for path in list(site.app.path.iterdir()):
        remove(path)
    site.app.write("package.json", "{}")
    assert "Nothing in" in site.fails(status=20)
    image = site.build(Member(path=our_buildpack(site.place), optional=True), buildpack(site.place))
    assert [each["key"] for each in image.metadata["buildpacks"]] == ["acme/toy"]


def test_an_application_in_a_directory_of_the_tree_starts_there_and_imports_the_library_beside_it(
    site: OurSite,
) -> None:
    for path in list(site.app.path.iterdir()):
        (site.app.path / "api").mkdir(exist_ok=True)
        path.rename(site.app.path / "api" / path.name)
    for name, content in source_tree("lib", "1.0").items():
        site.app.write(f"lib/{name}", content)
    site.app.write("api/requirements.txt", "acme\n-e ../lib\n")
    image = site.build(LAYERWRIGHT_APP_DIR="api")
    assert "  api, because LAYERWRIGHT_APP_DIR names it\n" in Log.of(image).text
    seen = site.seen(image)
    assert seen["directory"] == f"{site.app.path}/api"
    assert seen["distributions"] == {"acme": "1.0", "base": "1.0", "lib": "1.0"}
    assert [path for path in seen["path"] if path.startswith(f"{site.app.path}/lib")]


def test_an_error_in_detect_is_neither_a_pass_nor_a_fail(site: OurSite) -> None:
    site.app.write("layerwright.toml", "not = [toml")
    said = site.fails(status=21)
    assert "layerwright.toml" in said


def test_an_error_in_build_is_one_clean_message(site: OurSite) -> None:
    site.app.write("requirements.txt", "no-such-thing\n")
    said = site.fails()
    assert said.count("Reference: ") == 1
    assert "no-such-thing" in said


def test_a_file_name_of_any_bytes_in_the_application_does_no_harm(site: OurSite) -> None:
    (site.app.path / os.fsdecode(b"na\xffme")).write_text("x")
    (site.app.path / os.fsdecode(b"dir\xfe")).mkdir()
    image = site.build()
    assert kept(image) == CACHED
    assert any(path.endswith("/na\udcffme") for path in image.tree())


def test_a_buildpack_directory_that_cannot_be_written_does(site: OurSite) -> None:
    ours = our_buildpack(site.place, version="4.0.0")
    for path in [ours, *ours.rglob("*")]:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    before = tree(ours)
    assert kept(site.build(ours)) == CACHED
    assert tree(ours) == before


def test_two_applications_with_one_interpreter_have_one_python_layer(site: OurSite) -> None:
    site.app.write("requirements.txt", "base\n")
    image = site.build()
    assert image.layers(ID)["python"] == site.first.layers(ID)["python"]
    assert image.layers(ID)["venv"] != site.first.layers(ID)["venv"]


def patched(site: OurSite, first: str) -> dict[str, str]:
    """Make an interpreter of the patch release after *first*, once; return the variables that select it."""
    minor, _, patch = first.rpartition(".")
    version = f"{minor}.{int(patch) + 1}"
    prefix = site.place / f"python-{version}"
    if not prefix.exists():
        renamed(interpreters()[minor].resolve().parents[1], prefix, version)
    return {"LAYERWRIGHT_PYTHON_VERSION": version, "PATH": f"{prefix}/bin"}


def test_a_patch_release_of_python_changes_the_python_layer_alone(site: OurSite) -> None:
    other = patched(site, site.seen(site.first)["python"])
    image = site.build(**other)
    assert kept(image) == {**CACHED, "python": "created"}
    assert "nothing that is installed depends on it" in image.log
    changed = {name for name, digest in image.layers(ID).items() if digest != site.first.layers(ID)[name]}
    assert changed == {"python"}
    assert site.seen(image)["python"] == other["LAYERWRIGHT_PYTHON_VERSION"]


@pytest.mark.long
def test_with_the_cache_lost_a_patch_release_makes_the_same_virtual_environment(site: OurSite) -> None:
    first = site.first.layers(ID)
    other = patched(site, site.seen(site.first)["python"])
    site.lifecycle.lose_cache()
    image = site.build(**other)
    assert kept(image) == dict.fromkeys(CACHED, "created")
    assert {**image.layers(ID), "python": ""} == {**first, "python": ""}
    # And back to the release of the first build.
    assert site.build().digest == site.first.digest


def test_a_cache_of_another_build_than_the_image_is_no_wrong_layer(site: OurSite) -> None:
    cache = site.lifecycle.keep_cache()
    site.index.add(wheel("acme", "2.0", requires=["base>=1"]))
    second = site.build()
    cache()
    image = site.build()
    assert kept(image) == {**CACHED, "venv": "updated"}
    assert image.digest == second.digest


@pytest.mark.long
def test_static_files_of_django_are_collected_and_the_layers_stay_those_of_the_last_image(
    site: OurSite,
) -> None:
    site.index.add_directory(wheelhouse())
    for path in list(site.app.path.iterdir()):
        remove(path) if path.is_dir() else path.unlink()
    shutil.copytree(EXAMPLES / "django", site.app.path, dirs_exist_ok=True)
    with (site.app.path / "greeting" / "settings.py").open("a") as settings:
        settings.write(STATIC_FILES)
    site.app.write("assets/style.css", "")
    # Locked, so that a build with nothing changed has no other reason to read the layers.
    names = [path.name.split("-")[:2] for path in wheelhouse().glob("*.whl")]
    newest = {name: version for name, version in sorted(names) if name in ("asgiref", "django", "sqlparse")}
    pins = [site.index.requirement(name, version) for name, version in newest.items()]
    site.app.write("requirements.txt", "\n".join(pins))
    first = site.build()
    for lose in (lambda: None, site.lifecycle.lose_image, site.lifecycle.lose_cache):
        lose()
        shutil.rmtree(site.app.path / "collected")
        image = site.build()
        assert "python manage.py collectstatic --noinput" in Log.of(image).commands
        assert image.digest == first.digest
    site.build()
    # The command leaves the layers as they were, so they are not exported again.
    assert not any((site.layers / layer).exists() for layer in image.layers(ID))


@contextmanager
def served(site: OurSite, image: Image) -> Iterator[str]:
    """Launch the web process of *image*, and give its URL until it is ended."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    image.place()
    started = site.lifecycle.start(image, "web", env={"PORT": str(port)})
    url = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(url, timeout=30).close()
                break
            except urllib.error.URLError:
                assert started.poll() is None, started.communicate()[0]
                time.sleep(0.1)
        yield url
    finally:
        started.terminate()
        started.communicate(timeout=60)


def test_the_flask_example_answers_from_its_image(site: OurSite) -> None:
    site.index.add_directory(wheelhouse())
    for path in list(site.app.path.iterdir()):
        remove(path)
    shutil.copytree(EXAMPLES / "flask", site.app.path, dirs_exist_ok=True)
    image = site.build()
    with served(site, image) as url, urllib.request.urlopen(url, timeout=30) as response:
        content = json.loads(response.read())
    assert content["message"] == "Hello from a layer"
    inside = (str(site.layers), str(site.app.path))
    assert [path for path in content["path"] if not path.startswith(inside)] == []


def test_an_interpreter_from_a_mirror(site: OurSite, published: Published) -> None:
    ours = our_buildpack(site.place, version="5.0.0")
    archive = published.archive
    (ours / "buildpack.py").write_text(MIRRORED.format(archive=archive, id=ID))
    with Mirror(published.folder) as mirror:
        platform = site.platform(
            LAYERWRIGHT_PYTHON_PROVIDER="standalone", LAYERWRIGHT_PYTHON_MIRROR=mirror.url
        )
        image = site.build(ours, platform=platform)
    assert f"Python {archive.version} from standalone" in image.log
    assert site.seen(image)["distributions"] == {"acme": "1.0", "base": "1.0"}
    assert site.build(ours, platform=platform).layers(ID) == image.layers(ID)


@pytest.mark.parametrize("kind", REAL_KINDS)
def test_every_lifecycle_makes_the_same_layers(place: Path, kind: str) -> None:
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    trees = []
    with SharedIndex() as index:
        index.reset()
        for each in (kind, "stand-in"):
            site = OurSite(lifecycle_of(each, place / "site"), index, place)
            site.furnish()
            image = site.build()
            trees.append({layer: image.contents(ID, layer) for layer in image.layers(ID)})
            remove(place / "site")
    assert trees[0] == trees[1]
