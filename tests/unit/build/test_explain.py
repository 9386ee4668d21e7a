from __future__ import annotations

import io
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from layerwright import Expected, HookContext, PluginError, ProposedProcess, hookimpl
from layerwright.build._decide import Action
from layerwright.build.explain import Installed, explain
from layerwright.build.phase import build
from layerwright.local._journal import Journal
from layerwright.output.log import Log
from layerwright.plugins.entry_points import PLUGIN_GROUP, EntryPoint
from layerwright.testing.tree import tree
from tests.unit import small
from tests.unit.small import EVIDENCE, PLUGIN, Small, small_request, write_lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from layerwright import EnvironmentRequest
    from layerwright.build._decide import Decision
    from layerwright.build.explain import Explanation
    from layerwright.build.phase import Built


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "layers").mkdir()
    return tmp_path


def build_small(root: Path) -> None:
    build(small_request(root), Log(io.StringIO(), io.StringIO()))


def venv(root: Path) -> Decision:
    return next(layer.decision for layer in explain(small_request(root)).layers if layer.spec.name == "venv")


def test_a_first_build_is_explained_without_a_trace(root: Path) -> None:
    write_lock(root / "app", "acme")
    before = tree(root)

    explanation = explain(small_request(root))

    assert {layer.decision.action for layer in explanation.layers} == {Action.CREATE}
    assert explanation.dropped == ()
    assert tree(root) == before


@pytest.mark.parametrize(
    ("settings", "same", "changed"),
    [
        ({"locked": True, "resolves": True}, Action.KEEP, Action.UPDATE),
        ({"resolves": True}, Action.KEEP, Action.UPDATE),
        ({"converges": True}, Action.KEEP, Action.UPDATE),
        ({}, Action.KEEP, Action.CREATE),
        ({"fresh-because": "it may be another every time"}, Action.CREATE, Action.CREATE),
    ],
)
def test_the_venv_is_decided_as_a_build_would(
    root: Path, settings: dict[str, object], same: Action, changed: Action
) -> None:
    write_lock(root / "app", "acme", **settings)
    build_small(root)

    assert venv(root).action is same
    write_lock(root / "app", "extra", **settings)
    assert venv(root).action is changed


def test_where_a_resolution_decides_the_explanation_says_so(root: Path) -> None:
    write_lock(root / "app", "acme", resolves=True)
    build_small(root)

    assert venv(root).reasons[-1].startswith("resolved first")

    write_lock(root / "app", "acme", resolves=True, locked=True)
    build_small(root)
    assert venv(root).reasons == ("unchanged",)


def test_the_launch_environment_is_that_of_the_layers_that_a_build_would_make(root: Path) -> None:
    write_lock(root / "app", "acme")
    layers = root / "layers"

    environment = explain(small_request(root)).launch_environment

    assert environment["VIRTUAL_ENV"] == f"{layers}/venv"
    assert environment["PATH"].startswith(f"{layers}/venv/bin:{layers}/python/bin:{layers}/")
    assert "tool-small" not in environment["PATH"]

    (root / "app" / "layerwright.toml").write_text("[small]\nlaunch = true\n")
    path = explain(small_request(root)).launch_environment["PATH"]
    assert path == f"{layers}/venv/bin:{layers}/tool-small/bin:{layers}/python/bin"


def test_layers_that_a_build_would_drop_are_named(root: Path) -> None:
    write_lock(root / "app", "acme")
    (root / "layers" / "cache-other").mkdir()

    explanation = explain(small_request(root))

    assert explanation.dropped == ("cache-other",)
    assert explanation.as_json()["dropped"] == ["cache-other"]


def test_the_processes_are_those_of_what_is_installed_now(root: Path) -> None:
    write_lock(root / "app", "acme")
    build_small(root)

    assert explain(small_request(root)).as_json()["processes"] == [
        {
            "type": "acme",
            "command": ["acme"],
            "default": True,
            "origin": "layerwright-small 1.0, because acme is installed",
        }
    ]


def test_a_process_that_needs_an_absent_tool_is_warned_about_before_the_build(root: Path) -> None:
    write_lock(root / "app", "acme")
    (root / "app" / "Procfile").write_text("web: small run acme\n")
    explanation = explain(small_request(root))
    [warning] = explanation.warnings
    assert "Write the command itself, which is on PATH: acme\n" in warning
    assert explanation.as_json()["warnings"] == [warning]


# An explanation is held to the build that follows it.


class Killed(BaseException):
    """The end of a process after which nothing is tidied up."""


