"""Install requirements files or a lock file with uv, with the same result as pip."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from layerwright import EnvironmentInstall, Resolution, Resolved, UserError, normalised_name
from layerwright_pip.environment import sameness
from layerwright_pip.requirement import Kind, parsed
from layerwright_pip.resolution import Repetition
from layerwright_pip.uv_commands import UvCommands
from layerwright_pip.uv_settings import is_on, refuse_what_uv_cannot, uv_arguments, uv_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import EnvironmentRequest
    from layerwright_pip.environment import Said
    from layerwright_pip.requirements_file import Closure

__all__ = ["install_with_uv", "read_lock"]

_UNREPORTED: Final = {Kind.ARCHIVE: "an archive", Kind.DIRECTORY: "a local directory", Kind.URL: "an archive"}
_DIRECT: Final = ("archive", "directory", "vcs")


def install_with_uv(request: EnvironmentRequest, said: Said, inputs: Mapping[str, str]) -> EnvironmentInstall:
    """Return how uv installs the sources of *said* with pip's settings.

    uv does not report the version of every direct reference. Unless that is locked by hash, the environment is
    recreated. The download cache is not kept: it shares hard links with the environment, so a file that was
    altered there would come back from the cache.
    """
    sources, closure, settings = said
    refuse_what_uv_cannot(settings, closure)
    has_lock = bool(sources.locks)
    commands = UvCommands(
        request=request,
        sources=sources,
        arguments=uv_arguments(settings, closure),
        env=uv_environment(settings, closure, project=request.project, environment=request.environment),
        require_hashes=has_lock or closure.hash_checked or is_on(settings, "require-hashes"),
    )
    direct = tuple(
        f"{r.place} is {_UNREPORTED[r.target.kind]}"
        for r in closure.requirements
        if r.target.kind in _UNREPORTED and not r.constraint
    )
    resolution = Resolution(
        command=commands.resolve(),
        read=partial(read_lock, closure=closure, require_hashes=commands.require_hashes),
        converge=Repetition(uninstall=commands.uninstall, install=commands.install()),
    )
    resolves = not sources.is_empty and not (has_lock or direct or closure.unprovable)
    return EnvironmentInstall(
        inputs=inputs,
        commands=(
            *((resolution.command,) if resolves else ()),
            *(() if sources.is_empty else (commands.install(),)),
        ),
        sameness=sameness(
            # With a lock file, uv refuses distributions without a hash.
            locked=sources.is_empty or has_lock or closure.hash_locked,
            resolution=resolution if resolves else None,
            unprovable=closure.unprovable,
            unresolvable=direct,
        ),
        checks=(commands.check(),) if is_on(settings, "no-deps") else (),
        keeps_cache=False,
        warnings=sources.warnings,
    )


def read_lock(text: str, *, closure: Closure, require_hashes: bool) -> tuple[Resolved, ...]:
    """Return the resolved set in *text*, a lock file that uv made from *closure*, sorted by name.

    The hashes are those that the requirements allow, or those of all archives if the requirements have none. uv
    ignores hashes when it resolves, so with *require_hashes* this raises ``UserError`` if one is missing.
    """
    import tomllib

    packages = sorted(tomllib.loads(text).get("packages", ()), key=lambda p: str(p["name"]))
    allowed: dict[str, set[str]] = {}
    for requirement in closure.requirements:
        named = parsed(requirement.text) if requirement.hashes else None
        if named is not None and any(clause.operator == "==" for clause in named.specifier):
            allowed.setdefault(normalised_name(named.name), set()).update(requirement.hashes)
    direct = [p["name"] for p in packages if any(kind in p for kind in _DIRECT)]
    if direct:
        raise UserError(
            "uv does not report the version of a distribution.",
            cause=f"Another distribution requires it by its URL: {', '.join(direct)}.",
            remedy="Let pip install the requirements: remove installer from [tool.layerwright.pip].",
            reference="not-for-uv",
        )
    unhashed = [p["name"] for p in packages if require_hashes and p["name"] not in allowed]
    if unhashed:
        raise UserError(
            "Some requirements have a hash, and others have none.",
            cause=f"Without a version and a hash: {', '.join(unhashed)}.",
            remedy="Add a version (==) and hashes (--hash) to every requirement and dependency, or remove all hashes.",
            reference="requirement-without-hash",
        )
    return tuple(
        Resolved(
            name=package["name"],
            version=package["version"],
            hashes=tuple(sorted(allowed.get(package["name"]) or _hashes(package))),
        )
        for package in packages
    )


def _hashes(package: Mapping[str, Any]) -> set[str]:
    archives = [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]
    return {f"{name}:{value}" for archive in archives for name, value in archive["hashes"].items()}
