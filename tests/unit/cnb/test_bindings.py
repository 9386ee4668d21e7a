from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.cnb.bindings import binding_directories, read_bindings
from layerwright.errors import SiteError

if TYPE_CHECKING:
    from pathlib import Path


def bind(root: Path, name: str, **entries: str | bytes) -> Path:
    place = root / name
    place.mkdir(parents=True)
    for entry, value in entries.items():
        file = place / entry.replace("_", "-")
        file.write_bytes(value.encode() if isinstance(value, str) else value)
    return place


def test_a_binding_has_its_type_in_lower_case_and_its_entries_without_blanks(tmp_path: Path) -> None:
    bind(tmp_path, "acme", type="PyPI\n", uri=" https://packages.example.com/simple \n", ca_crt="x")
    [binding] = read_bindings([tmp_path], {"pypi"})
    assert (binding.name, binding.type, binding.origin) == ("acme", "pypi", "the binding acme")
    assert binding.text("uri") == "https://packages.example.com/simple"
    assert binding.text("absent", "uri") == "https://packages.example.com/simple"
    assert binding.text("absent") is None
    assert sorted(binding.entries) == ["ca-crt", "uri"]


def test_bindings_that_kubernetes_mounts_are_read_once(tmp_path: Path) -> None:
    data = bind(tmp_path / "acme", "..2026_11_30", type="pypi", uri="https://packages.example.com")
    (tmp_path / "acme" / "..data").symlink_to(data.name)
    for name in ("type", "uri"):
        (tmp_path / "acme" / name).symlink_to(f"..data/{name}")
    (tmp_path / "acme" / "directory").mkdir()
    [binding] = read_bindings([tmp_path], {"pypi"})
    assert list(binding.entries) == ["uri"]


def test_bindings_of_other_types_are_not_read(tmp_path: Path) -> None:
    database = bind(tmp_path, "database", type="postgresql")
    os.mkfifo(database / "password")
    bind(tmp_path, "binary", type=b"\xff\xfe\0")
    bind(tmp_path, "without-a-type", uri="x")
    (tmp_path / "file").write_text("pypi")
    assert read_bindings([tmp_path], {"pypi"}) == ()


def test_bindings_of_both_directories_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    platform, root = tmp_path / "platform", tmp_path / "root"
    bind(platform / "bindings", "b", type="pypi")
    bind(root, "a", type="git")
    directories = binding_directories({"SERVICE_BINDING_ROOT": f"{root}\n"}, platform)
    assert directories == (platform / "bindings", root)
    assert [one.name for one in read_bindings(directories, {"pypi", "git"})] == ["a", "b"]


def test_directories_that_do_not_exist_have_no_bindings(tmp_path: Path) -> None:
    assert binding_directories({"SERVICE_BINDING_ROOT": str(tmp_path / "absent")}, tmp_path) == ()
    assert binding_directories({}) == ()


def test_the_same_directory_given_twice_is_read_once(tmp_path: Path) -> None:
    bind(tmp_path / "bindings", "acme", type="pypi")
    (tmp_path / "link").symlink_to("bindings")
    directories = binding_directories({"SERVICE_BINDING_ROOT": str(tmp_path / "link")}, tmp_path)
    assert len(read_bindings(directories, {"pypi"})) == 1


def test_two_bindings_of_one_name_are_an_error(tmp_path: Path) -> None:
    for root in ("one", "other"):
        bind(tmp_path / root, "acme", type="pypi")
    with pytest.raises(SiteError, match=r"two service bindings acme\.$") as caught:
        read_bindings([tmp_path / "one", tmp_path / "other"], {"pypi"})
    assert caught.value.cause == f"One is {tmp_path}/one/acme, the other {tmp_path}/other/acme."
    assert caught.value.reference == "service-binding"


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        (b"", "It is empty."),
        (b" \n\t", "It is empty."),
        (b"\xff\xfes3cr3t", "It is binary: it is not text in UTF-8."),
        (b"s3cr3t\0", "It has NUL characters, so it is binary, or text in UTF-16."),
    ],
)
def test_a_binary_or_empty_entry_is_named_and_not_shown(tmp_path: Path, value: bytes, cause: str) -> None:
    bind(tmp_path, "acme", type="pypi", password=value)
    [binding] = read_bindings([tmp_path], {"pypi"})
    with pytest.raises(SiteError, match=r"^The service binding acme cannot be used\.$") as caught:
        binding.text("password")
    assert caught.value.cause == f"{tmp_path}/acme/password: {cause}"
    assert "s3cr3t" not in repr(binding)


def test_an_entry_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    place = bind(tmp_path, "acme", type="pypi")
    (place / "uri").symlink_to("absent")
    with pytest.raises(SiteError) as caught:
        read_bindings([tmp_path], {"pypi"})
    assert caught.value.cause == f"{place}/uri: No such file or directory."


def test_an_entry_that_would_never_end_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(bind(tmp_path, "acme", type="pypi") / "uri")
    with pytest.raises(SiteError, match="acme"):
        read_bindings([tmp_path], {"pypi"})


def test_an_entry_larger_than_a_secret_can_be_is_not_read(tmp_path: Path) -> None:
    bind(tmp_path, "acme", type="pypi", uri=b"x" * (1024 * 1024 + 1))
    with pytest.raises(SiteError) as caught:
        read_bindings([tmp_path], {"pypi"})
    assert "larger than 1 MiB" in caught.value.cause


def test_a_directory_of_bindings_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_path: object) -> list[str]:
        raise PermissionError(13, "Permission denied")

    # Not by its mode: root may read anything.
    monkeypatch.setattr(os, "listdir", refused)
    with pytest.raises(SiteError) as caught:
        read_bindings([tmp_path], {"pypi"})
    assert caught.value.cause == f"{tmp_path}: Permission denied."
