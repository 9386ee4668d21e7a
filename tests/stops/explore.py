"""Stops builds and recoveries at each of their changes, and looks at what the next commands make of what is left.

Run as a process of its own, which has one thread and so can be forked. It prints its figures as JSON.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build._decide import Action
from layerwright.build.lock import PRIVATE
from layerwright.local._seals import Seals
from layerwright.local.manifests import Manifests
from layerwright.testing.tree import difference
from tests.stops.application import Application, Version
from tests.stops.faults import Fault, run
from tests.stops.states import copy, identity, layers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from layerwright.testing.tree import Entry

FIRST: Final = Version()
SCENARIOS: Final[dict[str, tuple[Version | None, Version]]] = {
    "first build": (None, FIRST),
    "update": (FIRST, Version(content="2")),
    "another Python": (FIRST, Version(python="2")),
    "another package manager": (FIRST, Version(manager="other", content="2")),
    "another environment variable": (FIRST, Version(environment="2")),
    "clean build": (FIRST, Version(clean=True)),
    "update that fails": (FIRST, Version(content="2", fails=True)),
    "nothing changed": (FIRST, FIRST),
}


@dataclass
class Figures:
    """What was tried: processes that were stopped, states that were left and looked at, and what was wrong."""

    builds_killed: int = 0
    builds_cut: int = 0
    recoveries_killed: int = 0
    recoveries_cut: int = 0
    states: int = 0
    wrong: list[str] = field(default_factory=list)


class Explorer:
    """Explores one scenario in the directory *root*."""

    def __init__(self, root: Path, before: Version | None, target: Version, *, thorough: bool) -> None:
        self._store = root / "states"
        self._work = root / "work"
        self._work.mkdir()
        self._store.mkdir()
        self._app = Application(self._work)
        self._before = before
        self._target = target
        self._thorough = thorough
        self._seen: dict[str, Path] = {}
        self.figures = Figures()
        # What is imported now is not imported in every fork.
        self._app.build(FIRST)
        self._app.launch()
        self._fresh = {v: self._built(v) for v in {before, self._right} if v is not None}

    @property
    def _right(self) -> Version:
        """What is built once nothing stops or fails it."""
        return self._target._replace(fails=False, clean=False)

    def explore(self) -> None:
        """Stop a build at each of its changes, and recoveries from what that leaves at each of theirs, over and over.

        Recoveries of every state are stopped if this is thorough, else one, and one of what it leaves.
        """
        start = self._store / "start"
        self._put(None)
        if self._before is not None:
            version = self._before
            run(lambda: self._app.build(version), self._app.layers)
        copy(self._app.layers, start)
        left = list(self._stopped(start, lambda: self._app.build(self._target), "builds"))
        depth = 0
        while (left := [state for state in left if (state / PRIVATE / "aside").exists()]) and (
            self._thorough or depth < 2
        ):
            states = left if self._thorough else left[-1:]
            left = [new for state in states for new in self._stopped(state, self._app.launch, "recoveries")]
            depth += 1

    def _stopped(self, state: Path, work: Callable[[], object], kind: str) -> Iterator[Path]:
        """Do *work* from *state*, stopped at each of its changes in both ways; return the states that are new."""
        for power in (False, True):
            at, stopped = 1, True
            while stopped:
                self._put(state)
                stopped = run(work, self._app.layers, Fault(at, power)).stopped
                if power and not stopped:
                    self._put(state)
                    run(work, self._app.layers, Fault(0, power))
                at += stopped
                name = f"{kind}_{'cut' if power else 'killed'}"
                setattr(self.figures, name, getattr(self.figures, name) + 1)
                yield from self._new(f"{kind} from {state.name}, {'cut' if power else 'killed'} at {at}")

    def _new(self, words: str) -> Iterator[Path]:
        known = identity(self._app.layers)
        if known not in self._seen:
            state = self._store / f"{len(self._seen)}"
            self._seen[known] = state
            copy(self._app.layers, state)
            self.figures.states += 1
            try:
                self._check(state)
            except AssertionError as error:
                self.figures.wrong.append(f"{words}: {error}")
            yield state

    def _check(self, state: Path) -> None:
        """Check that the last build or the new one can be launched, and that the next build is as a fresh one."""
        # Either of them recovers first.
        for launch_first in (True, False) if self._thorough else (len(self._seen) % 2 == 0,):
            self._put(state)
            run(partial(self._check_next, launch_first=launch_first), self._app.layers)

    def _check_next(self, *, launch_first: bool) -> None:
        if launch_first:
            complete = self._app.launch()
            assert complete or self._before is None, "there is no build to launch"
            seen = layers_of(self._app.layers)
            found = [difference(fresh, seen) for fresh in self._fresh.values()]
            assert "" in found or not complete, f"neither the old nor the new can be launched: {found}"
        self._app.build(self._right)
        self._check_complete()
        built = self._app.build(self._right)
        assert built is not None
        decisions = {c.name: c.decision for c in built.contributions}
        assert all(d.action is Action.KEEP for d in decisions.values()), decisions
        assert self._app.launch()

    def _check_complete(self) -> None:
        layers = self._app.layers
        found = difference(self._fresh[self._right], layers_of(layers))
        assert not found, f"it is not as a fresh one: {found}"
        private = {path.name for path in (layers / PRIVATE).iterdir()}
        assert private <= {"lock", "manifests", "running", "seals", "snapshots", "trash"}, private
        trash = layers / PRIVATE / "trash"
        assert not trash.exists() or not any(trash.iterdir()), "something is left in the trash"
        assert not [path for path in layers.iterdir() if path.name.endswith(".tmp")], (
            "something is left half-written"
        )
        for layer in (path for path in layers.iterdir() if path.is_dir() and path.name[0] not in ".c"):
            seals = Seals(layers / PRIVATE / "seals")
            assert seals.is_sealed(layer.name), f"{layer.name} is not sealed"
            assert seals.altered(layer) == ()
            verified = Manifests(layers / PRIVATE / "manifests").verify(layer)
            assert verified.entries is not None, f"{layer.name} has no manifest"
            assert verified.differences == ()

    def _built(self, version: Version) -> dict[str, Entry]:
        self._put(None)
        run(lambda: self._app.build(version), self._app.layers)
        return layers_of(self._app.layers)

    def _put(self, state: Path | None) -> None:
        copy(state or self._store / "absent", self._app.layers)


def main(names: list[str], *, thorough: bool) -> None:
    """Print the figures of the scenarios *names*, or of all of them."""
    # Forks of forks would double the work.
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})
    memory = Path("/dev/shm")
    figures = {}
    for name in names or SCENARIOS:
        with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as root:
            explorer = Explorer(Path(root), *SCENARIOS[name], thorough=thorough)
            gc.freeze()
            explorer.explore()
            figures[name] = asdict(explorer.figures)
    json.dump(figures, sys.stdout, indent=1)


if __name__ == "__main__":
    main([name for name in sys.argv[1:] if name != "--thorough"], thorough="--thorough" in sys.argv)
