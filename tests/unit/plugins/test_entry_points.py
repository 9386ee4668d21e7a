from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import distributions
from typing import TYPE_CHECKING

import pytest

from layerwright.plugins.entry_points import (
    API_GROUP,
    EVIDENCE_GROUP,
    FILE_GROUPS,
    PLUGIN_GROUP,
    REFINES_GROUP,
    EntryPoint,
    disabled_plugins,
    disabled_tables,
    disabled_without_effect,
    entry_points,
)

if TYPE_CHECKING:
    from pathlib import Path


def install(site: Path, name: str, text: str | bytes | None) -> None:
    metadata = site / f"{name}.dist-info"
    metadata.mkdir(parents=True)
    if text is not None:
        (metadata / "entry_points.txt").write_bytes(text.encode() if isinstance(text, str) else text)


def test_the_entry_points_of_our_groups_are_found(tmp_path: Path) -> None:
    text = """\
    [console_scripts]
    acme = acme:main

    [layerwright]
    # other = commented
    ; other = commented
    acme = layerwright_acme : hooks [extra]
    beta=layerwright_acme.beta[extra]

    [ layerwright.evidence ]
    acme.lock = layerwright_acme

    [layerwright.api]
    1 = layerwright_acme
    """
    install(tmp_path, "layerwright_acme-1.2.0", text)
    assert entry_points([str(tmp_path)]) == (
        EntryPoint(PLUGIN_GROUP, "acme", "layerwright_acme", "layerwright-acme", "1.2.0"),
        EntryPoint(PLUGIN_GROUP, "beta", "layerwright_acme.beta", "layerwright-acme", "1.2.0"),
        EntryPoint(API_GROUP, "1", "layerwright_acme", "layerwright-acme", "1.2.0"),
        EntryPoint(EVIDENCE_GROUP, "acme.lock", "layerwright_acme", "layerwright-acme", "1.2.0"),
    )


def test_messages_name_a_plugin_by_its_distribution_and_version(tmp_path: Path) -> None:
    install(tmp_path, "layerwright_acme-1.2.0", "[layerwright]\nacme = layerwright_acme\n")
    [found] = entry_points([str(tmp_path)])
    assert found.label == "layerwright-acme 1.2.0"


def test_of_several_distributions_with_one_name_the_first_counts(tmp_path: Path) -> None:
    install(tmp_path / "1", "layerwright_acme-1.0", "[layerwright]\nacme = layerwright_acme\n")
    install(tmp_path / "2", "Layerwright_Acme-2.0", "[layerwright]\nacme = layerwright_acme\n")
    install(tmp_path / "2", "layerwright_beta-2.0", "[layerwright]\nbeta = layerwright_beta\n")
    found = entry_points([str(tmp_path / "1"), str(tmp_path / "2")])
    assert [e.label for e in found] == ["layerwright-acme 1.0", "layerwright-beta 2.0"]


def test_what_is_no_directory_of_distributions_is_passed_over(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "library.zip", "w") as archive:
        archive.writestr("layerwright_acme-1.0.dist-info/entry_points.txt", "[layerwright]\nacme = a\n")
    install(tmp_path, "without-1.0", None)
    install(tmp_path, "foreign-1.0", b"[caf\xe9]\ncaf\xe9 = a\n")
    (tmp_path / "odd-1.0.dist-info" / "entry_points.txt").mkdir(parents=True)
    (tmp_path / "module.py").touch()
    assert entry_points([str(tmp_path / "library.zip"), str(tmp_path / "absent"), str(tmp_path)]) == ()


def test_an_empty_entry_of_the_path_is_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "layerwright_acme-1.0", "[layerwright]\nacme = layerwright_acme\n")
    monkeypatch.chdir(tmp_path)
    assert [e.name for e in entry_points([""])] == ["acme"]


def test_what_is_found_is_what_the_standard_library_finds() -> None:
    theirs = {
        EntryPoint(e.group, e.name, e.module, distribution.name, distribution.version)
        for distribution in distributions()
        for e in distribution.entry_points
        if e.group in (PLUGIN_GROUP, *FILE_GROUPS, REFINES_GROUP, API_GROUP)
    }
    assert theirs
    assert set(entry_points()) == theirs


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("", ()),
        ("pip", ("pip",)),
        ("pip,layerwright-acme", ("pip", "layerwright-acme")),
        (" a , b  c,", ("a", "b", "c")),
    ],
)
def test_plugins_are_disabled_by_a_variable(value: str, names: tuple[str, ...]) -> None:
    assert disabled_plugins({"LAYERWRIGHT_DISABLE_PLUGINS": value}) == names


def test_no_plugin_is_disabled_by_default() -> None:
    assert disabled_plugins({}) == ()


def test_what_is_disabled_and_not_installed_is_reported(tmp_path: Path) -> None:
    install(
        tmp_path, "layerwright_acme-1.0", "[layerwright]\nacme = a\n[layerwright.evidence]\nacme.lock = a\n"
    )
    found = entry_points([str(tmp_path)])
    assert disabled_without_effect(found, ["acme", "layerwright-acme"]) == ()
    assert disabled_without_effect(found, ["acme", "amce", "acme.lock"]) == (
        "LAYERWRIGHT_DISABLE_PLUGINS names amce, which is not installed.",
        "LAYERWRIGHT_DISABLE_PLUGINS names acme.lock, which is not installed.",
    )


def test_the_tables_of_disabled_plugins_are_theirs_by_name_and_by_distribution(tmp_path: Path) -> None:
    install(tmp_path, "layerwright_acme-1.0", "[layerwright]\nacme = a\nmore = a\n")
    install(tmp_path, "layerwright_beta-1.0", "[layerwright]\nbeta = b\n")
    found = entry_points([str(tmp_path)])
    assert disabled_tables(found, ["acme", "gone"]) == {"acme", "gone"}
    assert disabled_tables(found, ["layerwright-acme"]) == {"layerwright-acme", "acme", "more"}


def test_of_a_damaged_file_the_lines_that_can_be_read_count(tmp_path: Path) -> None:
    damaged = (
        b"[layerwright]\nacme = layerwright_acme\n= \nno value\nb\xe9ta = b\xe9ta\nempty =\n[layerwright"
    )
    install(tmp_path, "layerwright_acme-1.0", damaged)
    assert [(e.name, e.module) for e in entry_points([str(tmp_path)])] == [
        ("", ""),
        ("acme", "layerwright_acme"),
        ("b\ufffdta", "b\ufffdta"),
        ("empty", ""),
    ]


def test_finding_plugins_imports_next_to_nothing() -> None:
    heavy = "{'dataclasses', 'email', 'importlib.metadata', 'inspect', 'json', 'pathlib', 'zipfile'}"
    code = (
        "import sys, layerwright.plugins.entry_points as e; e.entry_points(); "
        f"sys.exit(bool({heavy} & sys.modules.keys()))"
    )
    # Without the site module, whose .pth files may import anything.
    script = f"import sys; sys.path[:0] = {sys.path!r}; {code}"
    assert subprocess.run([sys.executable, "-I", "-S", "-c", script], check=False).returncode == 0
