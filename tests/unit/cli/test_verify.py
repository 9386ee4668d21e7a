"""What ``layerwright verify`` says, and what it has built."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

from layerwright.cli import verify
from layerwright.cli.parser import parse
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.errors import SiteError
from layerwright.local._journal import Journal
from layerwright.output.log import Log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Site:
    """An application with a complete build of two layers."""

    def __init__(self, root: Path) -> None:
        self.app, self.layers = root / "app", root / "layers"
        self.app.mkdir()
        self.said = io.StringIO()
        journal = Journal(self.layers)
        for name in ("python", "venv"):
            for number in range(30):
                (journal.layers.create(name) if not number else self.layers / name).joinpath(
                    f"file-{number}"
                ).write_text("content")
            journal.layers.write(name, types=LayerTypes(launch=True), metadata={}, env=LayerEnv())
        (self.layers / "launch.toml").write_text("processes = []\n")
        journal.commit()

    def verify(self, *options: str) -> int:
        arguments = parse(["verify", str(self.app), "--layers", str(self.layers), *options])
        return arguments.run(arguments, Log(self.said, self.said), {})


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_where_nothing_differs_it_says_what_was_read_and_ends_with_0(site: Site) -> None:
    assert site.verify() == 0
    assert site.said.getvalue() == (
        "Layers\n  launch.toml: unchanged\n  python: unchanged, 32 paths\n  venv: unchanged, 32 paths\n"
    )


def test_what_differs_is_listed_up_to_a_bound_with_how_to_mend_it(site: Site) -> None:
    (site.layers / "python" / "file-1").chmod(0o600)
    for number in range(25):
        (site.layers / "venv" / f"file-{number}").unlink()

    with pytest.raises(SiteError) as raised:
        site.verify()

    lines = site.said.getvalue().splitlines()
    assert lines[2:4] == ["  python: 1 path differs", "    python/file-1 has mode 0600, not 0644"]
    assert lines[4] == "  venv: 25 paths differ"
    assert lines[-2:] == ["    venv/file-4 is missing", "    and 5 more"][-2:]
    assert raised.value.reference == "layers-differ"
    assert raised.value.cause == "Modified or damaged: python, venv."
    assert raised.value.remedy == (
        f"Rebuild them: layerwright verify --repair --layers {site.layers} {site.app}",
    )


def test_a_quiet_verification_has_only_its_status_and_its_error(site: Site) -> None:
    assert site.verify("-q") == 0
    (site.layers / "python" / "file-1").unlink()
    with pytest.raises(SiteError):
        site.verify("--quiet")
    assert site.said.getvalue() == ""


def test_what_was_not_recorded_is_not_called_right(site: Site) -> None:
    (site.layers / ".layerwright" / "manifests" / "venv").unlink()

    with pytest.raises(SiteError) as raised:
        site.verify()

    assert "  venv: unknown, the build recorded nothing about it\n" in site.said.getvalue()
    assert raised.value.reference == "layers-not-recorded"
    assert raised.value.cause == "No build recorded the contents of: venv."


@pytest.mark.parametrize("damaged", [True, False])
def test_a_repair_builds_what_differs_afresh_and_nothing_where_nothing_does(
    site: Site, damaged: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[tuple[str, str | None, Sequence[str], str, str | None]] = []

    def build_application(
        app: str,
        _log: Log,
        _environment: object,
        *,
        layers: str | None,
        afresh: Sequence[str],
        exec_env: str,
        option: str | None,
    ) -> int:
        built.append((app, layers, afresh, exec_env, option))
        return 0

    monkeypatch.setattr(verify, "build_application", build_application)
    if damaged:
        os.truncate(site.layers / "venv" / "file-1", 1)

    assert site.verify("--repair", "--exec-env", "test") == 0

    assert built == ([(str(site.app), str(site.layers), ["venv"], "test", None)] if damaged else [])


def test_the_application_in_a_tree_is_named_with_its_option(site: Site) -> None:
    (site.app / "my api").mkdir()
    (site.layers / "venv" / "file-1").unlink()
    with pytest.raises(SiteError) as raised:
        site.verify("--app", "my api")
    assert raised.value.remedy[0].endswith(f"{site.app} --app 'my api'")


def test_without_a_build_there_is_nothing_to_verify(site: Site) -> None:
    (site.layers / "launch.toml").unlink()

    with pytest.raises(Exception, match="not built yet"):
        site.verify()
