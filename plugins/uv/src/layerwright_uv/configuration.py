"""uv's own configuration, from variables and files: what is refused, what is an input, and what has no effect."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from layerwright import SharedCache, inline_metadata, redacted
from layerwright_uv.local_source import table
from layerwright_uv.workspace import settings_file, workspace_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright import Project

__all__ = ["SHARED", "UV_RESERVED_ENV", "WITHOUT_EFFECT", "configuration_inputs"]

UV_RESERVED_ENV: Final = frozenset({
    # where the application and its environment are
    "UV_NO_PROJECT", "UV_PROJECT", "UV_PROJECT_ENVIRONMENT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY",
    # for which interpreter
    "UV_MANAGED_PYTHON", "UV_NO_MANAGED_PYTHON", "UV_PYTHON", "UV_PYTHON_PREFERENCE", "UV_PYTHON_SEARCH_PATH",
    "UV_SYSTEM_PYTHON",
    # what is installed: the configuration names groups, and whether it is editable
    "UV_DEV", "UV_NO_DEV", "UV_NO_EDITABLE", "UV_NO_GROUP", "UV_NO_INSTALL_LOCAL", "UV_NO_INSTALL_PROJECT",
    "UV_NO_INSTALL_WORKSPACE", "UV_ONLY_INSTALL_LOCAL", "UV_ONLY_INSTALL_PROJECT", "UV_ONLY_INSTALL_WORKSPACE",
    # whether that is what the lock file says
    "UV_BUILD_CONSTRAINT", "UV_CONSTRAINT", "UV_EXCLUDE", "UV_FROZEN", "UV_NO_VERIFY_HASHES", "UV_OVERRIDE",
})  # fmt: skip
"""Variables that make uv install something else, for another interpreter, or elsewhere."""

WITHOUT_EFFECT: Final = ("UV_COMPILE_BYTECODE", "UV_FROZEN", "UV_LOCKED", "UV_NO_SYNC")
"""Variables hidden from uv: the tool layer sets them for launch, and many images for their own builds."""

SHARED: Final = SharedCache(
    name="uv",
    entries="archive-v*/*",
    links=("wheels-v*/index", "wheels-v*/pypi"),
    outdated=r"Hash mismatch for ",
)
"""What builds share of uv's cache: wheels of indexes, which have a hash in the lock file.

What uv has built is stale when a source changes, and what it knows of an interpreter when another one is in its place.
"""

# The other variables say how uv reaches an index and how it works, not what it installs.
_COUNTED: Final = (
    "UV_DEFAULT_INDEX", "UV_EXCLUDE_NEWER", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_FORK_STRATEGY", "UV_GIT_LFS",
    "UV_INDEX", "UV_INDEX_STRATEGY", "UV_INDEX_URL", "UV_NO_BINARY", "UV_NO_BINARY_PACKAGE", "UV_NO_BUILD",
    "UV_NO_BUILD_ISOLATION", "UV_NO_BUILD_PACKAGE", "UV_NO_CONFIG", "UV_NO_INSTALLER_METADATA", "UV_NO_SOURCES",
    "UV_NO_SOURCES_PACKAGE", "UV_NO_SYSTEM_CONFIG", "UV_PRERELEASE", "UV_PREVIEW", "UV_PREVIEW_FEATURES",
    "UV_REQUIRE_BUILD_HASHES", "UV_RESOLUTION",
)  # fmt: skip
# The lock file contains the effect of these keys. Any other key may change what is installed from it.
_LOCKED: Final = frozenset({
    "constraint-dependencies", "default-groups", "dependency-groups", "dev-dependencies", "environments",
    "override-dependencies", "required-version", "sources", "workspace",
})  # fmt: skip


def configuration_inputs(
    project: Project, environment: Mapping[str, str], script: str = ""
) -> dict[str, str]:
    """Return every setting that can change what the same lock file installs, without credentials.

    In a workspace, uv reads those of its root alone. Those of a *script* are in its inline metadata, but uv reads
    ``pyproject.toml`` as well. The files of the user and the system count too: uv reads them, and a site's index may
    be configured nowhere else.
    """
    root = workspace_of(project)
    if not project.is_outside(root.root):
        project.refuse_outside(settings_file(project))
    trees = [project.toml(root.name("pyproject.toml"))]
    if script:
        trees = [project.toml("./pyproject.toml"), inline_metadata(project, script) or {}]
    settings = sorted(
        (key, repr(value))
        for tree in trees
        for key, value in table(tree, "tool", "uv").items()
        if key not in _LOCKED
    )
    digest_of_table = f"sha256:{hashlib.sha256(repr(settings).encode()).hexdigest()}"
    files = {name: project.digest(name) for name in _files(settings_file(project), environment)}
    return {
        **({"[tool.uv]": digest_of_table} if settings else {}),
        **{name: f"sha256:{digest}" for name, digest in files.items() if digest != "absent"},
        **{name: redacted(environment[name]) for name in _COUNTED if environment.get(name)},
    }


def _files(own: str, environment: Mapping[str, str]) -> Iterator[str]:
    if environment.get("UV_CONFIG_FILE"):
        yield environment["UV_CONFIG_FILE"]
        return
    yield own
    yield f"{environment.get('XDG_CONFIG_HOME') or environment.get('HOME', '') + '/.config'}/uv/uv.toml"
    for directory in (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":"):
        yield f"{directory}/uv/uv.toml"
    yield "/etc/uv/uv.toml"
