from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from layerwright.cnb.package.descriptor import Descriptor, DescriptorError, declared_sboms
from layerwright.cnb.target import Target

if TYPE_CHECKING:
    from pathlib import Path

FULL = Descriptor(
    id="example/python",
    version="1.2.3",
    name="Example",
    api="0.12",
    clear_env=True,
    licenses=("Apache-2.0", "MIT"),
    exec_env=("production", "test"),
    targets=(
        Target(os="linux", arch="amd64"),
        Target(os="linux", arch="arm", arch_variant="v7", distro_name="some", distro_version="12"),
    ),
)


def test_the_descriptor_has_the_keys_of_the_specification_and_exec_env_as_an_array() -> None:
    assert tomllib.loads(FULL.toml()) == {
        "api": "0.12",
        "buildpack": {
            "id": "example/python",
            "version": "1.2.3",
            "name": "Example",
            "clear-env": True,
            "licenses": [{"type": "Apache-2.0"}, {"type": "MIT"}],
            "exec-env": ["production", "test"],
        },
        "targets": [
            {"os": "linux", "arch": "amd64"},
            {
                "os": "linux",
                "arch": "arm",
                "variant": "v7",
                "arch-variant": "v7",
                "distros": [{"name": "some", "version": "12"}],
            },
        ],
    }


def test_what_is_not_said_is_not_written() -> None:
    assert tomllib.loads(Descriptor(id="a", version="0.0.0").toml()) == {
        "api": "0.10",
        "buildpack": {"id": "a", "version": "0.0.0"},
    }


@pytest.mark.parametrize("id_", ["a", "example/python", "io.example.a-b/C9", "..."])
def test_letters_digits_and_some_punctuation_make_a_buildpack_id(id_: str) -> None:
    assert Descriptor(id=id_, version="1.2.3").id == id_


@pytest.mark.parametrize("id_", ["", "a b", "a_b", "é", "a\n", "a:b", ".", ".."])
def test_the_descriptor_rejects_bad_ids(id_: str) -> None:
    with pytest.raises(DescriptorError, match=r"^buildpack\.id is '.*'; it must be ASCII letters"):
        Descriptor(id=id_, version="1.2.3")


@pytest.mark.parametrize("id_", ["config", "app", "sbom"])
def test_the_descriptor_rejects_reserved_ids(id_: str) -> None:
    with pytest.raises(DescriptorError, match=f"^buildpack.id is '{id_}', which is reserved$"):
        Descriptor(id=id_, version="1.2.3")


@pytest.mark.parametrize(
    "version",
    [
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "v1.2.3",
        "1.2.3-rc1",
        "01.2.3",
        "1.02.3",
        "-1.2.3",
        "1.2.x",
        "1.2.3\n",
        "\u0661.2.3",
    ],
)
def test_the_descriptor_rejects_versions_that_are_not_x_y_z(version: str) -> None:
    with pytest.raises(DescriptorError, match=r"^buildpack\.version is '.*'; it must be three numbers"):
        Descriptor(id="example", version=version)


@pytest.mark.parametrize("api", ["0.9", "0.13", "1.0", "0.1", "v0.10"])
def test_the_descriptor_refuses_an_unsupported_api_by_name(api: str) -> None:
    with pytest.raises(DescriptorError, match=rf"^api is '{api}'; 0\.10, 0\.11, 0\.12 are supported$"):
        Descriptor(id="a", version="1.2.3", api=api)


@pytest.mark.parametrize("api", ["0.10", "0.11"])
def test_exec_env_needs_the_api_that_has_it(api: str) -> None:
    with pytest.raises(DescriptorError, match=rf"^buildpack\.exec-env needs api 0\.12; api is '{api}'$"):
        Descriptor(id="example", version="1.2.3", api=api, exec_env=("test",))


def test_all_problems_of_a_descriptor_are_reported_at_once() -> None:
    with pytest.raises(DescriptorError) as caught:
        Descriptor(id="config", version="1", api="0.9", exec_env=("test",))
    assert caught.value.problems == (
        "api is '0.9'; 0.10, 0.11, 0.12 are supported",
        "buildpack.id is 'config', which is reserved",
        "buildpack.version is '1'; it must be three numbers without leading zeros, such as 1.2.3",
    )


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        (None, set()),
        ("[buildpack", set()),
        ("buildpack = 1", set()),
        ("[buildpack]", set()),
        ("[buildpack]\nsbom-formats = 4", set()),
        ('[buildpack]\nsbom-formats = ["application/vnd.syft+json", "application/spdx+json"]', {"spdx"}),
    ],
)
def test_the_formats_of_sboms_are_those_that_buildpack_toml_declares(
    tmp_path: Path, text: str | None, formats: set[str]
) -> None:
    if text is not None:
        (tmp_path / "buildpack.toml").write_text(text)
    assert declared_sboms(tmp_path) == formats


def test_a_descriptor_declares_the_formats_of_its_sboms(tmp_path: Path) -> None:
    descriptor = Descriptor(
        id="acme/python", version="1.0.0", sbom_formats=("application/vnd.cyclonedx+json",)
    )
    (tmp_path / "buildpack.toml").write_text(descriptor.toml())
    assert declared_sboms(tmp_path) == {"cdx"}
