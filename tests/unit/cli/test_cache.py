"""``layerwright cache``: what a user reads, and what a script does."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from layerwright.cli.cache.show import used_words
from layerwright.cli.main import main
from layerwright.local.places import default_layers
from layerwright.local.use import record_use
from layerwright.output.words import bytes_words
from layerwright.pythons.standalone.in_use import using

if TYPE_CHECKING:
    from pathlib import Path

ARCHIVE = "cpython-3.13.1+20241206-x86_64-unknown-linux-gnu-install_only.tar.gz"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a cache with two applications, of which one is gone, and an old download."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("LAYERWRIGHT_CACHE_DIR", str(cache))
    for name in ("gone", "shop"):
        app = tmp_path / name
        layers = default_layers(app, cache)
        (layers / "venv").mkdir(parents=True)
        (layers / "venv" / "file").write_bytes(b"x" * 2000)
        record_use(layers, app, cache)
    (tmp_path / "shop").mkdir()
    (cache / "downloads").mkdir()
    (cache / "downloads" / ARCHIVE).write_bytes(b"x" * 1500)
    old = time.time() - 40.5 * 24 * 60 * 60
    os.utime(cache / "downloads" / ARCHIVE, (old, old))
    (cache / "mine").touch()
    return cache


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["cache", *words]) == 0
    return capsys.readouterr().out


def test_the_cache_is_shown_by_application_with_sizes_and_last_use(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The records of applications have their paths, and count.
    size = bytes_words(json.loads(shown(capsys, "--json"))["size"])
    text = shown(capsys)
    assert text.splitlines() == [
        f"{cache}: {size}",
        "",
        "Applications",
        "    size  last used  application",
        f"  2.1 kB  today      {tmp_path}/gone (gone)",
        "  2.0 kB               venv",
        f"  2.1 kB  today      {tmp_path}/shop",
        "  2.0 kB               venv",
        "",
        "Downloads",
        "    size  last used    download",
        f"  1.5 kB  40 days ago  {ARCHIVE}",
        "",
        "Not recognised, and never removed",
        f"  {cache}/mine",
        "",
        "Remove what is gone: layerwright cache prune",
    ]


def test_the_cache_as_json_has_the_same(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(shown(capsys, "--json"))
    assert (document["directory"], document["unknown"]) == (str(cache), [f"{cache}/mine"])
    assert document["size"] == sum(entry["size"] for entry in document["entries"])
    gone, shop, download = document["entries"]
    assert (gone["kind"], gone["name"], gone["gone"]) == ("application", f"{tmp_path}/gone", True)
    assert shop["parts"] == {"venv": 2000}
    assert download["paths"] == [f"{cache}/downloads/{ARCHIVE}"]
    assert download["last-used"].endswith("+00:00")


def test_a_prune_says_what_it_removed_and_why(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    would = shown(capsys, "prune", "--dry-run")
    assert would.endswith("\n3.6 kB would be freed.\n")
    with using(cache / "downloads"):
        text = shown(capsys, "prune")
    assert text.splitlines() == [
        f"    2.1 kB  {tmp_path}/gone: it does not exist",
        f"      kept  {ARCHIVE}: in use",
        "2.1 kB freed.",
    ]
    assert shown(capsys, "prune") == f"    1.5 kB  {ARCHIVE}: not used for 40 days\n1.5 kB freed.\n"
    assert shown(capsys, "prune") == "Nothing to remove.\n"
    assert shown(capsys, "prune", "--older-than", "7") == "Nothing to remove.\n"
    assert f"{tmp_path}/shop: everything" in shown(capsys, "prune", "--all")


def test_where_there_is_nothing_nothing_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAYERWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    assert shown(capsys) == f"{tmp_path}/cache: 0 B\n"
    assert shown(capsys, "dir") == f"{tmp_path}/cache\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "today"), (86_399, "today"), (86_400, "yesterday"), (200_000, "2 days ago")],
)
def test_the_last_use_is_told_in_days(seconds: float, words: str) -> None:
    assert used_words(seconds) == words


@pytest.mark.parametrize("days", ["soon", "-1", "nan"])
def test_a_number_of_days_must_be_one(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["cache", "prune", f"--older-than={days}"])
    assert f"{days} is not a number of days\n" in capsys.readouterr().err
