from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from layerwright.buildpack.package._selection import Selection, select_distributions
from layerwright.errors import SiteError, UserError
from tests.unit.buildpack.package.samples import MARKERS, install, wheel_of

if TYPE_CHECKING:
    from pathlib import Path


class Site:
    """A site-packages directory with core in it, and a lock of what that depends on."""

    def __init__(self, root: Path) -> None:
        self.path = root / "site"
        self.runtime = root / "runtime.lock"
        self.runtime.write_text("base==1.0 --hash=sha256:aa\n")
        self.more = root / "more.txt"
        self.install(wheel_of("layerwright", "0.1.0", requires=["base>=1"]))

    def install(self, wheel: tuple[str, bytes]) -> Path:
        return install(self.path, wheel)

    def select(self, *plugins: str, more: str = "") -> Selection:
        self.more.write_text(more)
        files = [self.more] if more else []
        return select_distributions(plugins, files, MARKERS, path=[str(self.path)], runtime=self.runtime)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_core_and_plugins_are_as_installed_and_the_rest_is_locked(site: Site) -> None:
    site.install(wheel_of("layerwright-acme", requires=["layerwright>=0.1"], plugin=True))
    selection = site.select("Layerwright_Acme", "layerwright-acme")
    assert selection.plugins == ("layerwright-acme",)
    assert selection.words == (
        "layerwright 0.1.0, as it is installed here",
        "layerwright-acme 1.0, as it is installed here",
        "base 1.0, by its hashes",
    )


def test_what_is_edited_here_is_built(site: Site, tmp_path: Path) -> None:
    metadata = site.install(wheel_of("layerwright-acme", plugin=True))
    origin = {"url": tmp_path.as_uri(), "dir_info": {"editable": True}}
    (metadata / "direct_url.json").write_text(json.dumps(origin))
    selection = site.select("layerwright-acme")
    assert selection.built == {"layerwright-acme 1.0": tmp_path}
    assert f"layerwright-acme 1.0, built from {tmp_path}" in selection.words


def test_a_plugin_that_is_installed_and_not_named_is_left_out_with_the_option_that_adds_it(
    site: Site,
) -> None:
    site.install(wheel_of("layerwright-acme", plugin=True))
    site.install(wheel_of("Layerwright-Other", "2.0", plugin=True))
    site.install(wheel_of("no-plugin"))
    assert site.select("layerwright-acme", "layerwright-other").difference == ""
    assert site.select("layerwright-acme", more="layerwright-other==2.0 --hash=sha256:bb\n").difference == ""
    warning = site.select("layerwright-acme").difference
    assert warning.startswith("Installed here but not part of this buildpack: Layerwright-Other 2.0.")
    assert warning.endswith("--plugin Layerwright-Other")


def test_what_is_locked_is_not_copied(site: Site) -> None:
    site.install(wheel_of("layerwright-acme", plugin=True))
    selection = site.select("layerwright-acme", more="layerwright-acme==2.0 --hash=sha256:bb\n")
    assert [pin.version for pin in selection.pins if pin.name == "layerwright-acme"] == ["2.0"]
    assert "layerwright-acme 1.0, as it is installed here" not in selection.words


def test_a_lock_of_ones_own_comes_before_that_of_core(site: Site) -> None:
    selection = site.select(more="base==1.5 --hash=sha256:bb\n")
    assert [pin.version for pin in selection.pins] == ["1.5"]


def test_an_unknown_plugin_is_reported_with_those_that_there_are(site: Site) -> None:
    site.install(wheel_of("layerwright-acme", plugin=True))
    site.install(wheel_of("no-plugin"))
    for name in ("layerwright-nowhere", "no-plugin"):
        with pytest.raises(UserError) as raised:
            site.select(name)
        assert name in raised.value.summary
        assert "layerwright-acme" in raised.value.cause
        assert f"pip install {name}" in raised.value.remedy[0]


def test_without_any_plugin_here_that_is_said(site: Site) -> None:
    with pytest.raises(UserError) as raised:
        site.select("layerwright-nowhere")
    assert raised.value.cause == "Installed plugins: none."


def test_an_unlocked_requirement_of_a_plugin_is_reported_with_what_to_lock(site: Site) -> None:
    site.install(wheel_of("layerwright-acme", requires=["acme-client[tls]>=2", "base"], plugin=True))
    with pytest.raises(UserError) as raised:
        site.select("layerwright-acme")
    assert raised.value.cause == "layerwright-acme 1.0 requires acme-client[tls]>=2, which is not locked."
    assert raised.value.remedy == (
        'Lock these and what they require for Python 3.13, with hashes: "acme-client[tls]>=2"',
        "Package with it: --requirements FILE",
    )


def test_a_plugin_for_another_layerwright_or_another_python_is_reported(site: Site) -> None:
    site.install(wheel_of("layerwright-acme", requires=["layerwright>=2"], python=">=3.14", plugin=True))
    with pytest.raises(UserError) as raised:
        site.select("layerwright-acme")
    assert raised.value.cause.splitlines() == [
        "layerwright-acme 1.0 requires Python >=3.14, but it would be 3.13.1.",
        "layerwright-acme 1.0 requires layerwright>=2, but it would be 0.1.0.",
    ]
    assert "compatible versions" in raised.value.remedy[0]


def test_a_plugin_for_another_python_alone_is_answered_with_the_option(site: Site) -> None:
    site.install(wheel_of("layerwright-acme", python=">=3.14", plugin=True))
    with pytest.raises(UserError) as raised:
        site.select("layerwright-acme")
    assert raised.value.remedy == ("Choose another Python with --python.",)


def test_a_plugin_that_was_altered_here_is_reported_before_anything_is_done(site: Site) -> None:
    site.install(wheel_of("layerwright-acme", plugin=True))
    (site.path / "layerwright_acme" / "__init__.py").write_text("evil = True\n")
    with pytest.raises(SiteError) as raised:
        site.select("layerwright-acme")
    assert raised.value.reference == "distribution-altered"
