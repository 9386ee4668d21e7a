"""The gate with a real package manager: known malware is refused before it is unpacked, and after it was installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import wheel
from tests.unit.build.audit.samples import advisory, package, write_records

if TYPE_CHECKING:
    from tests.integration.site import Site

pytestmark = pytest.mark.integration

MALWARE = advisory("MAL-2026-1", package("poison", versions=["1.0"]))


def test_malware_is_refused_before_it_is_unpacked_and_when_it_becomes_known(site: Site) -> None:
    site.index.add(wheel("poison", "1.0"))
    locked = (site.index.requirement(name, "1.0") for name in ("base", "poison"))
    site.app.write("requirements.txt", "".join(f"{line}\n" for line in locked))
    site.app.write("layerwright.toml", '[policy]\nvulnerabilities = {database = "osv"}\n')
    database = write_records(site.app.path / "osv", MALWARE)

    refused = site.build(status=1)
    assert "poison 1.0: MAL-2026-1, malicious, The summary of MAL-2026-1" in refused.errors
    assert not list(site.layers.rglob("poison*"))

    (database / "MAL-2026-1.json").unlink()
    write_records(database, advisory("GHSA-1", package("other", {"introduced": "0"})))
    site.build()
    assert site.build().layers["venv"] == "kept"

    write_records(database, MALWARE)
    assert "MAL-2026-1" in site.build(status=1).errors
    audit = site.layerwright("audit", status=1)
    assert "malware  poison 1.0 (venv)" in audit.log
