"""Builds from a bundle: the interpreter, the tools, the archives and the download cache come from there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.build.fetch._only import OnlyVersion
from layerwright.build.fetch._refusals import changed_since, damaged, for_another
from layerwright.build.fetch.bundle import CACHE, INDEX, PYTHON, read_bundle
from layerwright.build.fetch.describe import locked_entries
from layerwright.config.sources import BUNDLE
from layerwright.files.removal import remove_tree
from layerwright.pythons.provider import minor_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright.build._specify import Described
    from layerwright.build.choose.prepared import Prepared
    from layerwright.build.fetch.bundle import Bundle
    from layerwright.build.policy.indexes.index import Page
    from layerwright.build.policy.rule import Asked
    from layerwright.build.request import BuildRequest
    from layerwright.config.models import PythonSettings
    from layerwright.pythons.provider import Provider

__all__ = ["Supply", "supplied"]


@dataclass(frozen=True, kw_only=True)
class Supply:
    """What a build takes from *bundle*, and from no network."""

    bundle: Bundle

    @property
    def words(self) -> tuple[str, ...]:
        """What the bundle has, as text for the log."""
        bundle = self.bundle
        has = [
            f"Python {bundle.python}"
            if bundle.python_archive
            else f"no interpreter (Python {bundle.python})",
            *(f"{name} {version}" for name, version in sorted(bundle.tools.items())),
            bundle.archives_words,
            *(["the download cache"] if bundle.cache else []),
        ]
        return (f"From the bundle at {bundle.directory}, without a network: {', '.join(has)}",)

    def variables(self, request: BuildRequest, prepared: Prepared, described: Described) -> Mapping[str, str]:
        """Return the variables for every command, after :meth:`check`."""
        self.check(request, prepared, described)
        return self.bundle.variables()

    def check(self, request: BuildRequest, prepared: Prepared, described: Described) -> None:
        """Raise ``UserError`` if the bundle lacks something that the build needs, before anything is installed."""
        bundle, manager = self.bundle, prepared.manager
        if manager.name != bundle.package_manager:
            raise for_another(
                bundle.directory,
                f"It is for {bundle.package_manager}, and the application is built with {manager.name}.",
            )
        if request.exec_env != bundle.exec_env:
            raise for_another(
                bundle.directory,
                f"It is for the execution environment {bundle.exec_env}, not {request.exec_env}.",
            )
        for tool in described.tools:
            name, version = tool.manager.name, tool.tool.version
            if bundle.tools.get(name) != version:
                raise for_another(
                    bundle.directory,
                    f"It has {name} {bundle.tools.get(name, 'not at all')}, and the build needs {version}.",
                    f"Install Layerwright {bundle.layerwright} here, which fetched it, with the same plugins.",
                )
        now = locked_entries(prepared, described)
        missing = sorted(set(now) - set(bundle.locked))
        if missing:
            raise changed_since(bundle.directory, missing)

    def pages(self) -> Mapping[Asked, Page]:
        """Return what package indexes said about the distributions when the bundle was fetched under a policy."""
        from layerwright.build.policy.indexes.kept import PAGES, read_pages

        return read_pages(self.bundle.directory / INDEX / PAGES)

    def fill_cache(self, layer: Path) -> None:
        """Fill the empty directory *layer* with the download cache."""
        from layerwright.files.trees.pack import PackError, unpack

        cache = self.bundle.cache
        if cache is not None:
            remove_tree(layer)
            try:
                unpack(self.bundle.directory / CACHE, layer, cache.sha256)
            except PackError as error:
                raise damaged(self.bundle.directory, f"{CACHE}: {error}.") from error

    def providers(self, settings: PythonSettings, request: BuildRequest) -> Sequence[Provider]:
        """Return the sources of interpreters, which have only the version of the bundle."""
        bundle = self.bundle
        if bundle.python_archive and settings.provider != "system":
            mirror = (bundle.directory / PYTHON).as_uri()
            settings = replace(settings, provider="standalone", mirror=mirror)
            exactly = bundle.python
        else:
            # Wheels are for a minor version.
            exactly = minor_of(bundle.python)
        return [OnlyVersion(one, exactly, bundle.directory) for one in request.providers(settings)]


def supplied(request: BuildRequest, *, verified: bool = True) -> BuildRequest:
    """Return *request* with the bundle that its environment names, if it does; *verified*: its files are read.

    ``UserError``, ``SiteError``: the bundle cannot be used.
    """
    named = request.environment.get(BUNDLE, "").strip()
    if not named:
        return request
    bundle = read_bundle(Path(named).resolve())
    if bundle.target != f"{request.target.os}/{request.target.arch}":
        here = f"{request.target.os}/{request.target.arch}"
        raise for_another(bundle.directory, f"It is for {bundle.target}, and the build is for {here}.")
    if verified:
        bundle.verify()
    supply = Supply(bundle=bundle)
    return replace(request, supply=supply, providers=lambda settings: supply.providers(settings, request))
