from __future__ import annotations

import pytest

from layerwright.build.venv._backend_variables import backend_variables


@pytest.mark.parametrize(
    "name",
    [
        "SETUPTOOLS_SCM_PRETEND_VERSION",
        "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_ACME",
        "SETUPTOOLS_SCM_OVERRIDES_FOR_ACME",
        "VCS_VERSIONING_PRETEND_VERSION",
        "ACME_PRETEND_VERSION",
        "PDM_BUILD_SCM_VERSION",
        "PBR_VERSION",
        "POETRY_DYNAMIC_VERSIONING_BYPASS",
        "UV_DYNAMIC_VERSIONING_BYPASS",
        "HATCH_BUILD_HOOKS_ENABLE",
        "MATURIN_PEP517_ARGS",
        "SKBUILD_CMAKE_ARGS",
        "CMAKE_ARGS",
        "CC",
        "CFLAGS",
        "CXXFLAGS",
        "LDFLAGS",
        "RUSTFLAGS",
        "SOURCE_DATE_EPOCH",
    ],
)
def test_what_a_backend_or_a_compiler_reads_counts(name: str) -> None:
    assert backend_variables({"HOME": "/root", name: "1.0"}) == {name: "1.0"}


@pytest.mark.parametrize(
    "name",
    ["PATH", "HOME", "CPATH", "PKG_CONFIG_PATH", "https_proxy", "CARGO_HOME", "VERSION", "PIP_INDEX_URL"],
)
def test_what_says_where_something_is_does_not_count(name: str) -> None:
    assert backend_variables({name: "1.0"}) == {}


def test_the_credentials_of_an_address_are_left_out() -> None:
    found = backend_variables({"CMAKE_ARGS": "-DFROM=https://user:secret@example.com/"})
    assert found == {"CMAKE_ARGS": "-DFROM=https://****@example.com/"}
