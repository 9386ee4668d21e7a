from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.cnb.store import read_store, write_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.toml"


def test_the_store_reads_back_as_it_was_written(store: Path) -> None:
    write_store(store, {"schema": "1", "resolved": {"flask": "3.1"}})
    write_store(store, {"schema": "2"})

    assert read_store(store) == {"schema": "2"}


def test_the_store_of_another_version_is_read_and_left_as_it_is(store: Path) -> None:
    store.write_text("[metadata]\nnumber = 1.0\n")

    assert read_store(store) == {"number": 1.0}
    assert store.read_text() == "[metadata]\nnumber = 1.0\n"


def test_no_store_is_no_metadata(store: Path) -> None:
    assert read_store(store) == {}
    store.touch()
    assert read_store(store) == {}


@pytest.mark.parametrize("text", ["metadata = ", "metadata = 1"])
def test_a_damaged_store_is_named(store: Path, text: str) -> None:
    store.write_text(text)

    with pytest.raises(ValueError, match=r"/store\.toml is damaged: "):
        read_store(store)


def test_the_store_is_not_written_with_what_json_would_change(store: Path) -> None:
    with pytest.raises(TypeError, match="number is 1"):
        write_store(store, {"number": 1})

    assert not store.exists()
