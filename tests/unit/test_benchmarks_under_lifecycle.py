"""The benchmarks under a lifecycle: arithmetic, words, the fleet, and another patch release of Python."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from benchmarks.fleet import KINDS, application
from benchmarks.fleet_report import STEP_HEADER, Step, step_rows, steps_as_json
from benchmarks.patched import next_patch, renumbered
from benchmarks.phase_report import PHASE_HEADER, Phases, phase_rows, phases_as_json
from benchmarks.phases import added_layers
from benchmarks.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = {"detect": 9.0, "restore": 0.1, "build": 0.3, "export": 0.6}
BEFORE = {"detect": 9.0, "restore": 2.0, "build": 1.0, "export": 2.0}


def phases(*before: Mapping[str, float], aim: float | None = 0.2) -> Phases:
    return Phases(
        application="large",
        manager="pip",
        scenario="nothing changed",
        aim=aim,
        ours=(NOW,) * max(1, len(before)),
        before=before,
        note="venv kept",
        note_before="venv created" if before else "",
    )


def test_the_ratio_under_a_lifecycle_counts_the_phases_that_depend_on_the_layers() -> None:
    assert phases(BEFORE).ratio == pytest.approx(0.2)


@pytest.mark.parametrize(("aim", "met"), [(0.21, True), (0.19, False), (None, None)])
def test_an_aim_under_a_lifecycle_is_a_ratio_to_an_earlier_layerwright(
    aim: float | None, met: bool | None
) -> None:
    assert phases(BEFORE, aim=aim).met is met


def test_without_an_earlier_layerwright_no_aim_is_met_or_missed() -> None:
    alone = phases()
    assert (alone.ratio, alone.met) == (None, None)
    [row] = phase_rows([alone])
    assert row == (
        "large", "pip", "nothing changed", "0.1 s", "0.3 s", "0.6 s", "", "", "at most 0.2; venv kept"
    )  # fmt: skip


def test_a_row_under_a_lifecycle_has_a_cell_for_each_column_and_names_both_results() -> None:
    [row] = phase_rows([phases(BEFORE, aim=0.3)])
    assert len(row) == len(PHASE_HEADER)
    assert row[-3:] == ("5.0 s", "0.20", "at most 0.3: met; venv kept (before: venv created)")


def test_the_document_keeps_the_seconds_of_every_phase() -> None:
    [entry] = phases_as_json([phases(BEFORE)])
    assert entry["seconds"] == {"layerwright": [NOW], "before": [BEFORE]}
    assert entry["notes"] == {"layerwright": "venv kept", "before": "venv created"}


def test_only_layers_of_the_buildpack_that_the_last_image_did_not_have_are_added() -> None:
    log = "Adding layer 'acme/a:venv'\nReusing layer 'acme/a:python'\nAdding layer 'acme/b:venv'\n"
    assert added_layers(log, "acme/a") == ["venv"]


def step(**changes: object) -> Step:
    values = {
        "name": "first build",
        "layerwright": "now",
        "applications": 50,
        "pushed": 9_000_000,
        "seconds": 1.0,
    }
    return Step(**{**values, "stored": 60_000_000, "shared": 10_000_000, **changes})  # type: ignore[arg-type]


def test_a_fleet_of_any_size_stores_once_what_its_applications_share() -> None:
    assert step().stored_for(50) == 60_000_000
    assert step().stored_for(1_000) == 10_000_000 + 20 * 50_000_000
    assert step(stored=10_000_000).stored_for(100_000) == 10_000_000


def test_a_row_of_the_fleet_has_a_cell_for_each_column() -> None:
    first, before = step_rows([step(added={"venv": 50, "python": 1}), step(layerwright="before")])
    assert len(first) == len(STEP_HEADER)
    assert first == ("first build", "50", "python 1, venv 50", "9.0 MB", "60.0 MB", "1.0 GB", "100.0 GB")
    assert before[:3] == ("first build (before)", "50", "none")


def test_the_document_keeps_the_bytes_of_every_step() -> None:
    [entry] = steps_as_json([step(added={"venv": 50})])
    assert (entry["pushed"], entry["stored"], entry["shared"]) == (9_000_000, 60_000_000, 10_000_000)
    assert entry["added"] == {"venv": 50}
    assert entry["stored for"] == {"1000": 1_010_000_000, "100000": 100_010_000_000}


def test_fifty_applications_are_of_five_kinds_and_no_two_have_equal_requirements() -> None:
    fleet = [application(number) for number in range(50)]
    assert len({requirements for _, requirements in fleet}) == 50
    assert [manager for manager, _ in fleet[: len(KINDS)]] == [manager for manager, _ in KINDS]
    assert len(set(KINDS)) == 5


def test_the_traffic_counts_what_passes_in_either_direction() -> None:
    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            received = b""
            while len(received) < 100_000:
                received += connection.recv(1 << 16)
            connection.sendall(b"seven b")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        with Traffic.counted(f"127.0.0.1:{server.getsockname()[1]}") as traffic:
            host, _, port = traffic.address.rpartition(":")
            with socket.create_connection((host, int(port))) as client:
                client.sendall(bytes(100_000))
                assert client.makefile("rb").read() == b"seven b"
            thread.join()
            assert (traffic.sent, traffic.received) == (100_000, 7)


CODE = b"\xbf\x03\x00\x00\x00\xe8call\xbf\x0c\x00\x00\x00\xe8call\xbf\x01\x00\x00\x00\xe8call"
BINARY = b"text " + CODE + b"\x00/opt/3.12.1\x00 hex \xf0\x01\x0c\x03 lib/3.12.1/lib\x00"


def test_a_renumbered_interpreter_reports_the_next_patch_release_and_keeps_its_size() -> None:
    changed = renumbered(BINARY, "3.12.1", next_patch("3.12.1"))
    assert changed == (
        b"text " + CODE.replace(b"\xbf\x01", b"\xbf\x02") + b"\x00/opt/3.12.2\x00 hex \xf0\x02\x0c\x03"
        b" lib/3.12.1/lib\x00"
    )
    assert len(changed) == len(BINARY)


@pytest.mark.parametrize(
    ("binary", "before", "after"),
    [
        (BINARY, "3.12.9", "3.12.10"),
        (BINARY, "3.13.0", "3.13.1"),
        (BINARY + CODE, "3.12.1", "3.12.2"),
        (CODE, "3.12.1", "3.12.2"),
    ],
    ids=["another length", "another version", "two places in the code", "no text"],
)
def test_an_interpreter_that_cannot_be_renumbered_is_an_error(binary: bytes, before: str, after: str) -> None:
    with pytest.raises(ValueError, match="cannot be changed"):
        renumbered(binary, before, after)
