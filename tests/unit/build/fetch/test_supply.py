"""Builds from a bundle: what they take from it, and for which builds it is refused."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from layerwright import EnvironmentInstall, LayerwrightError, Locked, LockedArchive, Offline
from layerwright.build.choose.providers import providers
from layerwright.build.explain import explain
from layerwright.build.fetch._only import OnlyVersion
from layerwright.build.fetch.supply import Supply, supplied
from layerwright.cnb.target import Target
from layerwright.config.models import PythonSettings
from layerwright.config.sources import BUNDLE
from layerwright.pythons.standalone._catalogue import published_archives
from layerwright.testing.distributions import wheel
from layerwright.testing.loopback.index import PackageIndex
from tests.unit import small
from tests.unit.build.fetch.gathered import Fetching
from tests.unit.small import LOCK, Small, SmallPython

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from layerwright import EnvironmentRequest, OfflineRequest
    from layerwright.build.request import BuildRequest
    from layerwright.pythons.provider import Provider


class Listing(Small):
    """Has archives in its lock file, of which it expects some."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        lock = json.loads(request.project.text(LOCK))
        archives = [LockedArchive(name=name, version=version) for name, version in lock["archives"]]
        return replace(super().environment(request), sameness=Locked(archives=lambda: archives))

    def offline(self, request: OfflineRequest) -> Offline:
        return Offline(env={"SMALL_INDEX": request.index, "SMALL_PLACE": str(request.archives)})


@pytest.fixture
def fetching(tmp_path: Path) -> Fetching:
    return Fetching(tmp_path)


def refused(fetching: Fetching, request: BuildRequest | None = None) -> LayerwrightError:
    with pytest.raises(LayerwrightError) as caught:
        fetching.build(request)
    return caught.value


def test_a_build_from_a_bundle_makes_the_same_layers_and_says_where_from(fetching: Fetching) -> None:
    (fetching.root / "app").mkdir()
    small.write_lock(fetching.root / "app", "acme")
    command = "\"sh -c 'echo no index: $PIP_NO_INDEX'\""
    (fetching.root / "app" / "layerwright.toml").write_text(f"[build]\ncommands = [{command}]\n")
    fetching.gather()
    record = fetching.root / "online" / "layers" / "venv.toml"
    online = record.read_text()
    shutil.rmtree(fetching.root / "online")
    # At another path, scripts would differ.
    built = fetching.build(fetching.request())
    assert record.read_text() == online
    assert (
        f"  From the bundle at {fetching.directory}, without a network: no interpreter (Python 3.13.0), small 1,"
        " 0 archives, the download cache\n"
    ) in fetching.log
    assert "    no index: 1\n" in fetching.log
    # Small makes this directory in its cache.
    assert (built.contributions[0].path.parent / "cache-small" / "downloads").is_dir()


def test_commands_find_the_downloads_of_the_bundle_even_if_no_build_keeps_them(fetching: Fetching) -> None:
    request = fetching.request()
    small.write_lock(fetching.root / "app", "acme", pages=True, **{"keeps-cache": False})
    fetching.gather(request)
    page = (fetching.root / "online" / "layers" / "cache-small" / "page").read_text()
    seen: list[str] = []

    def keep(path: Path) -> None:
        seen.extend(file.read_text() for file in path.glob("page"))

    offline = fetching.request(layers="cutoff")
    fetching.build(replace(offline, layers=type(offline.layers)(offline.layers.path, retire=keep)))
    # Small appends a line in every build.
    assert [text.startswith(page) and text != page for text in seen[:1]] == [True]


def test_a_plugins_variables_for_a_bundle_name_the_place_where_it_is_now(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small, "Small", Listing)
    request = fetching.request()
    small.write_lock(fetching.root / "app", "acme", archives=[["acme", "1"]])
    bundle = fetching.gather(request)
    assert bundle.env == {"SMALL_INDEX": "{bundle-url}/simple", "SMALL_PLACE": "{bundle}/archives"}
    assert bundle.locked == ("acme==1",)
    assert not bundle.cache
    fetching.build()


def test_a_lock_file_that_has_changed_is_refused_with_the_entries_that_the_bundle_lacks(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small, "Small", Listing)
    request, app = fetching.request(), fetching.root / "app"
    small.write_lock(app, "acme", archives=[["acme", "1"]], expected=["Acme"])
    fetching.gather(request)
    small.write_lock(app, "acme", archives=[["acme", "2"], ["other", "1"]], expected=["Acme"])
    error = refused(fetching)
    assert error.reference == "bundle-outdated"
    assert error.cause == "The lock file has changed since the bundle was fetched: acme==2."
    assert not (fetching.root / "cutoff" / "layers" / "python").exists()
    # If more may be installed, all entries count; the first ten are shown.
    many = [[f"other{n:02}", "1"] for n in range(11)]
    small.write_lock(app, "acme", archives=many, expected=["acme"], uncertain="More may be.")
    assert refused(fetching).cause.endswith("other08==1, other09==1, ….")


def test_without_a_lock_file_nothing_says_before_the_build_what_the_bundle_lacks(fetching: Fetching) -> None:
    request = fetching.request()
    small.write_lock(fetching.root / "app", "acme", **{"fresh-because": "nothing is locked"})
    assert fetching.gather(request).locked == ()
    fetching.build()


