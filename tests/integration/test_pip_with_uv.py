"""Requirements files that uv installs in pip's place: each build ends with what a fresh one has."""

from __future__ import annotations

import shutil
import signal
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from layerwright.build.layers.names import STAND_INS
from layerwright.testing.distributions import sdist, source_tree, wheel
from layerwright.testing.loopback.index import PackageIndex
from layerwright.testing.machine import interpreters
from tests.integration.site import Site, link_tree
from tests.integration.test_rebuild import without_process
from tests.integration.uv_site import OTHER_UV, UvIndex, is_filled, other_uv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

PYTHONS = [minor for minor in interpreters() if minor in ("3.11", "3.12", "3.13", "3.14")]
KEPT = dict.fromkeys(("python", "tool-uv", "tool-pip", STAND_INS, "venv"), "kept")
UPDATED = {**KEPT, "venv": "updated"}
CREATED = {**KEPT, "venv": "created"}
BEFORE = {"acme": "1.0", "base": "1.0"}


class PipSite(Site):
    """An application of pip's that requires ``acme``, which uv installs."""

    @override
    def furnish(self) -> None:
        super().furnish()
        self.app.write("layerwright.toml", '[pip]\ninstaller = "uv"\n')

    def require(self, *lines: str) -> None:
        """Make *lines* the only requirements of the application."""
        self.app.write("requirements.txt", "".join(f"{line}\n" for line in lines))


