from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from layerwright.cnb.package.descriptor import Descriptor, DescriptorError
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


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "buildpack.toml"
    path.write_text(text)
    return path


def problems_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(DescriptorError) as caught:
        Descriptor.read(path)
    return caught.value.problems


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


@pytest.mark.parametrize("descriptor", [FULL, Descriptor(id="a", version="0.0.0")])
def test_the_descriptor_reads_back_as_it_was(tmp_path: Path, descriptor: Descriptor) -> None:
    assert Descriptor.read(write(tmp_path, descriptor.toml())) == descriptor


@pytest.mark.parametrize("api", ["0.10", "0.11", "0.12"])
def test_the_descriptor_parses_without_targets_and_with_unknown_keys(tmp_path: Path, api: str) -> None:
    path = write(
        tmp_path,
        f"""
        api = "{api}"
        future = 1
        [buildpack]
        id = "example"
        version = "10.0.1"
        homepage = "https://example.com"
        [[buildpack.licenses]]
        uri = "https://example.com/license"
        [metadata]
        anything = true
        [[stacks]]
        id = "*"
        """,
    )

    assert Descriptor.read(path) == Descriptor(id="example", version="10.0.1", api=api)


def test_each_distribution_of_a_target_is_a_target(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        api = "0.10"
        [buildpack]
        id = "example"
        version = "1.2.3"
        [[targets]]
        os = "linux"
        arch-variant = "v8"
        [[targets.distros]]
        name = "some"
        version = "12"
        [[targets.distros]]
        name = "other"
        """,
    )

    assert Descriptor.read(path).targets == (
        Target(os="linux", arch="", arch_variant="v8", distro_name="some", distro_version="12"),
        Target(os="linux", arch="", arch_variant="v8", distro_name="other"),
    )


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
def test_the_descriptor_refuses_an_unsupported_api_by_name(tmp_path: Path, api: str) -> None:
    path = write(tmp_path, f"api = '{api}'\n[buildpack]\nid = 'a'\nversion = '1.2.3'")

    assert problems_of(path) == (f"api is '{api}'; 0.10, 0.11, 0.12 are supported",)


@pytest.mark.parametrize("api", ["0.10", "0.11"])
def test_exec_env_needs_the_api_that_has_it(api: str) -> None:
    with pytest.raises(DescriptorError, match=rf"^buildpack\.exec-env needs api 0\.12; api is '{api}'$"):
        Descriptor(id="example", version="1.2.3", api=api, exec_env=("test",))


def test_all_problems_of_a_descriptor_are_reported_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        api = 0.10
        [buildpack]
        id = 7
        name = 1
        clear-env = "yes"
        licenses = ["MIT"]
        exec-env = [{name = "test"}]
        [[targets]]
        os = 1
        [[targets]]
        distros = ["some"]
        [[targets]]
        [[targets.distros]]
        version = 12
        """,
    )

    assert problems_of(path) == (
        "api is 0.1; 0.10, 0.11, 0.12 are supported",
        "buildpack.id is 7; it must be ASCII letters, digits, '.', '/' and '-'",
        "buildpack.version is missing; it must be three numbers without leading zeros, such as 1.2.3",
        "buildpack.name is not a string",
        "buildpack.clear-env is not a boolean",
        "buildpack.licenses is not a list of tables with a type",
        "buildpack.exec-env is not a list of strings",
        "the os, the architecture and the variant of a target are strings",
        "the distros of a target are tables with a name and a version, which are strings",
        "the distros of a target are tables with a name and a version, which are strings",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("api = ", "it cannot be read: "),
        ("api = '0.10'", "there is no table [buildpack]"),
        ("api = '0.10'\nbuildpack = 1", "there is no table [buildpack]"),
        (
            "api = '0.10'\ntargets = 1\n[buildpack]\nid = 'a'\nversion = '1.2.3'",
            "targets is not a list of tables",
        ),
    ],
)
def test_a_damaged_descriptor_is_an_error_that_says_so(tmp_path: Path, text: str, problem: str) -> None:
    [found] = problems_of(write(tmp_path, text))

    assert found.startswith(problem)


def test_a_descriptor_that_cannot_be_read_is_an_error_that_says_so(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "buildpack.toml") == ("there is no buildpack.toml",)
    [problem] = problems_of(tmp_path)
    assert problem.startswith("it cannot be read: ")