def test_the_archive_in_the_bundle_is_that_of_the_catalogue(fetching: Fetching) -> None:
    [archive, *_] = published_archives(os.uname().machine)
    bundle = replace(fetching.gather(), python=archive.version, python_archive=archive.filename)
    cache = fetching.root / "cache"
    request = replace(
        fetching.request(),
        providers=lambda settings: providers(settings, ("system", "standalone"), {}, cache),
    )
    [found] = Supply(bundle=bundle).providers(PythonSettings(mirror="https://example.com"), request)
    [candidate] = found.candidates()
    assert candidate.version == archive.version
    assert candidate.origin == f"{fetching.directory.as_uri()}/python/{quote(archive.filename)}"


@pytest.mark.parametrize(
    ("key", "value", "cause"),
    [
        ("package_manager", "pip", "It is for pip, and the application is built with small."),
        ("exec_env", "test", "It is for the execution environment test, not production."),
        ("tools", {"small": "0"}, "It has small 0, and the build needs 1."),
        ("tools", {}, "It has small not at all, and the build needs 1."),
        ("target", "linux/arm64", "It is for linux/arm64, and the build is for linux/amd64."),
    ],
)
def test_a_bundle_for_another_build_is_refused(
    fetching: Fetching, key: str, value: object, cause: str
) -> None:
    fetching.gather()
    file = fetching.directory / "bundle.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), key: value}))
    error = refused(fetching, replace(fetching.request(layers="cutoff"), target=Target("linux", "amd64")))
    assert (error.reference, error.cause) == ("bundle-for-another", cause)


def test_a_bundle_for_another_python_is_refused(fetching: Fetching) -> None:
    fetching.gather()
    file = fetching.directory / "bundle.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "python": "3.12.1"}))
    error = refused(fetching)
    assert f"the bundle at {fetching.directory} is for Python 3.12 alone" in error.cause


def test_a_download_cache_that_is_no_pack_is_damaged(fetching: Fetching) -> None:
    bundle = fetching.gather()
    (fetching.directory / "cache.pack").write_bytes(b"something else")
    (fetching.root / "cache").mkdir()
    with pytest.raises(LayerwrightError) as caught:
        Supply(bundle=bundle).fill_cache(fetching.root / "cache")
    assert caught.value.reference == "bundle-damaged"


def test_an_explanation_reads_only_the_manifest(fetching: Fetching) -> None:
    fetching.gather()
    (fetching.directory / "cache.pack").write_bytes(b"something else")
    request = fetching.request({BUNDLE: str(fetching.directory)}, layers="cutoff")
    assert "From the bundle at " in explain(request).prepared.supply_words[0]
    assert refused(fetching).reference == "bundle-damaged"


def test_an_empty_variable_names_no_bundle(fetching: Fetching) -> None:
    request = fetching.request({BUNDLE: " "})
    assert supplied(request) is request


@pytest.mark.parametrize(
    ("archive", "provider", "asked", "version"),
    [
        ("cpython.tar.gz", "auto", ("standalone", "file://{}/python"), "3.13.0"),
        ("cpython.tar.gz", "system", ("system", None), "3.13"),
        ("", "auto", ("auto", None), "3.13"),
    ],
)
def test_the_interpreter_comes_from_the_bundle_if_it_is_there(
    fetching: Fetching, archive: str, provider: str, asked: tuple[str, str | None], version: str
) -> None:
    bundle = replace(fetching.gather(), python_archive=archive)
    seen: list[PythonSettings] = []

    def providers(settings: PythonSettings) -> Sequence[Provider]:
        seen.append(settings)
        return [SmallPython()]

    [found] = Supply(bundle=bundle).providers(
        PythonSettings(provider=provider),  # type: ignore[arg-type]
        replace(fetching.request(), providers=providers),
    )
    mirror = asked[1] and asked[1].format(fetching.directory)
    assert [(one.provider, one.mirror) for one in seen] == [(asked[0], mirror)]
    assert isinstance(found, OnlyVersion)
    assert found.looked_in()[-1] == f"the bundle at {fetching.directory} is for Python {version} alone"
    assert [one.version for one in found.candidates()] == ["3.13.0"]


POLICY = '[policy]\nmin-release-age = "7 days"\nyanked = "deny"\n'


def test_what_the_policy_needs_of_an_index_is_in_the_bundle(fetching: Fetching) -> None:
    app = fetching.root / "app"
    with PackageIndex() as index:
        acme = wheel("acme", "1")
        index.add(acme)
        index.say_uploaded("acme", "1", "2020-01-01T00:00:00Z")
        locked = {"filename": acme.filename, "hashes": [f"sha256:{acme.sha256}"], "index": index.url}
        small.write_lock(
            app, "acme", expected=["acme"], archives=[{"name": "acme", "version": "1", **locked}]
        )
        (app / "layerwright.toml").write_text(POLICY)
        fetching.gather()
    # There is no index any more.
    fetching.build()
    assert "Policy: min-release-age = 7 days" in fetching.log

    (app / "layerwright.toml").write_text(f'{POLICY}indexes = {{ acme = "https://a.example.com/simple" }}\n')
    request = fetching.request(layers="again")
    # Where it comes from is in the lock file, and what another index has is not in the bundle.
    assert f"acme 1: it comes from {index.url}, and must come from" in refused(fetching, request).cause
    small.write_lock(app, "acme", expected=["acme"], archives=[{"name": "acme", "version": "1"}])
    assert (
        "the bundle does not have what its index says"
        in refused(fetching, fetching.request(layers="more")).cause
    )


def test_a_bundle_that_was_fetched_without_a_policy_says_so_under_one(fetching: Fetching) -> None:
    small.write_lock(
        fetching.root / "app", "acme", expected=["acme"], archives=[{"name": "acme", "version": "1"}]
    )
    fetching.gather()
    (fetching.root / "app" / "layerwright.toml").write_text(POLICY)
    assert "acme 1: its upload time is unknown (no index is known)" in refused(fetching).cause
