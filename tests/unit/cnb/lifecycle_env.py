"""The lifecycle's own rules for environments, transcribed on files in memory.

What AddRootDir, AddEnvDir and WithOverrides do in https://github.com/buildpacks/lifecycle/blob/main/env/env.go, and
the order in which its builder and its launcher call them. In bytes, as it has them; a path with a slash at the
end is a directory.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

Files = Mapping[str, bytes]
Env = dict[bytes, bytes]

BUILD_ROOTS = (
    ("bin", b"PATH"),
    ("lib", b"LD_LIBRARY_PATH"),
    ("lib", b"LIBRARY_PATH"),
    ("include", b"CPATH"),
    ("pkgconfig", b"PKG_CONFIG_PATH"),
)
LAUNCH_ROOTS = (("bin", b"PATH"), ("lib", b"LD_LIBRARY_PATH"))


def build(env: Env, layers: Mapping[str, Files], base: str) -> Env:
    """For the next buildpack, of layers whose directories are in *base*."""
    changed = dict(env)
    for record in sorted(f"{name}.toml".encode() for name in layers):
        name = record.decode().removesuffix(".toml")
        add_root_dir(changed, f"{base}/{name}", layers[name], BUILD_ROOTS)
        add_env_dir(changed, layers[name], "env")
        add_env_dir(changed, layers[name], "env.build")
    return possible(changed)


def launch(env: Env, layers: Mapping[str, Files], base: str, process_type: str) -> Env:
    """For a process; no process type is a command of the user's own."""
    changed = dict(env)
    names = sorted(layers, key=str.encode)
    for name in names:
        add_root_dir(changed, f"{base}/{name}", layers[name], LAUNCH_ROOTS)
    for name in names:
        add_env_dir(changed, layers[name], "env")
        add_env_dir(changed, layers[name], "env.launch")
        if process_type:
            add_env_dir(changed, layers[name], f"env.launch/{process_type}")
    return possible(changed)


def with_overrides(env: Env, platform: Mapping[bytes, bytes]) -> Env:
    """For a buildpack that does not clear the users' variables out."""
    changed = dict(env)
    roots = [variable for _, variable in BUILD_ROOTS]
    for name in sorted(platform):
        joined = name in roots and changed.get(name)
        changed[name] = b":".join([platform[name], joined]) if joined else platform[name]
    return changed


def add_root_dir(env: Env, path: str, files: Files, roots: tuple[tuple[str, bytes], ...]) -> None:
    for root, variable in roots:
        if any(file == root or file.startswith(f"{root}/") for file in files):
            env[variable] = os.fsencode(f"{path}/{root}") + prefix(env.get(variable), b":")


def add_env_dir(env: Env, files: Files, directory: str) -> None:
    entries = {
        os.fsencode(p[len(directory) + 1 :]): c for p, c in files.items() if p.startswith(f"{directory}/")
    }
    names = sorted(entry for entry in entries if b"/" not in entry)
    for entry in names:
        value, (name, *rest) = entries[entry], entry.split(b".", maxsplit=1)
        suffix = rest[0] if rest else b"override"
        old, delimiter = env.get(name), entries.get(name + b".delim")
        if suffix == b"override":
            env[name] = value
        elif suffix == b"default":
            env[name] = env.get(name) or value
        elif suffix == b"append":
            env[name] = (old + (delimiter or b"") if old else b"") + value
        elif suffix == b"prepend":
            env[name] = value + prefix(old, delimiter or b"")
        elif suffix == b"":
            env[name] = value + prefix(old, b":" if delimiter is None else delimiter)


def prefix(old: bytes | None, delimiter: bytes) -> bytes:
    return delimiter + old if old else b""


def possible(env: Env) -> Env:
    """Leave out what the lifecycle has in its map, but no process can be given under that name."""
    return {name: value for name, value in env.items() if name and b"=" not in name}
