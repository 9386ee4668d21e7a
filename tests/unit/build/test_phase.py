from __future__ import annotations

import io
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import layerwright
from layerwright.build._contribute import Contribution
from layerwright.build._decide import Action, Decision
from layerwright.build.notices.libraries import Needs
from layerwright.build.phase import Built, build
from layerwright.cnb.launch import read_launch
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.errors import CommandFailed, PluginError, UserError
from layerwright.files.trees.tree import tree_of
from layerwright.output.log import Log
from layerwright.output.verbosity import Verbosity
from layerwright.plugins.entry_points import PLUGIN_GROUP, EntryPoint
from tests.unit.small import EVIDENCE, PLUGIN, Small, small_request, write_lock
from tests.unit.tiny import TINY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright.pythons.interpreter import Interpreter


class Builder:
    """Builds the application below *root* again and again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.app = root / "app"
        self.log = ""

    def build(
        self,
        *entry_points: EntryPoint,
        today: date = date(2026, 11, 1),
        environment: Mapping[str, str] | None = None,
        verbosity: Verbosity = Verbosity.VERBOSE,
        output: bool = True,
        store: Path | None = None,
    ) -> Built:
        stream = io.StringIO()
        (self.root / "layers").mkdir(exist_ok=True)
        request = small_request(
            self.root,
            environment=environment,
            entry_points=entry_points or (PLUGIN, EVIDENCE),
            today=today,
        )
        if not output:
            request = replace(request, output=None)
        request = replace(request, store=store)
        try:
            return build(request, Log(stream, stream, verbosity=verbosity))
        finally:
            self.log = stream.getvalue()

    def venv(self) -> str:
        """Build and return what became of the venv layer."""
        return next(c.decision.action.value for c in self.build().contributions if c.name == "venv")


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    return Builder(tmp_path)


def test_the_log_tells_the_build_in_order(builder: Builder) -> None:
    write_lock(builder.app, "acme")

    built = builder.build()

    headings = [line for line in builder.log.splitlines() if line and not line.startswith(" ")]
    assert headings == ["Package manager", "Python", "Small 1", "Virtual environment"]
    assert "  Small, because small.lock exists\n" in builder.log
    assert "  $ get small\n    installing\n" in builder.log
    assert [c.name for c in built.contributions if c.name != "absent-tools"] == [
        "python",
        "tool-small",
        "cache-small",
        "venv",
    ]


def test_a_compact_log_has_a_line_for_each_layer_and_what_changed_in_the_environment(
    builder: Builder,
) -> None:
    write_lock(builder.app, "acme", "base")
    builder.build(verbosity=Verbosity.COMPACT)
    after = builder.log.partition("Virtual environment\n")[2].split("\n")
    assert after[0] == "  Creating layer venv: first build"
    assert after[1].startswith("  Layer venv created: ")
    assert after[2:4] == ["  + acme 1", "  + base 1"]
    assert "get small" not in builder.log
    assert "installing" not in builder.log

    write_lock(builder.app, "base", "more", converges=True)
    builder.build(verbosity=Verbosity.COMPACT)
    assert "  - acme 1\n  + more 1\n" in builder.log

    builder.build(verbosity=Verbosity.COMPACT)
    assert "Virtual environment\n  Layer venv kept: unchanged\n  Warning: " in builder.log


def test_what_commands_print_is_in_a_file_that_a_later_build_replaces(builder: Builder) -> None:
    write_lock(builder.app, "after")
    builder.build(verbosity=Verbosity.COMPACT)
    file = builder.root / "layers" / "output.log"
    assert file.read_text().startswith("$ get small\ninstalling\n$ ")
    assert f"\n$ look here\nhere: {builder.app}\n" in file.read_text()
    assert "  $ look here\n  $ look there\n" in builder.log
    builder.build(verbosity=Verbosity.COMPACT)
    assert file.read_text().startswith(f"$ look here\nhere: {builder.app}\n")


@pytest.mark.parametrize(
    ("verbosity", "output", "where"),
    [
        (Verbosity.VERBOSE, True, []),
        (Verbosity.COMPACT, True, ["All of its output is in {root}/layers/output.log"]),
        (Verbosity.QUIET, True, ["All of its output is in {root}/layers/output.log"]),
        (Verbosity.COMPACT, False, ["To see all of its output, build with LAYERWRIGHT_LOG=verbose."]),
    ],
)
def test_a_failure_has_the_end_of_the_output_that_the_log_does_not_show(
    builder: Builder, verbosity: Verbosity, output: bool, where: list[str]
) -> None:
    write_lock(builder.app, "acme")
    lines = "; ".join(f"echo line {number}" for number in range(30))
    (builder.app / "layerwright.toml").write_text(f"[build]\ncommands = [\"sh -c '{lines}; exit 3'\"]\n")
    with pytest.raises(CommandFailed) as caught:
        builder.build(verbosity=verbosity, output=output)
    origin = "layerwright.toml: build.commands[0] configures it."
    end = ["The end of its output:", *(f"  line {number}" for number in range(10, 30))]
    shown = [*end, *(line.format(root=builder.root) for line in where)] if where else ["Its output is above."]
    assert caught.value.cause.split("\n") == [origin, *shown]
    assert ("    line 29\n" in builder.log) == (not where)


def test_what_plugins_propose_are_processes_and_the_procfile_wins(builder: Builder) -> None:
    write_lock(builder.app, "acme", "web")
    (builder.app / "Procfile").write_text("web: serve\n")

    built = builder.build()

    assert [(p.type, p.command, origin) for p, origin in built.processes] == [
        ("acme", ("acme",), "layerwright-small 1.0, because acme is installed"),
        ("web", ("serve",), "Procfile"),
    ]
    assert read_launch(builder.root / "layers" / "launch.toml") == tuple(p for p, _ in built.processes)


def test_processes_for_another_execution_environment_are_left_out(builder: Builder) -> None:
    write_lock(builder.app, "all", "here-for-production", "there-for-test")

    built = builder.build()

    assert [(p.type, p.exec_env) for p, _ in built.processes] == [("all", ()), ("here-for-production", ())]


def test_commands_after_the_install_run_in_the_application_or_where_they_say(builder: Builder) -> None:
    write_lock(builder.app, "after")

    builder.build()

    assert "After the install\n  $ look here\n" in builder.log
    assert f"here: {builder.app}\n" in builder.log
    assert f"there: {builder.root / 'layers' / 'venv'}\n" in builder.log


def test_libraries_that_are_missing_are_told_where_something_was_installed(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def library_needs(
        site_packages: Path, interpreter: Interpreter, directories: Sequence[Path], *, launches_here: bool
    ) -> Needs:
        asked.append((site_packages, directories, launches_here))
        return Needs("They lack libacme.", "They need libc.")

    monkeypatch.setattr("layerwright.build.notices.libraries.library_needs", library_needs)
    write_lock(builder.app, "acme")
    builder.build(environment={"LD_LIBRARY_PATH": "/opt/lib:"})
    assert "\n  Warning: They lack libacme.\n  They need libc.\n" in builder.log
    layers = builder.root / "layers"
    [(site_packages, directories, launches_here)] = asked
    assert site_packages.is_relative_to(layers / "venv")
    assert {layers / "python" / "lib", layers / "venv" / "lib", Path("/opt/lib")} <= {*directories}
    assert layers / "tool-small" / "lib" not in directories
    assert not launches_here

    builder.build(environment={"LD_LIBRARY_PATH": "/opt/lib:"})
    assert len(asked) == 1
    assert "libacme" not in builder.log


def test_a_command_after_the_install_that_fails_names_its_plugin(builder: Builder) -> None:
    write_lock(builder.app, "after", "fails-after")
    with pytest.raises(CommandFailed) as caught:
        builder.build()
    assert caught.value.summary == "fail there ended with status 3."
    assert caught.value.cause.startswith("layerwright-small 1.0 runs it after the installation.\n")
    assert (caught.value.remedy, caught.value.returncode) == (("Try again.",), 3)


def test_commands_after_the_install_have_the_secrets_of_the_application_and_not_those_of_installers(
    builder: Builder,
) -> None:
    write_lock(builder.app, "after", index="https://${TOKEN}@example.com/simple")
    environment = {
        "DATABASE_URL": "postgres://me:letmein42@example.com/db",
        "PIP_EXTRA_INDEX_URL": "https://me:letmein43@example.com/simple",
        "SMALL_PASSWORD": "letmein44",
        "SMALL_COLOR": "red",
        "TOKEN": "letmein45",
    }
    builder.build(environment=environment)
    seen = builder.log.partition("After the install\n")[2]
    assert sorted(name for name in environment if f" {name}=" in seen) == ["DATABASE_URL", "SMALL_COLOR"]


def test_commands_after_the_install_may_have_changed_the_venv(builder: Builder) -> None:
    write_lock(builder.app, "after")
    assert builder.build().changed == {"absent-tools", "cache-small", "python", "tool-small", "venv"}
    assert builder.build().changed == {"venv"}
    write_lock(builder.app, "acme")
    builder.build()
    assert builder.build().changed == set()


def test_downloads_that_are_of_no_use_later_are_gone_when_the_build_is_done(builder: Builder) -> None:
    for keeps, dropped in ((True, ()), (False, ("cache-small",)), (False, ())):
        write_lock(builder.app, "acme", **{"keeps-cache": keeps})
        built = builder.build()
        assert (builder.root / "layers" / "cache-small" / "downloads").exists() is keeps
        assert ("cache-small" in [c.name for c in built.contributions]) is keeps
        assert built.dropped == dropped


def test_downloads_that_builds_share_are_in_the_store_and_in_no_layer(builder: Builder) -> None:
    shared = {"name": "small", "entries": "archives/*", "links": ["downloads"], "outdated": "hash"}
    place = builder.root / "store" / "downloads" / "small"
    for installed in ("acme", "base"):
        write_lock(builder.app, installed, **{"keeps-cache": False, "shares": shared})
        built = builder.build(store=builder.root / "store")
        assert [path.name for path in (place / "cache").iterdir()] == ["downloads"]
        assert (place / "complete").exists()
        assert not os.path.lexists(builder.root / "layers" / "cache-small")
        assert "cache-small" not in [c.name for c in built.contributions]


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("killed", [True, False])
def test_downloads_outlast_a_command_that_fails_and_not_one_that_is_killed(
    builder: Builder, keeps: bool, killed: bool
) -> None:
    cache = builder.root / "layers" / "cache-small"
    write_lock(builder.app, "bad/name", **{"keeps-cache": keeps, "killed": killed})
    with pytest.raises(CommandFailed):
        builder.build()
    (cache / "downloads" / "archive").touch()

    write_lock(builder.app, "bad/name", **{"keeps-cache": keeps})
    with pytest.raises(CommandFailed):
        builder.build()

    assert (cache / "downloads").is_dir()
    assert (cache / "downloads" / "archive").exists() is not killed


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("small run gunicorn app:app", "Write the command itself, which is on PATH: gunicorn app:app"),
        ("small run serve -b :$PORT", "Write the command itself, which is on PATH: serve -b :$PORT"),
        ("ROLE=web small run serve", "Write the command itself, which is on PATH: serve"),
        ("small run app.py --loud", "Write the command itself, which is on PATH: python app.py --loud"),
        (
            "small run --with more serve",
            "Write the command itself, without `small run` and its options: it is on PATH.",
        ),
    ],
)
def test_a_process_that_a_tool_starts_which_is_missing_at_launch_is_a_warning(
    builder: Builder, line: str, instead: str
) -> None:
    write_lock(builder.app)
    (builder.app / "Procfile").write_text(f"web: {line}\nother: env run x\n")
    builder.build()
    assert builder.log.count("Warning:") == 1
    assert "The process web (Procfile) is started by Small, which is not available at launch." in builder.log
    assert f"  {instead}\n" in builder.log
    assert "layerwright config set small.launch true\n" in builder.log


def test_a_process_may_be_started_by_a_tool_that_is_available_at_launch(builder: Builder) -> None:
    write_lock(builder.app)
    (builder.app / "Procfile").write_text("web: small run gunicorn app:app\n")
    (builder.app / "layerwright.toml").write_text("[small]\nlaunch = true\n")
    builder.build()
    assert "Warning:" not in builder.log


def test_the_tool_of_another_package_manager_is_made_before_the_one_that_uses_it(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Small, "helper", "tiny")
    write_lock(builder.app, "acme")
    builder.build(PLUGIN, EVIDENCE, TINY)
    assert builder.log.index("Tiny 7\n  Creating layer tool-tiny") < builder.log.index("Small 1\n")


def test_a_layer_that_no_longer_belongs_is_dropped_and_told(builder: Builder) -> None:
    write_lock(builder.app, "acme")
    builder.build()
    (builder.root / "layers" / "tool-other").mkdir()

    assert builder.build().dropped == ("tool-other",)
    assert not (builder.root / "layers" / "tool-other").exists()


def test_a_broken_plugin_that_has_no_part_is_a_warning(builder: Builder) -> None:
    write_lock(builder.app, "acme")
    broken = EntryPoint(PLUGIN_GROUP, "broken", "no.such.module", "layerwright-broken", "2.0")
    (builder.app / "layerwright.toml").write_text('package-manager = "small"\n')

    builder.build(PLUGIN, EVIDENCE, broken)

    assert "Warning: layerwright-broken 2.0 could not be loaded and is ignored." in builder.log
    assert "ModuleNotFoundError" in builder.log


def test_an_application_stays_buildable_without_a_plugin_that_it_configures(builder: Builder) -> None:
    write_lock(builder.app, "acme")
    other = EntryPoint(PLUGIN_GROUP, "other", "no.such.module", "layerwright-other", "2.0")
    (builder.app / "layerwright.toml").write_text("[other]\nanything = true\n")
    with pytest.raises(PluginError):
        builder.build(PLUGIN, EVIDENCE, other)
    for name in ("other", "layerwright-other"):
        builder.build(PLUGIN, EVIDENCE, other, environment={"LAYERWRIGHT_DISABLE_PLUGINS": name})
    assert "left out" not in builder.log


def test_what_is_to_be_disabled_and_is_missing_is_a_warning(builder: Builder) -> None:
    write_lock(builder.app, "acme")

    builder.build(environment={"LAYERWRIGHT_DISABLE_PLUGINS": "smal"})

    assert "Warning: LAYERWRIGHT_DISABLE_PLUGINS names smal, which is not installed." in builder.log


@pytest.mark.parametrize(
    ("settings", "same", "changed"),
    [
        ({"locked": True, "resolves": True}, "kept", "updated"),
        ({"resolves": True}, "kept", "updated"),
        ({"converges": True}, "kept", "updated"),
        ({}, "kept", "created"),
        ({"resolves": True, "fresh-because": "it may be another every time"}, "created", "created"),
    ],
)
def test_what_becomes_of_the_venv_is_what_its_manager_can_prove(
    builder: Builder, settings: dict[str, object], same: str, changed: str
) -> None:
    write_lock(builder.app, "acme", **settings)
    assert builder.venv() == "created"

    assert builder.venv() == same
    write_lock(builder.app, "acme", "extra", **settings)

    assert builder.venv() == changed
    site_packages = builder.root / "layers" / "venv" / "lib" / "python3.13" / "site-packages"
    assert sorted(path.name for path in site_packages.iterdir()) == ["acme-1.dist-info", "extra-1.dist-info"]


def test_a_build_that_fails_leaves_no_record_of_the_layer_it_was_at(builder: Builder) -> None:
    write_lock(builder.app, "bad/name")

    with pytest.raises(CommandFailed):
        builder.build()

    layers = builder.root / "layers"
    assert (layers / "tool-small.toml").exists()
    assert not (layers / "venv.toml").exists()
    assert not (layers / "launch.toml").exists()


def test_a_python_past_its_end_of_life_is_a_warning(builder: Builder) -> None:
    write_lock(builder.app, "acme")

    builder.build()
    assert "end of life" not in builder.log

    builder.build(today=date(2040, 1, 1))
    assert "Warning: Python 3.13 has had no security fixes since" in builder.log
    assert "Move to a newer one: default decides." in builder.log


@pytest.mark.parametrize("reference", ["distribution-not-built", "not-for-this-python", "no-such-version"])
@pytest.mark.parametrize("named", [True, False])
def test_a_failure_that_another_python_may_not_have_says_that_a_default_chose_this_one(
    builder: Builder, reference: str, named: bool
) -> None:
    write_lock(builder.app, "acme", fails=reference)
    if named:
        (builder.app / ".python-version").write_text("3.13\n")
    with pytest.raises(CommandFailed) as caught:
        builder.build()
    assert caught.value.reference == reference
    words = "No file names a Python version, so Python 3.13 was chosen."
    assert (words in caught.value.cause) is not named


@pytest.mark.parametrize(
    "reference", ["hash-mismatch", "index-login", "index-unreachable", "repository-access"]
)
def test_other_failures_do_not_mention_the_default_python(builder: Builder, reference: str) -> None:
    write_lock(builder.app, "acme", fails=reference)
    with pytest.raises(CommandFailed) as caught:
        builder.build()
    assert caught.value.reference == reference
    assert "Python version" not in caught.value.cause


def test_a_failure_without_a_diagnosis_does_not_blame_the_default_python(builder: Builder) -> None:
    write_lock(builder.app, "bad/name")
    with pytest.raises(CommandFailed) as caught:
        builder.build()
    assert "Python version" not in caught.value.cause


def test_a_source_tree_that_cannot_be_written_to_has_its_bytecode_in_the_directory_of_the_request(
    tmp_path: Path,
) -> None:
    write_lock(tmp_path / "app")
    (tmp_path / "layers").mkdir()
    (tmp_path / "app" / "a.py").touch()
    stream = io.StringIO()
    request = replace(small_request(tmp_path), bytecode=tmp_path / "bytecode")
    build(request, Log(stream, stream))
    # The interpreter, a script, compiles nothing.
    assert stream.getvalue().endswith(
        "\nModules of the application\n  $ compile bytecode\n  With bytecode: 0 (0 compiled now)\n"
        "  Not valid in Python 3.13, so without bytecode: a.py\n"
    )
    assert not list(tmp_path.rglob("__pycache__"))
    assert (tmp_path / "bytecode" / "prefix").is_dir()


POLICY = """\
[policy]
hashes = "required"
licences.allowed = ["MIT"]