@pytest.fixture(scope="module")
def _index() -> Iterator[UvIndex]:
    if not is_filled():
        pytest.skip("uv's wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with UvIndex() as index:
        yield index


@pytest.fixture(scope="module")
def _site_template(_index: UvIndex, tmp_path_factory: pytest.TempPathFactory) -> tuple[PipSite, Path]:
    """Build once for all tests: what a layer holds is bound to its path, so every test gets it back there."""
    _index.reset()
    root = tmp_path_factory.mktemp("pip-uv")
    site, kept = PipSite(root / "here", _index), root / "kept"
    site.furnish()
    site.build()
    link_tree(site.root, kept)
    return site, kept


@pytest.fixture
def index(_index: UvIndex) -> Iterator[UvIndex]:
    """Serve pip, uv, ``acme`` 1.0 and ``base`` 1.0."""
    _index.reset()
    yield _index
    _index.reset()


@pytest.fixture
def site(_site_template: tuple[PipSite, Path], index: UvIndex) -> PipSite:
    """Return a site whose application is built: it has ``acme`` 1.0 and ``base`` 1.0."""
    site, kept = _site_template
    link_tree(kept, site.root)
    for file in filter(lambda path: path.is_file(), list(site.app.path.iterdir())):
        # A test writes into these, and the template has the same ones.
        content = file.read_bytes()
        file.unlink()
        file.write_bytes(content)
    return site


def freshly_installed(site: PipSite) -> dict[str, str]:
    """Return what a new virtual environment of the same application has."""
    shutil.rmtree(site.layers / "venv")
    assert site.build().layers == CREATED
    return site.installed()


def test_uv_comes_from_a_layer_of_its_own_and_leaves_no_downloads(index: UvIndex, tmp_path: Path) -> None:
    site = PipSite(tmp_path / "site", index)
    site.furnish()

    outcome = site.build()

    assert outcome.layers == dict.fromkeys(KEPT, "created")
    assert [words for words in outcome.commands if words.startswith("uv ")] == [
        "uv pip compile requirements.txt",
        "uv pip install -r requirements.txt",
    ]
    assert site.installed() == site.seen()["distributions"] == BEFORE
    assert not (site.layers / "cache-pip").exists()
    assert shutil.which("uv", path=site.seen()["environment"]["PATH"]) is None


def test_nothing_changed_and_unlocked_means_that_uv_resolves_and_does_no_more(site: PipSite) -> None:
    outcome = site.build()

    assert outcome.layers == KEPT
    assert outcome.commands == ["uv pip compile requirements.txt"]


def test_nothing_changed_and_locked_by_hash_means_that_no_process_is_started(
    site: PipSite, index: UvIndex
) -> None:
    site.require(index.requirement("acme", "1.0"), index.requirement("base", "1.0"))
    assert site.build().layers == KEPT

    done = without_process(site)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Layer venv kept" in done.stdout


def test_what_is_added_replaced_and_gone_ends_as_a_fresh_environment(site: PipSite, index: UvIndex) -> None:
    index.add(wheel("base", "2.0"), wheel("extra", "2.0", requires=["base"]))
    site.require("extra")

    outcome = site.build()

    assert outcome.layers == UPDATED
    assert "uv pip uninstall acme base" in outcome.commands
    assert site.installed() == {"base": "2.0", "extra": "2.0"} == freshly_installed(site)


def test_what_stays_is_not_touched(site: PipSite, index: UvIndex) -> None:
    index.add(wheel("extra", "2.0"))
    site.require("acme", "extra")
    before = (site.site_packages / "acme" / "__init__.py").stat()

    assert site.build().layers == UPDATED
    assert (site.site_packages / "acme" / "__init__.py").stat().st_ino == before.st_ino
    assert site.installed() == {**BEFORE, "extra": "2.0"}


def test_what_the_index_has_anew_is_picked_up(site: PipSite, index: UvIndex) -> None:
    index.add(wheel("acme", "1.1", requires=["base"]))

    assert site.build().reasons("venv") == "the resolution changed"
    assert site.installed() == {"acme": "1.1", "base": "1.0"}


def test_without_requirements_nothing_is_left(site: PipSite) -> None:
    site.require()

    assert site.build().layers == UPDATED
    assert site.installed() == {}


def test_another_archive_of_the_same_version_is_installed(site: PipSite, index: UvIndex) -> None:
    index.add(
        replace(wheel("base", "1.0", files={"base/more.py": ""}), filename="base-1.0-1-py3-none-any.whl")
    )

    assert site.build().layers == UPDATED
    assert (site.site_packages / "base" / "more.py").exists()


def test_only_an_archive_with_an_allowed_hash_is_installed(site: PipSite, index: UvIndex) -> None:
    source = sdist("base", "1.0")
    index.add(source)
    site.require(index.requirement("acme", "1.0"), f"base==1.0 --hash=sha256:{source.sha256}")

    assert site.build().layers == UPDATED
    assert "Building base==1.0" in site.build("--clean").log
    site.require(index.requirement("acme", "1.0"), f"base==1.0 --hash=sha256:{64 * '0'}")
    assert "Hash mismatch" in site.build(status=1).log


def test_a_requirement_without_a_hash_among_others_is_refused(site: PipSite, index: UvIndex) -> None:
    site.require(index.requirement("acme", "1.0"))

    outcome = site.build(status=1)

    assert "Without a version and a hash: base." in outcome.errors
    assert "no trusted hash was provided for: `base`" in site.build("--clean", status=1).log


def test_all_indexes_are_equal(site: PipSite, index: UvIndex) -> None:
    with PackageIndex() as other:
        other.add(wheel("acme", "1.1"))
        env = {"PIP_INDEX_URL": other.url, "PIP_EXTRA_INDEX_URL": index.url}
        site.build(env=env)
        assert site.installed() == {"acme": "1.1"}
        index.add(wheel("acme", "1.2"))
        site.build(env=env)
        assert site.installed() == {"acme": "1.2"}


def test_an_index_in_the_requirements_takes_the_place_of_the_one_in_settings(
    site: PipSite, index: UvIndex
) -> None:
    index.add(wheel("acme", "3.0"))
    with PackageIndex() as other:
        other.add(wheel("acme", "2.0"))
        site.require(f"--index-url {other.url}", "acme")
        site.build()
    assert site.installed() == {"acme": "2.0"}


def test_a_lock_by_hash_that_changed_is_brought_to_what_it_says_now(site: PipSite, index: UvIndex) -> None:
    index.add(wheel("acme", "2.0"), wheel("extra", "2.0", requires=["base"]))
    site.require(index.requirement("acme", "2.0"))
    site.build()
    site.require(index.requirement("extra", "2.0"), index.requirement("base", "1.0"))

    assert site.build().layers == UPDATED
    assert site.installed() == {"base": "1.0", "extra": "2.0"} == freshly_installed(site)


def test_options_in_the_requirements_count(site: PipSite, index: UvIndex) -> None:
    index.add(wheel("acme", "2.0a1"), sdist("base", "1.0"))
    wheel("linked", "1.0").save(site.app.path)
    site.app.write("limits.txt", "acme>=1\n")
    site.require("--pre", "--find-links .", "--no-binary base", "-c limits.txt", "acme", "base", "linked")

    outcome = site.build()

    assert "Building base==1.0" in outcome.log
    assert site.installed() == {"acme": "2.0a1", "base": "1.0", "linked": "1.0"}
    assert site.build().layers == KEPT


def test_settings_of_pip_count_and_those_of_uv_do_not(site: PipSite, index: UvIndex) -> None:
    index.add(wheel("acme", "2.0a1"), wheel("acme", "0.9"))
    site.app.write("links/placeholder", "")
    wheel("linked", "1.0").save(site.app.path / "links")
    site.app.write("limits.txt", "base<1\n")
    site.require("acme", "linked")
    env = {
        "PIP_CONSTRAINT": "limits.txt",
        "PIP_FIND_LINKS": "links",
        "PIP_NO_DEPS": "1",
        "PIP_PRE": "1",
        "UV_INDEX_URL": "http://127.0.0.1:9/",
        "UV_RESOLUTION": "lowest",
    }
    site.app.write("uv.toml", 'resolution = "lowest"\n')

    outcome = site.build(env=env)

    assert site.installed() == {"acme": "2.0a1", "linked": "1.0"}
    assert site.build(env=env).layers == KEPT
    assert "Warning" not in outcome.log


def test_what_is_missing_for_want_of_dependencies_is_a_warning(site: PipSite) -> None:
    outcome = site.build(env={"PIP_NO_DEPS": "1"})

    assert "Warning: uv pip check finds:" in outcome.log


def test_the_credentials_of_an_index_are_used_and_not_told(site: PipSite, index: UvIndex) -> None:
    url = index.require_login("user", "s3cret")
    site.require("--index-url ${INDEX}", "base")

    outcome = site.build(env={"INDEX": url, "PIP_INDEX_URL": url})

    assert site.installed() == {"base": "1.0"}
    assert "s3cret" not in outcome.log
    for path in site.layers.rglob("*"):
        assert not path.is_file() or b"s3cret" not in path.read_bytes()


def test_local_directories_repositories_and_archives_are_installed_again(
    site: PipSite, tmp_path: Path
) -> None:
    for name in ("edited", "plain", "kit"):
        for path, text in source_tree(name, "1.0").items():
            site.app.write(f"{name}/{path}", text)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *words], cwd=site.app.path / "kit", check=True)
    wheel("archived", "1.0").save(site.app.path)
    site.require(
        "-e ./edited",
        "./plain",
        f"kit @ git+{(site.app.path / 'kit').as_uri()}",
        "./archived-1.0-py3-none-any.whl",
    )

    site.build()
    outcome = site.build()

    assert outcome.layers == CREATED
    assert "requirements.txt:4 is an archive" in outcome.reasons("venv")
    assert site.installed() == dict.fromkeys(("archived", "edited", "kit", "plain"), "1.0")


