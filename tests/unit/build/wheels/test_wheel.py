from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from layerwright.build.wheels.wheel import (
    ArchivedWheel,
    UnusableWheelError,
    contents_digest,
    info_directory,
)
from layerwright.testing import wheel, wheel_contents
from tests.unit.build.wheels.samples import packed, tool

if TYPE_CHECKING:
    from pathlib import Path


def opened(data: bytes) -> ArchivedWheel:
    return ArchivedWheel(io.BytesIO(data))


def test_the_digest_of_the_contents_does_not_depend_on_the_archive() -> None:
    files = {"acme-1.0.dist-info/WHEEL": "", "acme.py": "1"}
    digest = contents_digest(opened(packed(files)))
    assert digest == contents_digest(opened(packed(dict(reversed(files.items())))))
    assert digest == contents_digest(opened(packed({**files, "acme-1.0.dist-info/RECORD": "", "acme/": ""})))


def test_the_digest_of_the_contents_depends_on_each_file() -> None:
    files = {"acme-1.0.dist-info/WHEEL": "", "acme.py": "1"}
    others = [
        packed({**files, "acme.py": "2"}),
        packed({"acme-1.0.dist-info/WHEEL": "", "base.py": "1"}),
        packed(files, executable=("acme.py",)),
        packed({**files, "acme/RECORD": ""}),
    ]
    digests = {contents_digest(opened(data)) for data in (packed(files), *others)}
    assert len(digests) == 1 + len(others)


def test_a_plugin_gets_both_digests_of_a_wheel(tmp_path: Path) -> None:
    artifact = wheel("acme", "1.0")
    assert wheel_contents(artifact.save(tmp_path)) == (
        f"sha256:{artifact.sha256}",
        contents_digest(opened(artifact.data)),
    )


def test_the_metadata_is_in_the_one_directory_at_the_top() -> None:
    more = {"acme/_vendor/base-1.0.dist-info/WHEEL": "", "acme/__init__.py": ""}
    assert info_directory(opened(tool(more=more))) == "acme-1.0.dist-info"


@pytest.mark.parametrize(
    ("files", "count"), [((), "no"), (("acme-1.0.dist-info/WHEEL", "base-1.0.dist-info/WHEEL"), "2")]
)
def test_a_wheel_without_one_such_directory_cannot_be_used(files: tuple[str, ...], count: str) -> None:
    with pytest.raises(UnusableWheelError, match=rf"^it has {count} .dist-info directories$"):
        info_directory(opened(packed(dict.fromkeys(files, ""))))


def test_something_else_than_an_archive_cannot_be_used() -> None:
    with pytest.raises(UnusableWheelError):
        opened(b"something else")