[[policy.exceptions]]
distribution = "*"
rule = "licences"
reason = "they are ours"
expires = 2026-11-30
"""


def test_what_is_installed_is_held_to_the_policy_and_an_expired_exception_ends_an_unchanged_build(
    builder: Builder,
) -> None:
    write_lock(builder.app, "acme")
    builder.app.joinpath("layerwright.toml").write_text(POLICY)
    builder.build(environment={"LAYERWRIGHT_POLICY_BUILD": "never"})
    assert "  Policy: build = never, from LAYERWRIGHT_POLICY_BUILD (of the environment)\n" in builder.log
    assert "acme 1: its metadata has no licence. Allowed until 2026-11-30" in builder.log

    builder.build(environment={"LAYERWRIGHT_POLICY_BUILD": "never"})
    assert "Policy:" not in builder.log

    with pytest.raises(UserError, match="The policy refuses a distribution") as raised:
        builder.build(environment={"LAYERWRIGHT_POLICY_BUILD": "never"}, today=date(2026, 12, 1))
    assert "expired: until 2026-11-30 by layerwright.toml: policy.exceptions[0]" in raised.value.cause


def test_what_is_not_locked_is_refused_before_it_is_installed(builder: Builder) -> None:
    write_lock(builder.app, "acme", resolves=True, expected=["acme"])
    with pytest.raises(UserError, match="The policy refuses a distribution"):
        builder.build(environment={"LAYERWRIGHT_POLICY_HASHES": "required"})
    assert "$ install" not in builder.log


def test_what_commands_after_the_install_add_is_held_to_the_policy_as_well(builder: Builder) -> None:
    write_lock(builder.app)
    add = "cd ../layers/venv/lib/python3.13/site-packages && mkdir new-1.dist-info && cd new-1.dist-info"
    write = "printf 'Name: new\\\\nVersion: 1\\\\n\\\\n' > METADATA && : > RECORD"
    builder.app.joinpath("layerwright.toml").write_text(
        f'[policy]\nlicences.allowed = ["MIT"]\n[build]\ncommands = ["{add} && {write}"]\n'
    )
    with pytest.raises(UserError, match="The policy refuses a distribution"):
        builder.build()


def forbid(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """Make it an error to import any module of *packages* of core."""
    for package in packages:
        place = Path(layerwright.__path__[0], *package.split("."))
        for file in place.rglob("*.py"):
            name = ".".join(("layerwright", *file.relative_to(layerwright.__path__[0]).with_suffix("").parts))
            monkeypatch.setitem(sys.modules, name.removesuffix(".__init__"), None)


def test_without_a_policy_none_of_it_is_imported(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid(monkeypatch, "build.policy", "config.policy", "build.audit")
    write_lock(builder.app, "acme")
    builder.build()
    builder.build()


def test_an_unchanged_build_opens_no_gate(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    write_lock(builder.app, "acme")
    builder.app.joinpath("layerwright.toml").write_text('[policy]\nhashes = "required"\n')
    builder.build()
    needed = {
        name: sys.modules[name] for name in ("layerwright.build.policy", "layerwright.build.policy.state")
    }
    forbid(monkeypatch, "build.policy")
    for name, module in needed.items():
        monkeypatch.setitem(sys.modules, name, module)
    assert builder.build().changed == set()


def test_what_a_build_has_looked_at_counts_unless_commands_ran_since(tmp_path: Path) -> None:
    tree = tree_of(tmp_path)
    decision = Decision(action=Action.UPDATE, reasons=())
    types = LayerTypes(launch=True)
    kept, updated = (
        Contribution(name, tmp_path, types, decision, 0.0, 0, types, seen)
        for name, seen in (("python", None), ("venv", tree))
    )
    built = Built(contributions=(kept, updated), dropped=(), processes=())
    assert built.trees == {"venv": tree}
    assert replace(built, done_late=True).trees == {}