class Ending(io.StringIO):
    """A log with whose first line that has *words* the process ends."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def write(self, text: str) -> int:
        if self._words in text:
            raise Killed
        return super().write(text)


class Machine:
    """The application in ``app`` below *root*, which is built as the embedded platform does it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.layers = root / "layers"
        self.settings: dict[str, object] = {"converges": True}

    def lock(self, *installed: str, **settings: object) -> None:
        self.settings = settings or self.settings
        write_lock(self.root / "app", *installed, expected=[*installed], **self.settings)

    def configure(self, text: str) -> None:
        (self.root / "app" / "layerwright.toml").write_text(text)

    def explain(self) -> Explanation:
        request = replace(small_request(self.root), layers=Journal(self.layers).recovered)
        return explain(replace(request, store=self.root / "store"))

    def build(self, log: Log | None = None) -> Built:
        self.layers.mkdir(exist_ok=True)
        journal = Journal(self.layers)
        journal.roll_back()
        journal.begin()
        log = log or Log(io.StringIO(), io.StringIO())
        request = replace(small_request(self.root), layers=journal.layers, store=self.root / "store")
        built = build(request, log)
        journal.commit(changed=built.changed)
        return built

    def kill(self, words: str) -> None:
        """Build, and be killed when the log has *words*."""
        with pytest.raises(Killed):
            self.build(Log(Ending(words)))


def built(machine: Machine, *installed: str, **settings: object) -> None:
    machine.lock(*installed, **settings)
    machine.build()


def first_build(machine: Machine) -> None:
    machine.lock("acme")


def first_build_that_was_killed(machine: Machine) -> None:
    machine.lock("acme")
    machine.kill("install")


def nothing_changed(machine: Machine) -> None:
    built(machine, "acme", "after")


def another_lock(machine: Machine) -> None:
    built(machine, "acme")
    machine.lock("extra")


def another_lock_that_cannot_be_converged_to(machine: Machine) -> None:
    built(machine, "acme", locked=True)
    machine.lock("extra")


def nothing_changed_but_it_is_resolved(machine: Machine) -> None:
    built(machine, "acme", resolves=True)


def another_lock_that_is_resolved(machine: Machine) -> None:
    built(machine, "acme", resolves=True, locked=True)
    machine.lock("extra")


def never_the_same(machine: Machine) -> None:
    built(machine, "acme", **{"fresh-because": "it may be another every time"})


def the_tool_at_launch(machine: Machine) -> None:
    built(machine, "acme")
    machine.configure("[small]\nlaunch = true\n")


def no_cache_any_more(machine: Machine) -> None:
    built(machine, "acme")
    machine.lock("acme", **{"keeps-cache": False, "converges": True})


def a_checkout_and_another_lock(machine: Machine) -> None:
    built(machine, "acme")
    (machine.layers / "venv" / "src").mkdir()
    (machine.layers / ".layerwright" / "seals" / "venv").unlink()
    machine.lock("extra")


def a_checkout_and_a_resolution(machine: Machine) -> None:
    built(machine, "acme", resolves=True)
    (machine.layers / "venv" / "src").mkdir()
    (machine.layers / ".layerwright" / "seals" / "venv").unlink()


def a_file_edited(machine: Machine) -> None:
    built(machine, "acme")
    (machine.layers / "python" / "bin" / "python3.13").write_text("#!/bin/sh\n")


def a_layer_taken_away(machine: Machine) -> None:
    built(machine, "acme")
    shutil.rmtree(machine.layers / "venv")


def a_record_damaged(machine: Machine) -> None:
    built(machine, "acme")
    (machine.layers / "tool-small.toml").write_text("[")


def a_layer_of_another_package_manager(machine: Machine) -> None:
    built(machine, "acme")
    (machine.layers / "tool-other").mkdir()


def killed_in_an_update(machine: Machine) -> None:
    built(machine, "acme", "after")
    machine.lock("extra")
    machine.kill("install")


def killed_in_an_update_that_is_taken_back(machine: Machine) -> None:
    built(machine, "acme", "after")
    machine.lock("extra")
    machine.kill("install")
    machine.lock("acme", "after")


def killed_in_a_creation_that_is_taken_back(machine: Machine) -> None:
    built(machine, "acme", locked=True)
    machine.lock("extra")
    machine.kill("install")
    machine.lock("acme")


def killed_after_the_tool_was_made_again(machine: Machine) -> None:
    built(machine, "acme")
    (machine.layers / "tool-small.toml").unlink()
    machine.configure("[small]\nlaunch = true\n")
    machine.kill("Virtual environment")


