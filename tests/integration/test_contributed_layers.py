"""Layers that a plugin contributes, in real builds: the NLTK example, with a stand-in for NLTK and for its server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from typing_extensions import override

from layerwright.testing.distributions import wheel
from layerwright.testing.loopback.server import LoopbackServer, Response
from tests.integration.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright.testing.distributions import Artifact

pytestmark = pytest.mark.integration

SOURCE: Final = Path(__file__).parents[2] / "examples" / "plugins" / "nltk" / "src"
ENTRY_POINTS: Final = (
    "[layerwright]\nnltk = layerwright_nltk\n[layerwright.evidence]\nnone = layerwright_nltk\n"
    "[layerwright.api]\n2 = layerwright_nltk\n"
)
# As much of NLTK as the plugin touches: the downloader, and where data are looked for.
DOWNLOADER: Final = """\
import pathlib, sys, urllib.error, urllib.request

class Downloader:
    def __init__(self, server_index_url=None):
        self._url = server_index_url

    def download(self, name, download_dir=None, extract=None):
        # Without a proxy: the server is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        print(f"[nltk_data] Downloading package {name}", file=sys.stderr)
        try:
            data = opener.open(self._url.replace("index.xml", f"packages/{name}")).read()
        except urllib.error.HTTPError:
            print(f"[nltk_data] Error loading {name}: Package '{name}' not", file=sys.stderr)
            print("[nltk_data]     found in index", file=sys.stderr)
            return False
        file = pathlib.Path(download_dir, "corpora", name)
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
        return True
"""
DATA: Final = """\
import os, pathlib

def find(name):
    return next(p for d in os.environ["NLTK_DATA"].split(":") if (p := pathlib.Path(d, "corpora", name)).exists())
"""


def nltk(version: str) -> Artifact:
    return wheel(
        "nltk",
        version,
        files={"nltk/__init__.py": "", "nltk/downloader.py": DOWNLOADER, "nltk/data.py": DATA},
    )


class DataServer(LoopbackServer):
    """Serves data by name."""

    def __init__(self) -> None:
        super().__init__()
        self.data = {"words": b"a\nb\n", "stopwords": b"the\n"}

    @override
    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        found = self.data.get(path.removeprefix("/packages/"))
        return Response(status=404) if found is None else Response(body=found)


class NltkSite(Site):
    """A site where the NLTK plugin is installed beside Layerwright."""

    @override
    def command(self, *arguments: str | Path) -> list[str]:
        metadata = self.root / "plugins" / "layerwright_nltk-1.0.dist-info"
        metadata.mkdir(parents=True, exist_ok=True)
        (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
        # PYTHONPATH is reserved: it would reach what is built.
        places = [str(metadata.parent), str(SOURCE)]
        start = f"import sys; sys.path += {places!r}; from layerwright.cli.main import main; sys.exit(main())"
        return [sys.executable, "-c", start, *map(str, arguments)]

    def ask(self, *data: str) -> None:
        """Name the *data* in the configuration."""
        self.app.write("layerwright.toml", f"[nltk]\ndata = {list(data)}\n")


@pytest.fixture
def server() -> Iterator[DataServer]:
    with DataServer() as server:
        yield server


@pytest.fixture
def place(site: Site, server: DataServer) -> NltkSite:
    """Return a site with a complete build, whose application now requires NLTK and its words."""
    place = NltkSite(site.root, site.index)
    place.index.add(nltk("1.0"))
    place.env["NLTK_DOWNLOAD_URL"] = f"{server.url}index.xml"
    place.app.write("requirements.txt", "nltk==1.0\n")
    place.ask("words")
    return place


def test_data_are_downloaded_once_and_there_at_launch(place: NltkSite, server: DataServer) -> None:
    explained = place.layerwright("explain")
    assert "Layer plugin-nltk (build, launch, cache)\n  create: first build\n" in explained.log

    first = place.build()

    assert first.layers["plugin-nltk"] == "created"
    assert "python -m nltk.downloader words" in first.commands
    assert "[nltk_data] Downloading package words" in first.log
    program = "import nltk.data; print(nltk.data.find('words').read_text())"
    assert place.layerwright("run", "python", "-c", program).log == "a\nb\n\n"
    assert f"NLTK_DATA={place.layers}/plugin-nltk\n" in place.layerwright("explain").log
    assert "plugin-nltk: unchanged" in place.layerwright("verify").log

    again = place.build()
    assert (again.layers["plugin-nltk"], again.reasons("plugin-nltk")) == ("kept", "unchanged")
    assert [request.path for request in server.requests] == ["/packages/words"]


def test_the_layer_follows_the_names_and_the_version_of_nltk(place: NltkSite) -> None:
    place.build()

    place.ask("words", "stopwords")
    again = place.build()
    assert again.layers == {**dict.fromkeys(again.layers, "kept"), "plugin-nltk": "created"}
    assert sorted(path.name for path in (place.layers / "plugin-nltk" / "corpora").iterdir()) == [
        "stopwords",
        "words",
    ]

    place.index.add(nltk("1.1"))
    place.app.write("requirements.txt", "nltk==1.1\n")
    explained = place.layerwright("explain").log
    assert "decided once the virtual environment is complete: kept if nltk is unchanged" in explained
    again = place.build()
    assert again.layers["plugin-nltk"] == "created"
    assert again.reasons("plugin-nltk").startswith("nltk version: 1.0 (RECORD ")


def test_a_failing_download_keeps_the_last_build_and_names_the_plugin(
    place: NltkSite, server: DataServer
) -> None:
    place.build()
    place.ask("no-such-words")

    failed = place.build(status=1)

    assert "layerwright-nltk 1.0 runs it for the layer plugin-nltk." in failed.errors
    assert "NLTK has no data with the name no-such-words." in failed.errors
    assert "Correct the name in [tool.layerwright.nltk] or in nltk.txt." in failed.errors
    assert "The last complete build is unchanged." in failed.log + failed.errors
    assert (place.layers / "plugin-nltk" / "corpora" / "words").read_bytes() == server.data["words"]


def test_the_layer_is_gone_when_the_plugin_is_disabled(place: NltkSite) -> None:
    place.build()
    done = place.build(env={"LAYERWRIGHT_DISABLE_PLUGINS": "nltk"})
    assert "Removed, no longer needed: plugin-nltk" in done.log
    assert not (place.layers / "plugin-nltk").exists()
    assert "NLTK_DATA" not in place.seen()["environment"]