def test_a_lock_file_is_installed_whatever_pip_there_is(site: PipSite, index: UvIndex) -> None:
    base = wheel("base", "1.0")
    url = f"{index.url.removesuffix('simple/')}files/{base.filename}"
    (site.app.path / "requirements.txt").unlink()
    site.app.write(
        "pylock.toml",
        'lock-version = "1.0"\ncreated-by = "tests"\n[[packages]]\nname = "base"\nversion = "1.0"\n'
        f'wheels = [{{ url = "{url}", hashes = {{ sha256 = "{base.sha256}" }} }}]\n',
    )

    outcome = site.build()

    assert "uv pip install -r pylock.toml" in outcome.commands
    assert site.installed() == {"base": "1.0"}
    assert site.build().commands == []


def test_what_uv_cannot_do_is_refused_before_anything_is_done(site: PipSite) -> None:
    site.require("--prefer-binary", "acme --config-settings=a=b", "-e git+https://example.com/kit#egg=kit")

    outcome = site.build(status=1, env={"PIP_PROXY": "http://127.0.0.1:9"})

    for words in (
        "PIP_PROXY sets proxy.",
        "requirements.txt:1 has --prefer-binary.",
        "requirements.txt:2 has build options.",
        "requirements.txt:3 is an editable repository.",
    ):
        assert words in outcome.errors
    assert outcome.commands == []


