"""Checks that a real tool is at launch only if requested, and does not depend on the machine's settings."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.build.choose.variables import RESERVED_ENV
from layerwright.build.layers.names import STAND_INS
from layerwright.testing.conformance.trial.verdict import fail
from layerwright.testing.conformance.trial.wheels import acme, base, extra
from layerwright.testing.machine import hostile_env
from layerwright.testing.tree import difference, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.testing.conformance.trial.built import Built

__all__ = ["SurroundingsChecks"]


class SurroundingsChecks:
    """The tool is at launch only if requested, and does not depend on the user's home or variables."""

    @pytest.mark.real
    def test_nothing_of_a_build_only_tool_is_available_at_launch(self, built: Built) -> None:
        """No command, variable or path of the tool layer is available at launch."""
        layer = built.sandbox.layers / built.tool_layer
        seen = built.sandbox.seen_at_launch()
        environment = seen["environment"]
        of_layer = {path.name.partition(".")[0] for path in layer.glob("env*/*") if path.is_file()}
        found = [
            *(f"variable {name}" for name, value in environment.items() if str(layer) in value),
            *(
                f"variable {name}"
                for name in sorted(of_layer & environment.keys() - built.sandbox.env.keys())
            ),
            *(f"sys.path: {path}" for path in seen["path"] if str(layer) in path),
            *_commands_at_launch(built, environment["PATH"]),
        ]
        if found:
            fail(
                "Parts of the tool are available at launch, although it is build-only.",
                why="Only the configuration decides what is in the run image.",
                instead="install the tool only into request.layer, and no part of it into the virtual environment.",
                shown=found,
            )

    @pytest.mark.real
    def test_the_tool_works_at_launch_when_asked_for(self, built: Built) -> None:
        """With ``launch = true``, its first command runs there, with a read-only home."""
        outcome = built.build(env={f"{built.setting}LAUNCH": "true"})
        command = built.commands[0]
        nowhere = {"HOME": "/proc/none"}
        done = built.sandbox.layerwright("run", command, "--version", status=None, env=nowhere)
        layer = built.tool_layer
        # With ToolLayer.compiled, that is the same layer with more bytecode.
        is_same = outcome.layers[layer] == "kept" or outcome.reasons(layer) == "bytecode changed"
        if not is_same:
            fail(
                f"With launch = true, the tool layer was {outcome.layers[layer]} and not kept.",
                why="Users set launch = true to use the tool at launch, from the same layer as in the build.",
                instead="return the same ToolLayer; use Scope.LAUNCH for variables that matter only at launch.",
                shown=[outcome.reasons(layer)],
            )
        if done.status:
            fail(
                f"At launch, `{command} --version` ends with status {done.status}.",
                why="Users set launch = true to use the tool at launch.",
                instead="set the variables that it needs in ToolLayer.env; its home may be read-only.",
                shown=done.errors.splitlines(),
            )

    @pytest.mark.real
    def test_a_build_needs_no_home(self, built: Built) -> None:
        """A build writes nothing to the home directory, which may be read-only."""
        home = built.sandbox.home
        home.chmod(0o555)
        before = tree(home)
        built.lock(acme(), base(), extra())
        try:
            built.build()
        finally:
            home.chmod(0o755)
        changed = difference(before, tree(home))
        if changed:
            fail(
                "A build writes into the user's home directory.",
                why="It may be read-only, and its files are in no layer.",
                instead="tell the tool to put its cache into request.cache.",
                shown=changed.splitlines(),
            )
        built.expect(acme(), base(), extra())

    @pytest.mark.real
    def test_a_hostile_environment_makes_no_difference(self, built: Built) -> None:
        """Variables of other tools, wrong programs first in PATH, and the working directory change nothing."""
        wrong = built.sandbox.root / "wrong"
        wrong.mkdir()
        for name in ("pip", "python", "python3", "virtualenv", *built.commands):
            (wrong / name).write_text("#!/bin/sh\necho a wrong program was run: $0 >&2\nexit 1\n")
            (wrong / name).chmod(0o755)
        refused = RESERVED_ENV | built.manager.reserved_env
        hostile = {name: value for name, value in hostile_env().items() if name not in refused}
        built.lock(acme(), base(), extra())
        application, variables = built.sandbox.app.path, {"PATH": f"{wrong}:{built.sandbox.env['PATH']}"}
        built.build(application, env={**hostile, **variables}, cwd=wrong)
        built.expect(acme(), base(), extra())

    @pytest.mark.real
    def test_reserved_variables_are_refused_by_name(self, built: Built) -> None:
        """A build fails at once if a reserved variable is set, and names the variable."""
        reserved = sorted(built.manager.reserved_env)
        if not reserved:
            pytest.skip("it reserves no variable")
        outcome = built.sandbox.build(status=None, env=dict.fromkeys(reserved, "/invalid"))
        unnamed = [name for name in reserved if name not in outcome.errors]
        if not outcome.status or unnamed:
            fail(
                f"A build with reserved variables ends with status {outcome.status} and does not name all of them.",
                why="Users must learn which variables would change the build.",
                instead="name them in reserved_env, as a frozenset.",
                shown=unnamed,
            )


def _commands_at_launch(built: Built, path: str) -> Iterator[str]:
    """Yield each command of the tool that a layer provides at launch, without stand-ins."""
    layers = built.sandbox.layers
    for name in built.commands:
        there = shutil.which(name, path=path)
        # Ignore the machine's own command, such as one in /usr/bin.
        if (
            there
            and Path(there).is_relative_to(layers)
            and not Path(there).is_relative_to(layers / STAND_INS)
        ):
            yield f"command {name}: {there}"
