"""One reader for every table: of the configuration, of a plugin's settings, and of a declaration."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping  # noqa: TC003  # the reader evaluates the annotations
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic.dataclasses import dataclass as pydantic_dataclass

from layerwright.config.reading import ToolSettings, configure
from layerwright.config.sources import Raw, Sources
from layerwright.config.tables import TableReader
from layerwright.errors import ConfigurationError
from layerwright.files.frozen import frozen


@dataclass(frozen=True, kw_only=True)
class Index:
    """A table in a table."""

    url: str
    with_: tuple[str, ...] = ()


@pydantic_dataclass(frozen=True)
class Limits:
    """A table that pydantic reads."""

    retries: int = 1


@dataclass(frozen=True, kw_only=True)
class Settings(ToolSettings):
    """A plugin's own table."""

    index: Index | None = None
    mirrors: tuple[Index, ...] = ()
    by_group: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    commands: tuple[tuple[str, ...], ...] = ()
    limits: Limits = field(default_factory=Limits)
    number: int = 0


@frozen
class Server:
    """A table in a table, which checks itself."""

    url: str
    retries: int = 1

    def __post_init__(self) -> None:
        if self.retries < 0:
            raise ValueError("must not be negative")


@frozen
class QuickSettings(Settings):
    """A plugin's own table, which inherits from a standard dataclass."""

    server: Server | None = None
    servers: list[Server] = field(default_factory=list)


def configured(**values: object) -> Settings:
    settings: Settings = configure(
        Sources({"layerwright.toml": {"acme": values}}, {}), {"acme": Settings}
    ).tool("acme")
    return settings


def test_a_plugins_settings_may_have_tables_and_arrays_of_tables() -> None:
    found = configured(
        index={"url": "a", "with": ["x"]},
        mirrors=[{"url": "b"}, {"url": "c"}],
        **{"by-group": {"docs": ["sphinx"]}},
        commands=[["a", "b"], []],
        limits={"retries": 2},
        number=3,
    )
    assert found == Settings(
        index=Index(url="a", with_=("x",)),
        mirrors=(Index(url="b"), Index(url="c")),
        by_group={"docs": ("sphinx",)},
        commands=(("a", "b"), ()),
        limits=Limits(retries=2),
        number=3,
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"index": {"url": 1}}, "index.url must be a string, not 1"),
        ({"index": {}}, "index.url is missing"),
        ({"index": {"url": ""}}, "index.url is empty"),
        ({"index": {"url": "a", "urk": 1}}, "index.urk is an unknown key; did you mean url?"),
        ({"index": "a"}, 'index must be a table, not "a"'),
        ({"mirrors": {"url": "a"}}, 'mirrors must be an array, not {url = "a"}'),
        ({"mirrors": [{"url": "a"}, 1]}, "mirrors[1] must be a table, not 1"),
        ({"by-group": {"docs": "a"}}, 'by-group.docs must be an array of strings, not "a"'),
        ({"by-group": []}, "by-group must be a table, not []"),
        ({"commands": [1]}, "commands[0] must be an array of strings, not 1"),
        ({"number": "a"}, 'number is "a": Input should be a valid integer'),
    ],
)
def test_a_mistake_is_reported_with_the_place_of_the_value(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured(**values)
    assert caught.value.problems == (f"layerwright.toml: acme.{words}",)


def test_a_table_in_a_variable_is_text_and_no_table() -> None:
    sources = Sources({}, {"LAYERWRIGHT_ACME_INDEX": "a"})
    with pytest.raises(ConfigurationError) as caught:
        configure(sources, {"acme": Settings})
    assert caught.value.problems == ('LAYERWRIGHT_ACME_INDEX must be a table, not "a"',)


def test_a_value_of_the_wrong_type_is_the_default() -> None:
    told: list[str] = []
    reader = TableReader(lambda origin, words: told.append(f"{origin} {words}"))
    assert reader.value(str, Raw(1, "here"), "default") == "default"
    assert told == ["here must be a string, not 1"]


def quick(**values: object) -> QuickSettings:
    sources = Sources({"layerwright.toml": {"acme": values}}, {})
    settings: QuickSettings = configure(sources, {"acme": QuickSettings}).tool("acme")
    return settings


def test_pydantic_reads_frozen_classes_as_it_reads_standard_dataclasses() -> None:
    servers = [{"url": "a", "retries": 2}, {"url": "b"}]
    assert quick(number=5, servers=servers, server={"url": "c"}) == QuickSettings(
        number=5, servers=[Server(url="a", retries=2), Server(url="b")], server=Server(url="c")
    )
    with pytest.raises(ConfigurationError) as caught:
        quick(servers=[{"url": "a", "retries": -1}])
    assert caught.value.cause.endswith(": must not be negative")


def test_tables_of_plain_values_do_not_import_pydantic() -> None:
    code = (
        "import sys; from layerwright.config.sources import Raw; from layerwright.config.tables import TableReader\n"
        "from layerwright.plugins.declarative._model import EnvironmentTable\n"
        "lock = {'file': 'a.lock', 'format': 'requirements'}\n"
        "raws = {'commands': Raw([['a']], ''), 'lock': Raw(lock, ''), 'converges': Raw(True, '')}\n"
        "assert TableReader(print).table(EnvironmentTable, raws).commands == (('a',),)\n"
        "sys.exit('pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0
