"""Variables of build backends and compilers that change the result of building a source.

Variables for reaching or finding things on this machine (``PATH``, proxies, certificates, caches) are not among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["backend_variables"]

_FAMILIES: Final = (
    # versions that replace those of version control
    "HATCH_VCS_", "POETRY_DYNAMIC_VERSIONING_", "SETUPTOOLS_SCM_", "UV_DYNAMIC_VERSIONING_", "VCS_VERSIONING_",
    # settings of backends
    "CYTHON_", "HATCH_BUILD_", "MATURIN_", "MESONPY_", "MYPYC_", "PDM_BUILD_", "SCIKIT_BUILD_", "SETUPTOOLS_RUST_",
    "SKBUILD_",
    # settings of compilers
    "CARGO_BUILD_", "CARGO_PROFILE_",
)  # fmt: skip
_NAMES: Final = frozenset({
    "OSLO_PACKAGE_VERSION", "PBR_VERSION",
    "CMAKE_ARGS", "CMAKE_BUILD_TYPE", "CMAKE_GENERATOR", "DISTUTILS_DEBUG", "DIST_EXTRA_CONFIG",
    "SETUPTOOLS_ENABLE_FEATURES", "SETUPTOOLS_EXT_SUFFIX", "SETUPTOOLS_USE_DISTUTILS",
    "AR", "ARCHFLAGS", "CC", "CFLAGS", "CPPFLAGS", "CXX", "CXXFLAGS", "FC", "FCFLAGS", "FFLAGS", "LD", "LDFLAGS",
    "LDSHARED", "RUSTFLAGS", "SOURCE_DATE_EPOCH",
})  # fmt: skip
# A variable for one distribution: ACME_PRETEND_VERSION, or one with its name at the end.
_PRETENDED: Final = ("_PRETEND_VERSION_", "_PRETEND_METADATA_")


def backend_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of *environment* that change what is built from a source, without credentials."""
    return {name: redacted(environment[name]) for name in sorted(environment) if _is_read(name)}


def _is_read(name: str) -> bool:
    pretended = any(part in f"{name}_" for part in _PRETENDED)
    return name in _NAMES or name.startswith(_FAMILIES) or pretended
