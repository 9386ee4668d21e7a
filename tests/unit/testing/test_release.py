from __future__ import annotations

from layerwright.testing import PackageIndex, Release, wheel


def test_a_release_says_what_a_lock_file_may_want_to_know(package_index: PackageIndex) -> None:
    acme = wheel("acme", "1.0", requires=["base>=1", "extra"])

    release = Release.of(acme, package_index.url)

    assert (release.name, release.version, release.filename) == ("acme", "1.0", "acme-1.0-py3-none-any.whl")
    assert release.sha256 == acme.sha256
    assert release.requires == ("base>=1", "extra")
    assert release.url == f"{package_index.url.removesuffix('/simple/')}/files/acme-1.0-py3-none-any.whl"


def test_what_requires_nothing_says_so() -> None:
    assert Release.of(wheel("base", "1.0"), "https://example.com/simple/").requires == ()
