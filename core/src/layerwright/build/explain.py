"""Explains what a build would do and why, without doing it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from layerwright.build._decide import Action, Decision, decide, from_store
from layerwright.build._foreseen import foresee
from layerwright.build._specify import describe
from layerwright.build.changes.since import differences
from layerwright.build.choose.prepare import prepare
from layerwright.build.layers import names
from layerwright.build.notices.launch import launch_warnings
from layerwright.build.notices.stray_files import stray_files
from layerwright.build.patches.separate import DEPENDS
from layerwright.build.report import processes_json
from layerwright.cnb.layers.layer_env import apply_build, apply_launch
from layerwright.config.sources import BUNDLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from layerwright.build._decide import LayerSpec
    from layerwright.build._specify import Described
    from layerwright.build.changes.since import Difference
    from layerwright.build.choose.prepared import Prepared
    from layerwright.build.request import BuildRequest
    from layerwright.config.application import Choice
    from layerwright.config.processes import FoundProcess
    from layerwright.contract.hooks import NotProposed
    from layerwright.contract.values.environment import Expected
    from layerwright.process.command import Command

__all__ = ["ExplainedLayer", "Explanation", "Installed", "explain"]

# The directories of each kind of layer that the lifecycle adds to search paths.
_ROOTS: Final = {
    names.STAND_INS: ("bin",),
    names.PYTHON: ("bin", "lib", "include"),
    names.VENV: ("bin", "lib", "include"),
}
_TOOL_ROOTS: Final = ("bin", "lib")


@dataclass(frozen=True, kw_only=True)
class ExplainedLayer:
    """A specified layer, and the decision about it.

    ``differences`` are the inputs that differ from the last build, as far as they are reasons of the decision.
    ``depends`` is what of a kept layer depends on the patch release of Python, if that is known.
    ``size``, in bytes, is that of the last build; ``None`` if there is no complete layer of it.
    """

    spec: LayerSpec
    path: Path
    decision: Decision
    differences: tuple[Difference, ...] = ()
    size: int | None = None
    depends: Mapping[str, str] | None = None


class Installed(StrEnum):
    """Whether distributions are installed before a build, and whether the build may change them."""

    NOTHING = "nothing"
    PERHAPS_CHANGES = "perhaps-changes"
    STAYS = "stays"


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Every decision of a build.

    ``processes`` and ``post_install`` (each command with its plugin, or where it is configured) are proposals of the
    plugins ``asked``. These are asked with the distributions that are ``expected`` to be installed or, if those are
    unknown or nothing changes, with the installed ones; ``installed`` says whether the build may change these.
    ``not_proposed`` is what they looked for and did not find. ``choice`` says why the application is a directory in
    its source tree. With ``recovers``, the build begins by undoing an interrupted one. ``refused`` is what the policy
    refuses, as far as the lock file alone shows that.
    """

    prepared: Prepared
    layers: tuple[ExplainedLayer, ...]
    dropped: tuple[str, ...]
    launch_environment: Mapping[str, str]
    processes: tuple[FoundProcess, ...]
    not_proposed: tuple[tuple[NotProposed, str], ...] = ()
    warnings: tuple[str, ...] = ()
    post_install: tuple[tuple[Command, str], ...] = ()
    asked: tuple[str, ...] = ()
    installed: Installed
    expected: Expected | None = None
    choice: Choice | None = None
    recovers: bool = False
    refused: tuple[str, ...] = ()

    @property
    def basis(self) -> str:
        """What the proposals of plugins are based on, as text; empty if the build changes nothing of it."""
        plugins, expected = " and ".join(self.asked), self.expected
        if not plugins or self.installed is Installed.STAYS:
            return ""
        if expected is not None and not expected.uncertain:
            return f"The layers, commands and processes of {plugins} are based on what {expected.source} will install."
        if expected is not None:
            now = "" if self.installed is Installed.NOTHING else "what is installed now and on "
            return (
                f"The layers, commands and processes of {plugins} are based on {now}what {expected.source} names."
                f" {expected.uncertain} The build asks again once everything is installed."
            )
        if self.installed is Installed.NOTHING:
            return f"Nothing is installed yet. Once it is, {plugins} may add layers, commands and processes."
        return (
            f"The layers, commands and processes of {plugins} are based on what is installed now."
            " The build asks again, because it may install something else."
        )

    def as_json(self) -> dict[str, Any]:
        """Return the explanation as JSON values; releases may add keys, but never remove any."""
        return {
            "application-directory": self.choice
            and {"name": self.choice.directory, "origin": self.choice.origin},
            **self.prepared.as_json,
            "layers": [
                {
                    "name": layer.spec.name,
                    "path": str(layer.path),
                    "types": layer.spec.types.words.split(", "),
                    "inputs": {**layer.spec.inputs, **layer.spec.content_inputs},
                    DEPENDS: layer.depends,
                    "action": layer.decision.action.name.lower(),
                    "reasons": list(layer.decision.reasons),
                }
                for layer in self.layers
            ],
            "dropped": list(self.dropped),
            "launch-environment": dict(self.launch_environment),
            **processes_json(self.processes, self.not_proposed),
            "post-install": [
                {"command": command.words, "origin": label} for command, label in self.post_install
            ],
            "asked-by-what-is-installed": {"plugins": list(self.asked), "installed": self.installed.value},
            "asked-by-what-is-expected": self.expected
            and {
                "source": self.expected.source,
                "uncertain": self.expected.uncertain,
            },
            "recovers": self.recovers,
            "refused": list(self.refused),
            "warnings": list(self.warnings),
        }