def killed_with_layers_that_were_not_there_before(machine: Machine) -> None:
    (machine.root / "app").mkdir(exist_ok=True)
    machine.configure("[small]\nlaunch = true\n")
    built(machine, "acme")
    machine.configure("")
    machine.kill("Virtual environment")


def killed_by_a_power_cut_in_its_beginning(machine: Machine) -> None:
    killed_in_an_update(machine)
    (machine.layers / ".layerwright" / "aside" / "names").write_bytes(b"")


def what_another_application_has_made(machine: Machine) -> None:
    built(machine, "acme")
    shutil.rmtree(machine.layers)


def what_was_changed_in_the_store(machine: Machine) -> None:
    what_another_application_has_made(machine)
    for file in (machine.root / "store").glob("*/contents/bin/*"):
        file.chmod(0o700)


STATES = [
    first_build,
    what_another_application_has_made,
    what_was_changed_in_the_store,
    first_build_that_was_killed,
    nothing_changed,
    another_lock,
    another_lock_that_cannot_be_converged_to,
    nothing_changed_but_it_is_resolved,
    another_lock_that_is_resolved,
    never_the_same,
    the_tool_at_launch,
    no_cache_any_more,
    a_checkout_and_another_lock,
    a_checkout_and_a_resolution,
    a_file_edited,
    a_layer_taken_away,
    a_record_damaged,
    a_layer_of_another_package_manager,
    killed_in_an_update,
    killed_in_an_update_that_is_taken_back,
    killed_in_a_creation_that_is_taken_back,
    killed_after_the_tool_was_made_again,
    killed_with_layers_that_were_not_there_before,
    killed_by_a_power_cut_in_its_beginning,
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_build_does_what_was_explained_before(tmp_path: Path, state: Callable[[Machine], None]) -> None:
    machine = Machine(tmp_path)
    state(machine)
    before = tree(tmp_path)

    explanation = machine.explain()

    assert tree(tmp_path) == before
    built = machine.build()
    done = {contribution.name: contribution.decision for contribution in built.contributions}
    assert list(done) == [layer.spec.name for layer in explanation.layers]
    for layer in explanation.layers:
        if layer.decision.reasons[-1].startswith("resolved first"):
            assert done[layer.spec.name].action in (Action.KEEP, Action.UPDATE)
        else:
            assert done[layer.spec.name] == layer.decision
    assert built.dropped == explanation.dropped
    if explanation.installed is Installed.STAYS or explanation.expected:
        assert built.processes == explanation.processes
        assert built.done_late == bool(explanation.post_install)


def test_what_a_stopped_build_has_done_is_not_what_the_next_one_starts_from(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    killed_in_an_update_that_is_taken_back(machine)

    explanation = machine.explain()

    assert {layer.decision.action for layer in explanation.layers} == {Action.KEEP}
    assert [process.type for process, _ in explanation.processes] == ["acme", "after"]
    assert explanation.as_json()["post-install"] == [
        {"command": "look here", "origin": "layerwright-small 1.0"},
        {"command": "look there", "origin": "layerwright-small 1.0"},
    ]


def test_a_layer_has_the_size_of_the_last_build_and_what_differs_from_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.lock("acme")
    assert {(layer.size, layer.differences) for layer in machine.explain().layers} == {(None, ())}

    done = {one.name: one.size for one in machine.build().contributions}
    machine.lock("extra")

    layers = {layer.spec.name: layer for layer in machine.explain().layers}
    assert {name: layer.size for name, layer in layers.items()} == done
    assert [one.words for one in layers["venv"].differences] == list(layers["venv"].decision.reasons)
    assert not any(layer.differences for name, layer in layers.items() if name != "venv")


def test_a_layer_whose_contents_are_gone_has_no_size(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    a_layer_taken_away(machine)
    assert [layer.spec.name for layer in machine.explain().layers if layer.size is None] == ["venv"]


def test_what_plugins_are_asked_by_what_is_installed_is_reported(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.lock("acme")
    asked = {"plugins": ["layerwright-small 1.0"], "installed": "nothing"}
    assert machine.explain().as_json()["asked-by-what-is-installed"] == asked
    machine.build()
    assert machine.explain().installed is Installed.STAYS
    machine.lock("extra")
    assert machine.explain().installed is Installed.PERHAPS_CHANGES


def test_before_a_build_plugins_are_asked_by_what_is_expected(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.lock("acme", "after")
    write_lock(tmp_path / "app", "acme", "after", expected=["Acme", "after"])

    explanation = machine.explain()

    assert [process.type for process, _ in explanation.processes] == ["acme", "after"]
    assert [command.words for command, _ in explanation.post_install] == ["look here", "look there"]
    assert explanation.as_json()["asked-by-what-is-expected"] == {
        "source": "small.lock",
        "uncertain": "",
    }
    # Nothing is there yet that could be looked for.
    assert explanation.warnings == ()
    built = machine.build()
    assert built.processes == explanation.processes
    assert built.done_late


def test_what_is_installed_counts_as_well_where_what_is_expected_is_uncertain(root: Path) -> None:
    write_lock(root / "app", "acme", expected=["direct"], uncertain="More may come.")
    assert [process.type for process, _ in explain(small_request(root)).processes] == ["direct"]
    build_small(root)
    write_lock(root / "app", "acme", "extra", expected=["direct"], uncertain="More may come.")
    assert [process.type for process, _ in explain(small_request(root)).processes] == ["acme", "direct"]


def test_where_the_environment_is_kept_plugins_are_asked_by_what_is_installed(root: Path) -> None:
    write_lock(root / "app", "acme", expected=["another"])
    build_small(root)

    explanation = explain(small_request(root))

    assert [process.type for process, _ in explanation.processes] == ["acme"]
    assert explanation.as_json()["asked-by-what-is-expected"] is None


READING = EntryPoint(PLUGIN_GROUP, "reading", "tests.unit.reading", "layerwright-reading", "2.0")


def test_a_plugin_that_reads_the_environment_before_it_is_made_is_passed_over(root: Path) -> None:
    write_lock(root / "app", "acme", expected=["acme"])
    (root / "app" / "reads").write_text("lib/settings.ini")
    request = small_request(root, entry_points=(PLUGIN, EVIDENCE, READING))

    explanation = explain(request)

    assert [process.type for process, _ in explanation.processes] == ["acme"]
    [warning] = explanation.warnings
    file = root / "layers" / "venv" / "lib" / "settings.ini"
    assert warning == (
        "layerwright-reading 2.0 cannot say before the build what it will add: layerwright_processes raised"
        f" FileNotFoundError: [Errno 2] No such file or directory: '{file}'\n"
        "It reads the virtual environment, which does not exist yet."
    )


def test_a_plugin_that_fails_otherwise_fails_the_explanation_as_it_will_the_build(root: Path) -> None:
    write_lock(root / "app", "acme", expected=["acme"])
    (root / "app" / "reads").write_text(str(root / "nowhere"))
    request = small_request(root, entry_points=(PLUGIN, EVIDENCE, READING))
    with pytest.raises(PluginError, match="defect in layerwright-reading"):
        explain(request)


def test_a_plugin_that_does_not_find_its_file_in_a_kept_environment_has_a_defect(root: Path) -> None:
    write_lock(root / "app", "acme")
    build_small(root)
    (root / "app" / "reads").write_text("lib/settings.ini")
    request = small_request(root, entry_points=(PLUGIN, EVIDENCE, READING))
    with pytest.raises(PluginError, match="defect in layerwright-reading"):
        explain(request)


class Expects(Small):
    def expects(self, request: EnvironmentRequest) -> Expected | None:
        if request.project.exists("raises"):
            raise KeyError("x")
        return Expected(names=["acme"], source="")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "words"), [("raises", "expects raised KeyError"), ("returns", "Expected.names is a list")]
)
def test_what_goes_wrong_in_what_a_package_manager_expects_is_its_defect(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.setattr(small, "Small", Expects)
    write_lock(root / "app", "acme")
    (root / "app" / name).touch()
    with pytest.raises(PluginError) as caught:
        explain(small_request(root))
    assert words in caught.value.cause


def test_plugins_see_the_environment_that_they_will_see_in_the_build(root: Path) -> None:
    seen: list[dict[str, str]] = []

    class Looking:
        @hookimpl
        def layerwright_processes(self, context: HookContext) -> list[ProposedProcess]:
            seen.append(dict(context.environment))
            return []

    looking = EntryPoint(PLUGIN_GROUP, "looking", "looking", "layerwright-looking", "1.0", Looking())
    write_lock(root / "app", "acme", expected=["acme"])
    request = small_request(root, entry_points=(PLUGIN, EVIDENCE, looking))

    explain(request)
    build(request, Log(io.StringIO(), io.StringIO()))

    # The layers of this package manager have few of the directories that search paths get.
    explained, built = ({k: v for k, v in one.items() if not k.endswith("PATH")} for one in seen)
    assert {k: v for k, v in explained.items() if k != "TMPDIR"} == {
        k: v for k, v in built.items() if k != "TMPDIR"
    }
    assert built["PYTHONUTF8"] == "1"
