"""Secrets that a build gets in every way, and a search for them in everything that it leaves and prints."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.build.layers.names import PYTHON
from layerwright.cnb.target import Target
from layerwright.image.inspecting import layer_name
from layerwright.image.layers.compression import decompressed
from layerwright.image.output.layout import read_layout
from layerwright.testing.distributions import source_tree, wheel
from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import Site
from tests.secrets.gates import Gates, HiddenIndex
from tests.secrets.search import Search, forms
from tests.secrets.ways import PIP, Given

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    """Return a site to which secrets are given in every way at once, and which is built."""
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    root = tmp_path_factory.mktemp("secrets")
    with HiddenIndex() as index:
        for path in wheelhouse().glob("pip-*.whl"):
            index.add_directory(path.parent)
        (root / "repositories").mkdir()
        gates = Gates(index, root / "repositories")
        site = Site(root / "site", index)
        site.make_directories()
        given = Given(site, gates)
        for way in PIP:
            way(given)
        site.app.write("requirements.txt", "".join(f"{line}\n" for line in given.lines))
        site.env |= given.env
        site.env.pop("TMPDIR", None)
        yield given
        gates.close()


def search(given: Given, *printed: str) -> Search:
    return Search.of(given.secrets, [given.site.root], given.files, *printed)


@pytest.mark.parametrize("form", forms("a/b+c@d"))
def test_the_search_finds_a_secret_in_every_form(tmp_path: Path, form: str) -> None:
    secret = "s3cr3t/with+odd@characters"
    (tmp_path / "file").write_bytes(b"before " + forms(secret)[form] + b" after")
    found = Search.of({"it": secret}, [tmp_path], [], forms(secret)[form].decode()).found
    assert any(f"it, {form}: {tmp_path / 'file'}" in one for one in found)
    assert any(one == f"it, {form}: printed" for one in found)
    assert Search.of({"it": secret}, [tmp_path], [tmp_path / "file"]).found == ()


def test_a_build_that_needs_every_secret_leaves_and_prints_none(given: Given) -> None:
    built = given.site.build()

    assert given.site.installed() == given.installs
    assert given.gates.passed >= {*given.gates.logins, *given.gates.queries}
    assert search(given, built.log, built.errors).found == ()
    labels = "".join(
        path.read_text() for path in given.site.layers.glob("*.toml") if path.name != "launch.toml"
    )
    assert "[metadata.inputs]" in labels
    places = "|".join(re.escape(str(place)) for place in (given.site.root, Path.home()))
    assert not re.search(rf"://|{places}|127\.0\.0\.1|\d{{10,}} ?ns", labels)
    again = given.site.build()
    assert search(given, again.log, again.errors).found == ()


def test_a_file_that_is_written_after_a_search_is_searched_again(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("0123456789")
    assert Search.of({"it": "Zq8f14e45f"}, [tmp_path], []).found == ()
    file.write_text("Zq8f14e45f")
    assert Search.of({"it": "Zq8f14e45f"}, [tmp_path], []).found != ()


@pytest.mark.parametrize(
    "arguments",
    [("explain",), ("explain", "--json"), ("explain", "--html", "../page.html"), ("config",), ("detect",)],
)
def test_what_is_said_of_a_build_has_no_secret(given: Given, arguments: tuple[str, ...]) -> None:
    said = given.site.layerwright(*arguments)
    assert search(given, said.log, said.errors).found == ()


def test_a_bundle_is_refused_without_the_secrets_in_what_refuses_it(given: Given) -> None:
    refused = given.site.layerwright("fetch", "--into", "../bundle", status=1)
    assert "/errors.html#not-for-a-bundle" in refused.errors
    assert search(given, refused.log, refused.errors).found == ()


def test_an_image_and_the_documents_about_it_have_no_secret(given: Given, tmp_path: Path) -> None:
    said = given.site.layerwright("image", "--documents", "../documents", "--output", "oci:../image")
    documents = given.site.root / "documents"
    provenance = (documents / "provenance.json").read_text()
    assert f"http://****@{given.gates.place}/****/pythons?sig=****" in provenance
    image, _ = read_layout(given.site.root / "image", Target.of_this_machine().arch, "linux")
    # Labels and history are here.
    (tmp_path / "configuration").write_bytes(image.configuration)
    (tmp_path / "manifest").write_bytes(image.manifest)
    layers = {layer_name(layer): layer for layer in image.layers}
    assert {"venv", "Programs that start processes", "Application"} <= layers.keys()
    for name, layer in layers.items():
        # The interpreter is searched where it was built, and the files of the application are theirs.
        if name != PYTHON and not name.startswith("Application"):
            with (
                layer.blobs.open(layer.descriptor) as content,
                (tmp_path / name).open("wb") as file,
            ):
                shutil.copyfileobj(decompressed(content, layer.descriptor.media_type), file)
    assert Search.of(given.secrets, [documents, tmp_path], [], said.log, said.errors).found == ()


def test_a_backend_that_fails_and_tells_everything_leaves_and_prints_none(given: Given) -> None:
    for path, text in source_tree("by-backend", "2.0", fails=True).items():
        if not path.endswith("backend.py"):
            given.site.app.write(f"by-backend/{path}", text)
    failed = given.site.build(status=1)
    assert "ACME_LICENSE_TOKEN ****" in failed.log
    assert search(given, failed.log, failed.errors).found == ()
    given.site.app.remove("by-backend/BUILD_FAILS")
    given.installs["by-backend"] = "2.0"


@pytest.mark.parametrize(
    "line",
    [
        "acme @@ http://reader:{secret}@{place}/x",
        "http://reader:{secret}@{place}/login-index/simple",
        "absent @ http://{place}/{secret}/files/absent-1.0-py3-none-any.whl",
        "absent @ git+http://reader:{secret}@{place}/absent.git",
        "--index-url http://reader:{secret}@127.0.0.1:1/simple",
        "-r http-{secret}@x://none",
    ],
)
def test_a_line_that_fails_is_reported_without_its_secret(given: Given, line: str) -> None:
    secret = given.secrets.setdefault("in a bad line", "Zq8f14e45fceea167a5a")
    before = (given.site.app.path / "requirements.txt").read_text()
    text = line.format(secret="${ACME_BAD_CODE}", place=given.gates.place)
    given.site.app.write("requirements.txt", f"{before}{text}\n")
    try:
        failed = given.site.build(status=None, env={"ACME_BAD_CODE": secret})
    finally:
        given.site.app.write("requirements.txt", before)
    # Nothing listens at the index of one of them, which may pass.
    assert failed.status in (1, 75)
    assert search(given, failed.log, failed.errors).found == ()


def test_a_mirror_of_python_is_reported_without_its_secrets(given: Given) -> None:
    env = {"LAYERWRIGHT_PYTHON_PROVIDER": "standalone"}
    explained = given.site.layerwright("explain", env=env)
    assert f"standalone: http://****@{given.gates.place}/****/pythons?sig=****" in explained.log
    failed = given.site.build(status=1, env=env)
    assert "/errors.html#download-refused" in failed.errors
    assert search(given, explained.log, failed.log, failed.errors).found == ()


def test_a_build_that_is_killed_leaves_none_but_in_what_the_next_build_removes(given: Given) -> None:
    given.gates.index.add(wheel("late", "1.0"))
    given.gates.stalled = "late-1.0"
    before = (given.site.app.path / "requirements.txt").read_text()
    given.site.app.write("requirements.txt", f"{before}late\n")
    build = given.site.start("build")
    assert given.gates.reached.wait(120)
    for pid in [*descendants(build.pid), build.pid]:
        os.kill(pid, signal.SIGKILL)
    said = build.communicate()[0]
    given.gates.stalled = ""
    given.site.app.write("requirements.txt", before)

    assert "$ pip install" in said
    report = given.site.layers / ".layerwright" / "report.json"
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    # Without its record no layer counts: nothing exports it, runs from it, or hands it to a command.
    unfinished = [f"{given.site.layers / name}/" for name in ("cache-pip", "venv", ".layerwright/temporary")]
    assert not any(Path(f"{place.rstrip('/')}.toml").exists() for place in unfinished)
    left = search(given, said).found
    assert [found for found in left if not any(place in found for place in unfinished)] == []
    after = given.site.build()
    assert not report.exists()
    assert search(given, after.log, after.errors).found == ()
    assert given.site.installed() == given.installs


def descendants(pid: int) -> list[int]:
    files = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(found) for file in files for found in file.read_text().split()]
    return [each for child in children for each in (*descendants(child), child)]
