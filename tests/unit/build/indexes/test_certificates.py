from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.indexes._certificates import bundle

if TYPE_CHECKING:
    from pathlib import Path


def test_the_certificates_of_the_machine_stay_trusted(tmp_path: Path) -> None:
    users, machines = tmp_path / "users.pem", tmp_path / "machines.pem"
    machines.write_text("MACHINE\n")
    assert bundle(["ACME"], [users], [str(tmp_path / "absent"), str(machines)]) == "ACME\nMACHINE\n"
    users.write_text("USER\n")
    assert bundle(["ACME"], [users], [str(machines)]) == "ACME\nUSER\n"


def test_without_any_others_there_are_those_of_the_indexes(tmp_path: Path) -> None:
    assert bundle(["ONE", "TWO"], [tmp_path], []) == "ONE\nTWO\n\n"
