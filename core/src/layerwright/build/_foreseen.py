"""Predicts, before a build, what plugins will propose once the virtual environment is complete."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from layerwright.build._decide import decide
from layerwright.build._own_commands import own_commands
from layerwright.build.hooks.asking import Asking, installed_names
from layerwright.build.hooks.contributed import describe_layers, unsettled
from layerwright.build.layers import names
from layerwright.build.venv.locked import expected_of
from layerwright.contract.names import normalised_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from layerwright.build._decide import Decision, LayerSpec
    from layerwright.build._specify import Described
    from layerwright.build.choose.prepared import Prepared
    from layerwright.build.hooks.asking import Processes
    from layerwright.build.request import BuildRequest
    from layerwright.contract.values.environment import Expected
    from layerwright.errors import PluginError
    from layerwright.process.command import Command

__all__ = ["Foreseen", "foresee"]


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """Layers, commands after the install and processes, with their origins, and what they are based on.

    ``expected`` is what the build will install; ``None`` if they are based on what is installed now. ``warnings``
    name plugins that could not answer yet.
    """

    layers: tuple[tuple[LayerSpec, Decision], ...]
    processes: Processes
    post_install: tuple[tuple[Command, str], ...]
    expected: Expected | None
    warnings: tuple[str, ...]


def foresee(
    request: BuildRequest,
    prepared: Prepared,
    described: Described,
    compose: Callable[[Sequence[LayerSpec]], Mapping[str, str]],
    *,
    kept: bool,
    settled: bool,
) -> Foreseen:
    """Return what plugins will add; *kept*: the virtual environment will be kept, as far as is known.

    Otherwise plugins are asked with the distributions that the package manager expects to install, and if these are
    uncertain, also with those that are installed now. *settled*: the installed distributions certainly stay the same.
    *compose* returns the build environment of all layers, contributed ones included.
    """
    expected = None if kept else _expected(prepared, described)
    distributions = None
    if expected is not None:
        distributions = frozenset(map(normalised_name, expected.names))
        if expected.uncertain:
            distributions |= installed_names(request, described)
    venv = str(request.layers.layer_path(names.VENV))
    unanswered: list[str] = []

    def pass_over(label: str, error: PluginError) -> bool:
        """Warn instead of raising if a plugin looked for a file in a virtual environment that does not exist yet."""
        missing = error.__cause__
        excused = (
            not kept
            and isinstance(missing, FileNotFoundError | NotADirectoryError)
            and str(missing.filename).startswith(f"{venv}/")
        )
        if excused:
            unanswered.append(
                f"{label} cannot say before the build what it will add: {error.cause}\n"
                "It reads the virtual environment, which does not exist yet."
            )
        return excused

    asking = Asking(
        request=request,
        prepared=prepared,
        described=described,
        environment=compose(()),
        distributions=distributions,
        pass_over=pass_over,
    )
    contributed = describe_layers(asking, asking.layers())
    restored = [request.layers.restored(one.spec.name) for one in contributed]
    layers = tuple(
        (one.spec, decide(last, one.spec)) if settled else unsettled(one, last)
        for one, last in zip(contributed, restored, strict=True)
    )
    if layers:
        asking = replace(asking, environment=compose([spec for spec, _ in layers]))
    return Foreseen(
        layers=layers,
        processes=asking.processes(),
        post_install=(
            *((command, plugin.label) for command, plugin in asking.post_install()),
            *own_commands(prepared.configuration),
        ),
        expected=expected,
        warnings=tuple(unanswered),
    )


def _expected(prepared: Prepared, described: Described) -> Expected | None:
    return expected_of(prepared.manager, described.asked, prepared.label)
