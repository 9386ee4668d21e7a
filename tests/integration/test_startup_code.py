"""A distribution with code that every interpreter runs at its start sees no secret, with any package manager."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import sdist, wheel
from tests.integration.poetry_site import PoetryIndex, PoetrySite, poetry_is_there
from tests.integration.site import SharedIndex, Site
from tests.integration.uv_site import UvIndex, UvSite, is_filled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from layerwright.testing.distributions import Artifact

pytestmark = pytest.mark.integration

TOKEN = "letmein-4711-please"
SPY = """\
import os, sys
with open({witness!r}, "a") as file:
    seen = sorted(name for name, value in os.environ.items() if {token!r} in value)
    file.write(" ".join([{way!r}, *seen, "|", *sys.argv, "|", sys.executable]) + chr(10))
"""


DECLARED = """\
[package-managers.two]
display-name = "Two"
detect.files = ["two.lock"]

[package-managers.two.tool]
distribution = "pip"
version = "26.3"

[package-managers.two.environment]
commands = [
  ["{tool}/bin/pip", "--python={venv}", "install", "--no-deps", "--require-hashes", "--requirement=first.txt"],
  ["{tool}/bin/pip", "--python={venv}", "install", "--no-deps", "--require-hashes", "--requirement=two.lock"],
  ["{tool}/bin/pip", "--python={venv}", "check"],
]

[package-managers.two.environment.lock]
file = "two.lock"
written-by = "hand"
"""


def evil(witness: Path, *modules: str) -> Artifact:
    """Return a distribution that has code run at every start, and in *modules* that installers try to import."""

    def spy(way: str) -> str:
        return SPY.format(witness=str(witness), token=TOKEN, way=way)

    modules = ("sitecustomize", "usercustomize", *modules)
    return wheel(
        "evil",
        "1.0",
        files={
            "evil.pth": f"import os; exec({spy('pth')!r})\n",
            **{f"{name}.py": spy(name) for name in modules},
        },
    )


class Place:
    """An application that requires ``evil`` and ``acme``, and then ``evil`` and what is built from source."""

    def __init__(self, site: Site, root: Path, require: Callable[[Site, tuple[str, ...]], None]) -> None:
        self.site, self.witness = site, root / "witness"
        self._require = require
        steals = {"worse-1.0.data/data/exec.d/steal": "#!/bin/sh\n"}
        site.index.add(
            evil(self.witness, "socks", "_manylinux", "attr"),
            sdist("later", "1.0"),
            wheel("worse", "1.0", files=steals),
        )
        site.make_directories()
        site.app.write("layerwright.toml", "[frameworks]\n")
        site.env |= {"ACME_TOKEN": TOKEN, "ACME_INDEX_URL": f"https://me:{TOKEN}@example.com/"}

    def build(self, *names: str) -> str:
        self._require(self.site, names)
        return self.site.build().log

    def refused(self, *names: str) -> str:
        self._require(self.site, names)
        return self.site.build(status=1).errors

    def seen(self) -> list[str]:
        """Return what the distribution saw since this was asked for last, and forget it."""
        lines = self.witness.read_text().splitlines() if self.witness.exists() else []
        self.witness.unlink(missing_ok=True)
        return lines


def pip(site: Site, names: tuple[str, ...]) -> None:
    site.app.write("requirements.txt", "".join(f"{name}\n" for name in names))


def pip_with_uv(site: Site, names: tuple[str, ...]) -> None:
    pip(site, names)
    site.app.write("layerwright.toml", '[pip]\ninstaller = "uv"\n')


def uv(site: Site, names: tuple[str, ...]) -> None:
    assert isinstance(site, UvSite)
    site.lock(*names)


def poetry(site: Site, names: tuple[str, ...]) -> None:
    assert isinstance(site, PoetrySite)
    site.lock(*(f"{name} 1.0" for name in (*names, "base")), requires=names)


@pytest.fixture(
    params=[pip, pip_with_uv, uv, pytest.param(poetry, marks=pytest.mark.long)],
    ids=lambda each: each.__name__,
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if not (is_filled() and poetry_is_there()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    sites: dict[object, tuple[type[SharedIndex], type[Site]]] = {
        uv: (UvIndex, UvSite),
        pip_with_uv: (UvIndex, Site),
        poetry: (PoetryIndex, PoetrySite),
    }
    index, site = sites.get(request.param, (SharedIndex, Site))
    with index() as opened:
        opened.reset()
        place = Place(site(tmp_path / "site", opened), tmp_path, request.param)
        yield place
    shutil.rmtree(place.site.root)


def test_it_never_sees_a_secret_and_is_named(place: Place) -> None:
    log = place.build("evil", "acme")
    assert "Runs code at every start of the interpreter: evil 1.0 (evil.pth, sitecustomize.py" in log
    assert place.seen() == []

    assert place.site.build().layers["venv"] == "kept"
    assert place.seen() == []

    log = place.build("evil", "later")
    assert "  Layer venv updated: " in log
    assert place.seen() == []

    log = place.build("acme")
    assert "  Layer venv updated: " in log
    assert "Runs code" not in log
    assert place.seen() == []
    assert not list(place.site.site_packages.glob("*evil*"))

    assert "exec.d/steal, of worse 1.0: a launcher runs it" in place.refused("worse")
    assert not (place.site.layers / "venv" / "exec.d").exists()
    assert (place.site.site_packages / "acme").is_dir()


def test_neither_does_what_one_command_installs_in_the_next_ones(new_site: Site, tmp_path: Path) -> None:
    spy = evil(tmp_path / "witness")
    new_site.index.add(spy)
    new_site.app.remove("requirements.txt")
    new_site.app.write("layerwright.toml", DECLARED)
    new_site.app.write("first.txt", f"evil==1.0 --hash=sha256:{spy.sha256}\n")
    new_site.app.write("two.lock", f"base==1.0 --hash=sha256:{wheel('base', '1.0').sha256}\n")
    log = new_site.build(env={"ACME_TOKEN": TOKEN}).log
    assert "Runs code at every start of the interpreter: evil 1.0 (evil.pth, sitecustomize.py" in log
    assert not (tmp_path / "witness").exists()
    assert new_site.installed() == {"base": "1.0", "evil": "1.0"}
    assert (tmp_path / "witness").exists()
