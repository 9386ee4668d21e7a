from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from layerwright.buildpack.package._installed import (
    check_distribution,
    copy_distribution,
    drop_installer_files,
    editable_source,
    find_distributions,
    label,
)
from layerwright.errors import SiteError
from tests.unit.buildpack.package.samples import install, wheel_of

if TYPE_CHECKING:
    from importlib.metadata import Distribution
    from pathlib import Path


def acme(site: Path) -> Distribution:
    return find_distributions([str(site)])["layerwright-acme"]


def files_in(site: Path) -> list[str]:
    return sorted(str(path.relative_to(site)) for path in site.rglob("*") if path.is_file())


def test_distributions_are_found_by_normalised_names_the_first_of_each(tmp_path: Path) -> None:
    install(tmp_path / "one", wheel_of("Layerwright.Acme"))
    install(tmp_path / "two", wheel_of("layerwright-acme", "2.0"))
    (tmp_path / "two" / "half-1.0.dist-info").mkdir()
    found = find_distributions([str(tmp_path / "one"), str(tmp_path / "two")])
    assert {name: label(one) for name, one in found.items()} == {"layerwright-acme": "Layerwright.Acme 1.0"}
    assert "layerwright" in find_distributions()


def test_a_copy_has_what_was_installed_without_scripts_and_bytecode(tmp_path: Path) -> None:
    metadata = install(tmp_path / "site", wheel_of("layerwright-acme"))
    with (metadata / "RECORD").open("a") as record:
        record.write(
            "../../bin/acme,sha256=x,1\nlayerwright_acme/__pycache__/__init__.cpython-313.pyc,,\n/etc/x,,\n"
        )
        record.write(f"{metadata.name}/INSTALLER,,\n")

    check_distribution(acme(tmp_path / "site"))
    copy_distribution(acme(tmp_path / "site"), tmp_path / "copy")
    drop_installer_files(tmp_path / "copy")

    assert files_in(tmp_path / "copy") == [
        "layerwright_acme-1.0.dist-info/METADATA",
        "layerwright_acme-1.0.dist-info/WHEEL",
        "layerwright_acme/__init__.py",
    ]


@pytest.mark.parametrize("change", ["alter", "remove", "unhash"])
def test_a_file_that_is_not_as_it_was_installed_is_named(tmp_path: Path, change: str) -> None:
    metadata = install(tmp_path / "site", wheel_of("layerwright-acme"))
    module = tmp_path / "site" / "layerwright_acme" / "__init__.py"
    if change == "alter":
        module.write_text("evil = True\n")
    elif change == "remove":
        module.unlink()
    else:
        record = (metadata / "RECORD").read_text().splitlines()
        lines = ["layerwright_acme/__init__.py,," if "__init__" in line else line for line in record]
        (metadata / "RECORD").write_text("\n".join(lines))
    with pytest.raises(SiteError) as raised:
        check_distribution(acme(tmp_path / "site"))
    assert raised.value.summary == "layerwright-acme 1.0 has changed since it was installed."
    assert raised.value.cause == f"{module} was modified or removed."


def test_without_a_record_it_is_unknown_what_to_copy(tmp_path: Path) -> None:
    (install(tmp_path / "site", wheel_of("layerwright-acme")) / "RECORD").unlink()
    with pytest.raises(SiteError) as raised:
        check_distribution(acme(tmp_path / "site"))
    assert raised.value.reference == "distribution-without-record"


def test_an_editable_installation_tells_its_source(tmp_path: Path) -> None:
    metadata = install(tmp_path / "site", wheel_of("layerwright-acme"))
    assert editable_source(acme(tmp_path / "site")) is None
    origin = {"url": (tmp_path / "a b").as_uri(), "dir_info": {"editable": True}}
    (metadata / "direct_url.json").write_text(json.dumps(origin))
    assert editable_source(acme(tmp_path / "site")) == tmp_path / "a b"
    (metadata / "direct_url.json").write_text(json.dumps({**origin, "dir_info": {}}))
    assert editable_source(acme(tmp_path / "site")) is None