def explain(request: BuildRequest) -> Explanation:
    """Return everything that a build of *request* would do; raise what it would raise before its first change."""
    if BUNDLE in request.environment:
        from layerwright.build.fetch.supply import supplied

        request = supplied(request, verified=False)
    prepared = prepare(request)
    described = describe(request, prepared)
    if request.supply is not None:
        request.supply.check(request, prepared, described)
    layers = tuple(_explained(request, spec, _decision(request, spec)) for spec in described.specs)
    installed = _installed(request, layers)
    foreseen = foresee(
        request,
        prepared,
        described,
        lambda more: _composed(
            request,
            [spec for spec in (*described.specs, *more) if spec.types.build],
            lambda sketches: apply_build(prepared.command_environment, sketches),
        ),
        kept=_is_kept(layers),
        settled=installed is Installed.STAYS,
    )
    described = replace(described, contributed=tuple(spec for spec, _ in foreseen.layers))
    layers += tuple(_explained(request, spec, decision) for spec, decision in foreseen.layers)
    complete = all(layer.decision.action is Action.KEEP for layer in layers if layer.spec.types.launch)
    return Explanation(
        prepared=prepared,
        layers=layers,
        dropped=names.left_over(request.layers.names(), [layer.spec.name for layer in layers]),
        launch_environment=_launch_environment(request, described.specs),
        processes=foreseen.processes.found,
        not_proposed=foreseen.processes.not_proposed,
        post_install=foreseen.post_install,
        asked=prepared.plugins.asked_after_install,
        installed=installed,
        expected=foreseen.expected,
        choice=request.choice,
        refused=_refused(request, prepared, described),
        warnings=(
            *(request.choice.warnings if request.choice else ()),
            *prepared.warnings,
            *stray_files(request.project),
            *described.warnings,
            *foreseen.warnings,
            *foreseen.processes.warnings,
            *launch_warnings(foreseen.processes.found, request, prepared, described, complete=complete),
        ),
    )


def _decision(request: BuildRequest, spec: LayerSpec) -> Decision:
    decision = decide(request.layers.restored(spec.name), spec)
    if request.store is not None and decision.action is Action.CREATE and spec.stored:
        from layerwright.build.store.store import LayerStore

        if LayerStore(request.store, request.layers.path).has(spec):
            return from_store(decision)
    return decision


def _refused(request: BuildRequest, prepared: Prepared, described: Described) -> tuple[str, ...]:
    policy = prepared.configuration.policy
    if policy is None:
        return ()
    from layerwright.build.policy.opening import open_gate
    from layerwright.build.policy.refusal import warning_words
    from layerwright.output.log import Log

    found = open_gate(policy, request, prepared, described, Log()).foresee()
    return tuple(warning_words(one) for one in (*found.refused, *found.warned))


def _explained(request: BuildRequest, spec: LayerSpec, decision: Decision) -> ExplainedLayer:
    restored = request.layers.restored(spec.name)
    metadata = restored.metadata or {}
    size, depends = str(metadata.get("size", "")), metadata.get(DEPENDS)
    differ = (
        *differences(metadata.get("inputs"), spec.inputs),
        *differences(metadata.get("content-inputs"), spec.content_inputs),
    )
    return ExplainedLayer(
        spec=spec,
        path=request.layers.layer_path(spec.name),
        decision=decision,
        differences=tuple(one for one in differ if one.words in decision.reasons),
        size=int(size) if restored.contents and size.isdecimal() else None,
        depends={str(k): str(v) for k, v in depends.items()}
        if decision.action is Action.KEEP and isinstance(depends, Mapping)
        else None,
    )


def _installed(request: BuildRequest, layers: Sequence[ExplainedLayer]) -> Installed:
    if not request.layers.contents_path(names.VENV).is_dir():
        return Installed.NOTHING
    undecided = any(layer.decision.resolves for layer in layers)
    return Installed.STAYS if _is_kept(layers) and not undecided else Installed.PERHAPS_CHANGES


def _is_kept(layers: Iterable[ExplainedLayer]) -> bool:
    return all(layer.decision.action is Action.KEEP for layer in layers if layer.spec.name == names.VENV)


def _launch_environment(request: BuildRequest, specs: Iterable[LayerSpec]) -> dict[str, str]:
    launched = [spec for spec in specs if spec.types.launch]
    return dict(sorted(_composed(request, launched, lambda sketches: apply_launch({}, sketches)).items()))


def _composed(
    request: BuildRequest,
    specs: Sequence[LayerSpec],
    apply: Callable[[list[tuple[str, Path]]], Mapping[str, str]],
) -> dict[str, str]:
    """Compose the environment of layers as a platform does: *apply* is called with empty copies of them."""
    with tempfile.TemporaryDirectory(prefix="layerwright-") as directory:
        sketches = []
        homes: dict[str, str] = {}
        for spec in specs:
            sketch = Path(directory, spec.name)
            for root in _roots(request, spec):
                (sketch / root).mkdir(parents=True)
            for relative, content in spec.env.files().items():
                file = sketch / relative
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            sketches.append((spec.name, sketch))
            homes[str(sketch)] = str(request.layers.layer_path(spec.name))
        environment = dict(apply(sketches))
    for sketch_path, home in homes.items():
        environment = {k: v.replace(sketch_path, home) for k, v in environment.items()}
    return environment


def _roots(request: BuildRequest, spec: LayerSpec) -> tuple[str, ...]:
    if not names.is_plugins(spec.name):
        return _ROOTS.get(spec.name, _TOOL_ROOTS)
    # The commands decide what such a layer contains, so look at the one of the last build.
    contents = request.layers.contents_path(spec.name)
    return tuple(root for root in ("bin", "lib", "include") if (contents / root).is_dir())
