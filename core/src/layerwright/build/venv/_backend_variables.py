"""Variables of build backends and compilers that change the result of building a source.

Variables for reaching or finding things on this machine (``PATH``, proxies, certificates, caches) are not among them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["backend_variables"]

_NAMES: Final = re.compile(
    # versions that replace those of version control
    r"(SETUPTOOLS_SCM|VCS_VERSIONING|HATCH_VCS)_.*|.*_PRETEND_(VERSION|METADATA)(_.*)?|PDM_BUILD_SCM_VERSION"
    r"|(PBR|OSLO_PACKAGE)_VERSION|(POETRY|UV)_DYNAMIC_VERSIONING_.*"
    # settings of backends
    r"|(HATCH_BUILD|MATURIN|MESONPY|MYPYC|PDM_BUILD|SCIKIT_BUILD|SKBUILD|CYTHON)_.*|CMAKE_(ARGS|BUILD_TYPE|GENERATOR)"
    r"|SETUPTOOLS_(ENABLE_FEATURES|EXT_SUFFIX|USE_DISTUTILS)|DIST(UTILS_DEBUG|_EXTRA_CONFIG)|SETUPTOOLS_RUST_.*"
    # settings of compilers
    r"|ARCHFLAGS|(C|CPP|CXX|F|FC?|LD|RUST)FLAGS|AR|CC|CXX|FC|LD|LDSHARED|CARGO_(BUILD|PROFILE)_.*|SOURCE_DATE_EPOCH"
)


def backend_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of *environment* that change what is built from a source, without credentials."""
    return {name: redacted(environment[name]) for name in sorted(environment) if _NAMES.fullmatch(name)}