def test_going_back_to_pip_recreates_the_environment_and_drops_uv(site: PipSite) -> None:
    site.app.write("layerwright.toml", "")

    outcome = site.build()

    assert outcome.layers == {
        "python": "kept",
        "tool-pip": "created",
        STAND_INS: "kept",
        "cache-pip": "created",
        "venv": "created",
    }
    assert "tool-uv" in outcome.log
    assert not (site.layers / "tool-uv").exists()
    assert site.installed() == BEFORE


def test_another_python_recreates_the_environment_and_leaves_uv_alone(site: PipSite) -> None:
    built = site.site_packages.parent.name.removeprefix("python")
    others = [minor for minor in PYTHONS if minor != built]
    if not others:
        pytest.skip("this machine has one Python only")
    site.app.write(".python-version", others[0])

    outcome = site.build()

    assert outcome.layers == {**CREATED, "python": "created"}
    assert site.installed() == BEFORE


def test_another_uv_recreates_the_environment(site: PipSite, index: UvIndex) -> None:
    index.add(other_uv())

    outcome = site.build(env={"LAYERWRIGHT_UV_VERSION": OTHER_UV})

    assert outcome.layers == {**CREATED, "tool-uv": "created"}
    assert f"→ {OTHER_UV}" in outcome.reasons("venv")
    assert site.installed() == BEFORE


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGKILL])
def test_an_update_that_is_stopped_leaves_nothing_that_the_next_build_takes_for_good(
    site: PipSite, index: UvIndex, signal_number: signal.Signals
) -> None:
    index.add(wheel("extra", "2.0"))
    site.require("acme", "extra")
    fault = index.stall("/files/extra-2.0-py3-none-any.whl")
    build = site.start("build")
    fault.wait_until_met()
    build.send_signal(signal_number)
    build.communicate(timeout=60)
    fault.lift()

    site.build()

    assert site.installed() == {**BEFORE, "extra": "2.0"} == freshly_installed(site)


def test_variables_that_would_have_uv_do_something_else_are_reported(site: PipSite) -> None:
    outcome = site.build(status=1, env={"UV_PYTHON": "3.8", "PIP_TARGET": "/nowhere"})

    assert "PIP_TARGET, UV_PYTHON" in outcome.errors


def test_pip_is_available_at_launch_if_the_configuration_says_so(site: PipSite) -> None:
    site.app.write("layerwright.toml", '[pip]\ninstaller = "uv"\nlaunch = true\n')

    outcome = site.build()

    assert outcome.layers["tool-pip"] == "created"
    path = site.seen()["environment"]["PATH"]
    assert str(site.layers / "tool-pip" / "bin") in path
    assert str(site.layers / "tool-uv") not in path


def test_a_file_that_was_altered_does_not_come_back(site: PipSite) -> None:
    file = site.site_packages / "acme" / "__init__.py"
    original = file.read_text()
    file.write_text("altered\n")

    assert site.build().layers == CREATED
    assert (site.site_packages / "acme" / "__init__.py").read_text() == original
