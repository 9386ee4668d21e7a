"""Gathers a bundle: what a build with a network took from it, once the layers are complete."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from layerwright.build._specify import describe
from layerwright.build.choose.prepare import prepare
from layerwright.build.fetch._archives import sources_of
from layerwright.build.fetch._download import Downloads
from layerwright.build.fetch._refusals import holding_secret, not_for_a_bundle
from layerwright.build.fetch.bundle import ARCHIVES, CACHE, INDEX, MANIFEST, PYTHON, Bundle, listed
from layerwright.build.fetch.describe import locked_entries
from layerwright.build.fetch.index import write_index
from layerwright.build.installed.secretless import holds_secret
from layerwright.build.layers.names import VENV
from layerwright.contract.sources.pip import pip_variables_for
from layerwright.contract.values.offline import Offline, OfflineRequest
from layerwright.files.passing import passing_files
from layerwright.files.trees.pack import write_pack
from layerwright.plugins.blame import blaming
from layerwright.plugins.indexes import asked_indexes
from layerwright.plugins.wrong_types import checked_parts
from layerwright.process.runner import Runner
from layerwright.process.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build._specify import Described
    from layerwright.build.choose.prepared import Prepared
    from layerwright.build.request import BuildRequest
    from layerwright.output.log import Log

__all__ = ["Gathering"]


@dataclass(frozen=True, kw_only=True)
class Gathering:
    """The bundle of the build *request*, gathered in the directory *staged*.

    *scratch* is for what is needed meanwhile, *downloads* has the archives of interpreters.
    """

    request: BuildRequest
    staged: Path
    scratch: Path
    downloads: Path

    def check(self) -> None:
        """Raise ``UserError`` if the package manager cannot build the application without a network."""
        prepared = prepare(self.request)
        offline = self._offline(prepared, describe(self.request, prepared))
        if offline.refused:
            raise not_for_a_bundle(prepared.manager.display_name, offline.refused)

    def gather(self, log: Log) -> Bundle:
        """Gather everything after a build of the request, and write the manifest.

        ``CommandFailed``: an archive cannot be downloaded. ``UserError``: the application cannot be built without a
        network. ``SiteError``: a file would contain a credential.
        """
        with passing_files(self.request.report, self.request.environment) as environment:
            return self._gathered(replace(self.request, environment=environment), log)

    def _gathered(self, request: BuildRequest, log: Log) -> Bundle:
        prepared = prepare(request)
        prepared.write_files()
        described = describe(request, prepared)
        offline = self._offline(prepared, described)
        runner = Runner(
            env=prepared.command_environment,
            on_line=log.output,
            on_command=lambda command: log.command(command.words),
            cwd=request.project.root,
        )
        log.heading("Bundle")
        self._download(prepared, described, offline, runner)
        archive = prepared.candidate.inputs.get("archive", "")
        if archive:
            shutil.copyfile(self.downloads / archive, self.staged / PYTHON / archive)
        if offline.cache:
            self._pack_cache(prepared, described)
        write_index(self.staged)
        self._write_pages(request, prepared, described, log)
        bundle = Bundle(
            directory=self.staged,
            layerwright=__version__,
            target=f"{request.target.os}/{request.target.arch}",
            python=prepared.candidate.version,
            python_archive=archive,
            package_manager=prepared.manager.name,
            tools={one.manager.name: one.tool.version for one in described.tools},
            exec_env=request.exec_env,
            locked=locked_entries(prepared, described),
            env={name: self._portable(value) for name, value in offline.env.items()},
            files=listed(self.staged),
        )
        (self.staged / MANIFEST).write_text(bundle.text(), encoding="utf-8")
        if holds_secret(self.staged, since=0):
            raise holding_secret(self.staged)
        return bundle

    def _write_pages(self, request: BuildRequest, prepared: Prepared, described: Described, log: Log) -> None:
        """Write what the indexes say about the distributions, as far as the policy needs it."""
        policy = prepared.configuration.policy
        if policy is None:
            return
        from layerwright.build.policy.indexes.kept import PAGES, pages_text
        from layerwright.build.policy.opening import open_gate
        from layerwright.build.venv.resolved import read_record

        gate = open_gate(policy, request, prepared, described, log)
        pages = gate.pages(read_record(request.layers.layer_path(VENV)))
        (self.staged / INDEX).mkdir(exist_ok=True)
        (self.staged / INDEX / PAGES).write_text(pages_text(pages), encoding="utf-8")

    def _offline(self, prepared: Prepared, described: Described) -> Offline:
        manager, label = prepared.manager, prepared.label
        request = OfflineRequest(
            environment=described.asked,
            archives=self.staged / ARCHIVES,
            index=(self.staged / INDEX).as_uri(),
        )
        with blaming(label, "offline"):
            found = manager.offline(request)
        found = checked_parts(found, Offline, label, "offline")
        urls = asked_indexes(manager, described.asked, label)
        return replace(found, index={**pip_variables_for(urls), **found.index})

    def _download(self, prepared: Prepared, described: Described, offline: Offline, runner: Runner) -> None:
        downloads = Downloads(
            interpreter=described.interpreter,
            archives=self.staged / ARCHIVES,
            scratch=self.scratch,
            environment=prepared.environment,
            cwd=self.request.project.root,
            runner=runner,
        )
        for tool in described.tools:
            downloads.tool(tool)
        if offline.archives:
            sources = sources_of(described, prepared.label)
            name = prepared.manager.display_name
            if sources.remote and not offline.cache:
                raise not_for_a_bundle(
                    name,
                    f"{', '.join(sources.remote)} come from repositories or URLs, not from a package index, and"
                    f" {name} downloads them from there in every build.",
                )
            downloads.distributions(sources.hashed, offline, hashed=True)
            downloads.distributions(sources.loose, offline, hashed=False)
            downloads.of_directories(sources.directories, offline)
        downloads.build_requirements(offline)

    def _pack_cache(self, prepared: Prepared, described: Described) -> None:
        cache = described.asked.cache
        if not cache.is_dir() or not any(cache.iterdir()):
            name = prepared.manager.display_name
            raise not_for_a_bundle(
                name,
                f"{name} left nothing in its download cache, or a credential, so that it was emptied.\n"
                "Keep credentials out of URLs: in a keyring or in netrc.",
            )
        write_pack(cache, self.staged / CACHE)

    def _portable(self, value: str) -> str:
        return value.replace(self.staged.as_uri(), "{bundle-url}").replace(str(self.staged), "{bundle}")
