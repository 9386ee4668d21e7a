from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.build.layers.python import contribute_python, describe_python
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.cnb.layers.layer_env import Scope
from layerwright.pythons.interpreter import Interpreter
from layerwright.pythons.provider import Candidate
from tests.unit.build.samples import TARGET, Site, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright.process.runner import Runner
    from layerwright.pythons.provider import Progress

CANDIDATE = Candidate(
    version="3.13.2", provider="samples", origin="a shelf", inputs={"archive": "sha256:abc"}
)


class Provider:
    """Has one interpreter, which is a file."""

    name = "samples"

    def candidates(self) -> Sequence[Candidate]:
        raise NotImplementedError

    def looked_in(self) -> Sequence[str]:
        raise NotImplementedError

    def install(self, candidate: Candidate, destination: Path, runner: Runner, progress: Progress) -> None:
        progress(1, 1)
        (destination / "version").write_text(candidate.version)


def test_the_layer_is_made_from_the_interpreter_the_target_and_the_place() -> None:
    spec, interpreter = describe_python(Path("/layers/python"), CANDIDATE, TARGET)
    assert interpreter == Interpreter(version="3.13.2", prefix=Path("/layers/python"))
    assert spec.name == "python"
    assert spec.types == LayerTypes(build=True, launch=True, cache=True)
    assert spec.inputs == {
        "Python version": "3.13.2",
        "target": "linux/amd64 (debian 12)",
        "layer path": "/layers/python",
        "archive": "sha256:abc",
    }
    assert spec.content_inputs == {}


def test_compilers_find_its_headers_and_users_may_set_what_is_a_default() -> None:
    spec, _ = describe_python(Path("/layers/python"), CANDIDATE, TARGET)
    assert {path: content.decode() for path, content in spec.env.files().items()} == {
        f"{Scope.ALL}/PYTHONUNBUFFERED.default": "1",
        f"{Scope.BUILD}/SOURCE_DATE_EPOCH.default": "315532801",
        f"{Scope.BUILD}/CPATH.prepend": "/layers/python/include/python3.13",
        f"{Scope.BUILD}/CPATH.delim": ":",
        f"{Scope.BUILD}/PKG_CONFIG_PATH.prepend": "/layers/python/lib/pkgconfig",
        f"{Scope.BUILD}/PKG_CONFIG_PATH.delim": ":",
    }


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_the_provider_fills_the_layer_once(site: Site) -> None:
    spec, _ = describe_python(site.layers.layer_path("python"), CANDIDATE, TARGET)
    progress: list[tuple[int, int | None]] = []
    for _ in range(2):
        contributor = site.contributor()
        contribute_python(
            contributor,
            spec,
            CANDIDATE,
            Provider(),
            runner=site.runner,
            progress=lambda done, total: progress.append((done, total)),
        )
        [contribution] = contributor.contributions
        assert (contribution.path / "version").read_text() == "3.13.2"
    assert words_of(contribution.decision) == "kept: unchanged"
    assert progress == [(1, 1)]
