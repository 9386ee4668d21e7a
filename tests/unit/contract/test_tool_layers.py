"""The layer of a tool that is a distribution: its inputs follow from how it is pinned."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerwright import (
    LayerEnv,
    LockedWheels,
    PythonDependence,
    SecretStr,
    ToolLayer,
    WheelLayout,
    distribution_layer,
)
from layerwright.testing.requests import tool_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import Command
    from layerwright.testing import Application

LOCK = "acme==2.1 \\\n    --hash=sha256:aaa\n"
LOCK_DIGEST = f"sha256:{hashlib.sha256(LOCK.encode()).hexdigest()}"
URL = "https://example.com/simple"
SECRET_URL = "https://me:secret@example.com/simple"


def layer(
    application: Application, environment: Mapping[str, str] | None = None, **options: Any
) -> ToolLayer:
    request = tool_request(application, name="acme", environment=environment or {})
    return distribution_layer(request, "acme", "2.1", **{"scripts": ("acme",), **options})


def installing(found: ToolLayer) -> list[Command]:
    return [command for command in found.install if command.words.startswith("pip install")]


def test_what_is_locked_by_hash_is_made_from_the_lock_alone(application: Application) -> None:
    found = layer(application, {"PIP_INDEX_URL": URL}, hashed=LOCK)

    assert found.inputs == {"lock": LOCK_DIGEST}
    assert [(c.words, c.stdin) for c in installing(found)] == [("pip install acme==2.1", LOCK)]


def test_what_is_locked_by_hash_can_be_unpacked_from_wheels(application: Application) -> None:
    own = {"wheels": [Path("/plugin/wheels")], "contents": {"sha256:aaa": "sha256:bbb"}}
    found = layer(application, {"PIP_INDEX_URL": SECRET_URL, "HOME": "/home/me"}, hashed=LOCK, **own)
    assert found.wheels == LockedWheels(
        hashed=LOCK,
        index={"PIP_INDEX_URL": SecretStr(SECRET_URL)},
        layout=WheelLayout.ENVIRONMENT,
        scripts=("acme",),
        directories=(Path("/plugin/wheels"),),
        contents={"sha256:aaa": "sha256:bbb"},
    )
    assert layer(application, hashed=LOCK, standalone=True).wheels == LockedWheels(
        hashed=LOCK, layout=WheelLayout.EXECUTABLES, scripts=("acme",), index={}
    )
    index = layer(application, hashed=LOCK, index=URL).wheels
    assert index is not None
    assert index.index == {"PIP_INDEX_URL": URL}


def test_what_is_resolved_is_left_to_the_package_manager(application: Application) -> None:
    assert layer(application).wheels is None
    assert layer(application, hashed=LOCK, also=["extra>=1"]).wheels is None


def test_what_is_not_locked_comes_as_the_index_has_it(application: Application) -> None:
    found = layer(application, {"PIP_INDEX_URL": SECRET_URL, "PIP_TIMEOUT": "1"})

    assert found.inputs == {
        "not hash-pinned": "acme==2.1",
        "PIP_INDEX_URL": "https://****@example.com/simple",
    }
    [command] = installing(found)
    assert (command.words, command.stdin) == ("pip install acme==2.1 (not hash-pinned)", "acme==2.1\n")


def test_what_is_beside_the_locked_is_reported_as_unlocked(application: Application) -> None:
    found = layer(application, {"PIP_FIND_LINKS": "/wheels"}, hashed=LOCK, also=["extra>=1"])

    assert found.inputs == {"lock": LOCK_DIGEST, "not hash-pinned": "extra>=1", "PIP_FIND_LINKS": "/wheels"}
    assert [c.words for c in installing(found)] == [
        "pip install acme==2.1",
        "pip install extra>=1 (not hash-pinned)",
    ]


def test_extras_are_installed_and_are_no_part_of_the_name(application: Application) -> None:
    request = tool_request(application, name="acme")
    found = distribution_layer(request, "acme[locked]", "3", scripts=["acme"])

    assert installing(found)[0].stdin == "acme[locked]==3\n"
    assert "[tool.layerwright.acme]" in found.stand_ins["acme"]


def test_an_index_of_its_own_is_for_where_pip_is_not_set_to_one(application: Application) -> None:
    own = layer(application, index=URL)
    assert own.inputs["PIP_INDEX_URL"] == installing(own)[0].env["PIP_INDEX_URL"] == URL

    pips = layer(application, {"PIP_INDEX_URL": "https://mirror.example.com"}, index=URL)
    assert pips.inputs["PIP_INDEX_URL"] == "https://mirror.example.com"
    assert installing(pips)[0].env["PIP_INDEX_URL"] == "https://mirror.example.com"


def test_the_credentials_of_an_index_are_a_secret(application: Application) -> None:
    found = layer(application, index=SECRET_URL)

    assert found.inputs["PIP_INDEX_URL"] == "https://****@example.com/simple"
    assert installing(found)[0].env["PIP_INDEX_URL"] == SecretStr(SECRET_URL)
    assert "secret" not in repr(found)


def test_only_executables_that_need_nothing_else_serve_any_python(application: Application) -> None:
    assert layer(application).depends_on_python is PythonDependence.MINOR
    standalone = layer(application, standalone=True)
    assert standalone.depends_on_python is PythonDependence.NONE
    assert "extract" in standalone.install[-1].argv


def test_each_script_says_how_to_do_without_it_and_how_to_get_it(application: Application) -> None:
    found = layer(application, scripts=("acme", "acmex"), launchers=["acme run"], table="acme-two")

    assert found.launchers == ("acme run",)
    assert found.stand_ins == {
        "acme": "acme is a build-time tool of this image. A command of the application runs without it: "
        "instead of `acme run COMMAND`, run COMMAND.\n"
        "To get acme at every launch, set `launch = true` in [tool.layerwright.acme-two] of pyproject.toml,\n"
        "and build again.",
        "acmex": "acmex is a build-time tool of this image. A command of the application runs without it.\n"
        "To get acmex at every launch, set `launch = true` in [tool.layerwright.acme-two] of pyproject.toml,\n"
        "and build again.",
    }


def test_its_environment_is_the_plugins_to_say(application: Application) -> None:
    env = LayerEnv().override("ACME", "1")
    assert layer(application, env=env).env == env
    assert layer(application).env == LayerEnv()
