"""How environments are composed: an independent account of it, to hold ``layerwright.cnb`` against."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = [
    "as_environ",
    "build_environment",
    "launch_environment",
    "modified_for_build",
    "modified_for_launch",
]

_BUILD_ROOTS: Final = {
    "PATH": "bin",
    "LD_LIBRARY_PATH": "lib",
    "LIBRARY_PATH": "lib",
    "CPATH": "include",
    "PKG_CONFIG_PATH": "pkgconfig",
}
_LAUNCH_ROOTS: Final = {"PATH": "bin", "LD_LIBRARY_PATH": "lib"}
_PASSED_ON: Final = {
    "CNB_STACK_ID",
    "HOME",
    "HOSTNAME",
    *("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *_BUILD_ROOTS,
}
_NOT_LAUNCHED_WITH: Final = {
    "CNB_APP_DIR",
    "CNB_DEPRECATION_MODE",
    "CNB_LAYERS_DIR",
    "CNB_PLATFORM_API",
    "CNB_PROCESS_TYPE",
}


def build_environment(
    process: Mapping[str, str],
    platform: Path | None,
    *,
    clear: bool,
    modified: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return what a buildpack gets, before its ``CNB_*`` variables, in a lifecycle with environment *process*.

    *modified* is that environment as earlier buildpacks' layers left it. With *clear*, the buildpack wants none
    of the user's variables.
    """
    if modified is None:
        modified = {name: value for name, value in process.items() if name in _PASSED_ON}
    result = dict(modified)
    if platform is not None and not clear:
        for name, value in _files(platform / "env"):
            joins = name in _BUILD_ROOTS and result.get(name)
            result[name] = f"{value}:{result[name]}" if joins else value
    return result


def modified_for_build(environment: Mapping[str, str], layers: Iterable[Path]) -> dict[str, str]:
    """Return *environment* with the build layers at the paths *layers*, one after the other."""
    result = dict(environment)
    for layer in layers:
        _add_roots(result, layer, _BUILD_ROOTS)
        for scope in ("env", "env.build"):
            _modify(result, layer / scope)
    return result


def launch_environment(image: Mapping[str, str]) -> dict[str, str]:
    """Return the environment *image* of a container without what is the launcher's own."""
    result = {name: value for name, value in image.items() if name not in _NOT_LAUNCHED_WITH}
    if "PATH" in result:
        folders = result["PATH"].split(":")
        result["PATH"] = ":".join(f for f in folders if f not in {"/cnb/process", "/cnb/lifecycle"})
    return result


def modified_for_launch(
    environment: Mapping[str, str], buildpacks: Iterable[list[Path]], process: str
) -> dict[str, str]:
    """Return *environment* with the layers of each of *buildpacks*, as a process of type *process* sees it."""
    result = dict(environment)
    for layers in buildpacks:
        for layer in layers:
            _add_roots(result, layer, _LAUNCH_ROOTS)
        for layer in layers:
            scopes = ["env", "env.launch", *([f"env.launch/{process}"] if process else [])]
            for scope in scopes:
                _modify(result, layer / scope)
    return result


def as_environ(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* as the program sees it: the first ``=`` ends the name, wherever it came from."""
    pairs = (f"{name}={value}".partition("=") for name, value in environment.items())
    return {name: value for name, _, value in pairs}


def _add_roots(environment: dict[str, str], layer: Path, roots: Mapping[str, str]) -> None:
    for variable, folder in roots.items():
        path = layer / folder
        try:
            path.stat()  # a file will do
        except FileNotFoundError:
            continue
        before = environment.get(variable)
        environment[variable] = f"{path}:{before}" if before else str(path)


def _modify(environment: dict[str, str], folder: Path) -> None:
    for file, value in _files(folder):
        name, dot, suffix = file.partition(".")
        before = environment.get(name, "")
        # A name that ends in its dot asks for what the first versions of the specification did by default.
        delimiter = _content(folder / f"{name}.delim", default=":" if file == f"{name}." else "")
        between = delimiter if before else ""
        match suffix if dot else "override":
            case "override":
                environment[name] = value
            case "default":
                environment[name] = before or value
            case "append":
                environment[name] = before + between + value
            case "prepend" | "":
                environment[name] = value + between + before


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    try:
        paths = sorted(folder.iterdir(), key=os.fsencode)
    except FileNotFoundError:
        return
    for path in paths:
        if not path.is_dir():
            yield path.name, os.fsdecode(path.read_bytes())


def _content(path: Path, default: str) -> str:
    try:
        return os.fsdecode(path.read_bytes())
    except OSError:
        return default
