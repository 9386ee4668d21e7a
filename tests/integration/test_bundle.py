"""Bundles: what is fetched on one machine is built on another, whose network is cut."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from layerwright.testing import PackageIndex, PackageManagerConformance, Release
from layerwright.testing.distributions import sdist, wheel
from layerwright.testing.sandbox import Outcome
from tests.conformance.test_pdm import TestPdm as OfPdm
from tests.conformance.test_pipenv import TestPipenv as OfPipenv
from tests.conformance.test_poetry import TestPoetry as OfPoetry
from tests.conformance.test_uv import TestUv as OfUv
from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import SharedIndex, Site

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.integration

CUT = ("unshare", "--map-root-user", "--net")
TOKEN = "token-that-nothing-may-keep"


def cuts_the_network() -> bool:
    try:
        return subprocess.run([*CUT, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def build_elsewhere(site: Site, bundle: Path, env: Mapping[str, str] | None = None) -> Outcome:
    """Build from *bundle* with the network cut, loopback included, and with no cache of this machine."""
    shutil.rmtree(site.layers)
    store = site.root / "elsewhere" / "store"
    store.mkdir(mode=0o700, parents=True)
    for entry in (site.cache / "store").glob("python-*"):
        # It comes from the machine, and takes long to copy and to compile.
        entry.rename(store / entry.name)
    command = [*CUT, *site.command("build", "--bundle", bundle, "--layers", site.layers)]
    elsewhere = {"LAYERWRIGHT_CACHE_DIR": str(site.root / "elsewhere"), **(env or {})}
    done = subprocess.run(
        command,
        env={**site.env, **elsewhere},
        cwd=site.app.path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Outcome(status=0, log=done.stdout, errors=done.stderr)


@pytest.mark.skipif(not cuts_the_network(), reason="this machine does not let the network be cut")
def test_pip_builds_the_same_from_a_bundle_with_the_network_cut(site: Site, index: SharedIndex) -> None:
    """Even what has to be built from source, by a build backend that is in no requirements file."""
    index.add(sdist("built", "1.0"))
    site.app.write("requirements.txt", "acme\nbuilt\n")
    login = {"PIP_INDEX_URL": index.url.replace("//", f"//user:{TOKEN}@")}
    bundle = site.root / "bundle"

    site.build(env=login)
    record = site.record("venv").read_text()
    said = site.layerwright("fetch", "--into", bundle, env=login).log
    assert "Proved by a build from it, with the network cut" in said
    files = [path for path in bundle.rglob("*") if path.is_file()]
    assert [path.name for path in files if TOKEN.encode() in path.read_bytes()] == []

    offline = build_elsewhere(site, bundle)
    assert site.record("venv").read_text() == record
    assert f"From the bundle at {bundle}, without a network" in offline.log
    assert site.installed() == {"acme": "1.0", "base": "1.0", "built": "1.0"}


def name_index_outside(site: Site) -> None:
    """Take the index from the application of PDM, which would ask it without a network too."""
    text = site.app.path.joinpath("pyproject.toml").read_text().partition("[[tool.pdm.source]]")[0]
    site.app.write("pyproject.toml", text)
    content = {
        "dependencies": ["acme", "built"],
        "dev-dependencies": {},
        "optional-dependencies": {},
        "requires-python": ">=3.10",
        "resolution": {},
        "sources": [],
    }
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    lock = site.app.path.joinpath("pdm.lock").read_text()
    site.app.write("pdm.lock", re.sub(r'(content_hash = "sha256:)\w+', rf"\g<1>{digest}", lock))
    site.env["PDM_PYPI_URL"] = site.index.url


@pytest.mark.long
@pytest.mark.skipif(not cuts_the_network(), reason="this machine does not let the network be cut")
@pytest.mark.parametrize("kit", [OfUv, OfPoetry, OfPdm, OfPipenv], ids=lambda kit: str(kit.package_manager))
def test_a_lock_file_builds_the_same_from_a_bundle_with_the_network_cut(
    kit: type[PackageManagerConformance], tmp_path: Path
) -> None:
    """The tool and its requirements are in the bundle too."""
    if kit.wheelhouse is None or not is_complete(wheelhouse()):
        pytest.skip("the wheelhouses are not filled: run python -m tests.fixtures.wheelhouse")
    with PackageIndex() as index:
        index.add_directory(kit.wheelhouse)
        # The lock file of uv that the kit writes has wheels alone.
        built = wheel("built", "1.0") if kit is OfUv else sdist("built", "1.0")
        archives = (wheel("acme", "1.0"), built)
        index.add(*archives)
        site = Site(tmp_path / "site", index)
        site.make_directories()
        site.env["LAYERWRIGHT_PYTHON_VERSION"] = "3.11"
        kit.application(site.app, [Release.of(one, index.url) for one in archives], index.url)
        if kit is OfPdm:
            name_index_outside(site)
        site.build()
        record = site.record("venv").read_text()
        bundle = site.root / "bundle"
        site.layerwright("fetch", "--into", bundle)
    build_elsewhere(site, bundle)
    assert site.record("venv").read_text() == record
    assert site.installed().keys() >= {"acme", "built"}
