"""Applications of the corpus that are built with the real pip, and then answer a request."""

from __future__ import annotations

import json
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.loopback.index import PackageIndex
from tests.corpus.applications import CORPUS
from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import Site
from tests.integration.test_examples import page, served

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.integration, pytest.mark.long]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with PackageIndex() as index:
        index.add_directory(wheelhouse())
        site = Site(tmp_path_factory.mktemp("corpus") / "site", index)
        site.make_directories()
        yield site
    shutil.rmtree(site.root)


@pytest.mark.parametrize("name", [name for name, kind in CORPUS.items() if kind.serves])
def test_it_is_built_and_answers(name: str, site: Site) -> None:
    kind = CORPUS[name]
    shutil.rmtree(site.app.path)
    site.app.path.mkdir()
    kind.write(site.app)
    app = kind.script or kind.directory or "."
    site.build(app)
    [process] = json.loads(site.layerwright("explain", "--json", app).log)["processes"]
    ends = 0 if "gunicorn" in str(process["command"]) else -signal.SIGTERM
    with served(site, "--app", app, ends=ends) as url:
        assert page(url) == {"message": "hello"}
