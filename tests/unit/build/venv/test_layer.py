from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwright.build._decide import Action, decide
from layerwright.build.installed.dist_info import Installed, differences
from layerwright.build.venv.describe import describe_venv
from layerwright.build.venv.layer import VenvLayer
from layerwright.build.venv.resolved import change
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.contract.sameness import Change, Locked, Resolution, Resolved, Unprovable, Update
from layerwright.contract.values.environment import EnvironmentInstall
from layerwright.errors import CommandFailed, PluginError, SiteError, UserError
from layerwright.files.project import Project
from layerwright.files.trees.linking import link_tree
from layerwright.process.command import Command
from layerwright.process.failures.diagnosis import Diagnosis
from layerwright.process.redaction import SecretStr
from layerwright.testing.tree import tree
from tests.unit.build.samples import TARGET, Acme, Site, sh, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.build._decide import Decision, LayerSpec

# What the package manager of these tests installs is a list of names and versions, one to a line.
INSTALL = """\
while read -r name version; do
  metadata="$1/$name-$version.dist-info"
  mkdir "$metadata"
  printf 'Name: %s\\nVersion: %s\\n' "$name" "$version" > "$metadata/METADATA"
  : > "$metadata/RECORD"
done
"""
CONVERGES = Locked(update=Update())
REMOVE = 'for name; do rm -r "$0/$name"-*.dist-info; done'


class Builds:
    """Builds the venv layer of one application again and again."""

    def __init__(self, path: Path) -> None:
        self.site = Site(path)
        self.tool = "1.2"
        self.layer = self.site.layers.layer_path("venv")
        self.site_packages = self.site.interpreter.site_packages(self.layer)
        self.report = path / "report"
        self.project = Project(path / "app")

    def install(self, wanted: str, **changes: Any) -> EnvironmentInstall:
        """Return the installation of *wanted*, which is not locked but can be resolved."""
        lines = wanted.replace(", ", "\n") + "\n"
        install = EnvironmentInstall(
            inputs={"wanted": "unlocked"},
            commands=(
                dataclasses.replace(self._install(lines), shown=f"install {wanted}"),
                self._resolve(lines, shown="report"),
            ),
            sameness=Resolution(
                command=self._resolve(lines, shown="resolve"), read=read, converge=self._converge
            ),
        )
        return dataclasses.replace(install, **changes)

    def locked(self, wanted: str, **changes: Any) -> EnvironmentInstall:
        """Return the installation of *wanted*, which is locked and brought to a change by being resolved."""
        install = self.install(wanted, **changes)
        assert isinstance(install.sameness, Resolution)
        return dataclasses.replace(install, sameness=Locked(update=install.sameness))

    def spec(
        self,
        install: EnvironmentInstall,
        exec_env: str = "production",
        environment: Mapping[str, str] | None = None,
    ) -> LayerSpec:
        return describe_venv(
            Acme(),
            install,
            layer=self.layer,
            contents=self.layer,
            interpreter=self.site.interpreter,
            tools={"Acme": self.tool},
            target=TARGET,
            exec_env=exec_env,
            environment=environment or {},
            counted={},
        )

    def build(
        self, install: EnvironmentInstall, exec_env: str = "production", store: Path | None = None
    ) -> Decision:
        self.report.unlink(missing_ok=True)
        contributor = self.site.contributor()
        venv = VenvLayer(
            project=self.project,
            install=install,
            plugin="layerwright-acme 1.0",
            interpreter=self.site.interpreter,
            layer=self.layer,
            report=self.report,
            runner=self.site.runner,
            log=self.site.log,
            store=store,
        )
        return venv.contribute(contributor, self.spec(install, exec_env)).decision

    @property
    def installed(self) -> list[str]:
        return sorted(path.stem for path in self.site_packages.glob("*.dist-info"))

    def _install(self, lines: str) -> Command:
        return sh(INSTALL, self.site_packages, stdin=lines)

    def _resolve(self, lines: str, *, shown: str) -> Command:
        return sh('cat > "$1"', self.report, stdin=lines, shown=shown)

    def _converge(self, found: Change) -> tuple[Command, ...]:
        leaving = sorted({*found.remove, *found.replace})
        argv = ("sh", "-euc", REMOVE, str(self.site_packages), *leaving)
        return (
            Command(argv=argv, shown=f"remove {' '.join(leaving)}"),
            dataclasses.replace(
                self._install("".join(f"{d.words}\n" for d in found.install)), shown="install exactly"
            ),
        )


def read(report: str) -> tuple[Resolved, ...]:
    words = (line.split() for line in report.splitlines())
    return tuple(Resolved(name=name, version=version) for name, version in words)


@pytest.fixture
def builds(tmp_path: Path) -> Builds:
    return Builds(tmp_path)


# What is taken from the store

WITH_MODULE = """\
mkdir "$1/acme-1.0.dist-info"
printf 'Name: acme\nVersion: 1.0\n' > "$1/acme-1.0.dist-info/METADATA"
echo acme.py,, > "$1/acme-1.0.dist-info/RECORD"
echo acme = 1 > "$1/acme.py"
"""
WITH_BYTECODE = """\
echo b.py,, >> "$1/b-1.dist-info/RECORD"
touch -d 2001-01-01 "$1/b.py"
mkdir "$1/__pycache__"
touch "$1/__pycache__/b.cpython-313.pyc"
"""
COMPILES = """\
#!/bin/sh
case "$*" in
  *"-m venv"*) shift 4; mkdir -p "$1/lib/python3.13/site-packages" ;;
  *) cd "$LAYER/lib/python3.13/site-packages"; mkdir -p __pycache__
     test -e __pycache__/acme.cpython-313.pyc || echo "$LAYER" > __pycache__/acme.cpython-313.pyc ;;
esac
"""


def built_with_store(path: Path, name: str, *, clean: bool = False) -> Builds:
    builds = Builds(path / name)
    builds.site.interpreter.executable.write_text(COMPILES)
    builds.site.runner = builds.site.runner.within({"PATH": "/usr/bin:/bin", "LAYER": str(builds.layer)})
    if clean:
        builds.layer.mkdir(parents=True)
        builds.site.layers.discard("venv", because="--clean")
    install = EnvironmentInstall(
        inputs={}, commands=(sh(WITH_MODULE, builds.site_packages),), sameness=Locked()
    )
    builds.build(install, store=path / "store")
    return builds


def bytecode_in(builds: Builds) -> Path:
    return builds.site_packages / "__pycache__" / "acme.cpython-313.pyc"


def test_bytecode_that_was_compiled_for_another_application_is_linked(tmp_path: Path) -> None:
    one, two = built_with_store(tmp_path, "one"), built_with_store(tmp_path, "two")
    assert bytecode_in(two).read_text() == f"{one.layer}\n"
    assert bytecode_in(two).samefile(bytecode_in(one))


def test_a_clean_build_compiles_everything_and_replaces_what_is_stored(tmp_path: Path) -> None:
    built_with_store(tmp_path, "one")
    two = built_with_store(tmp_path, "two", clean=True)
    assert bytecode_in(two).read_text() == f"{two.layer}\n"
    assert bytecode_in(built_with_store(tmp_path, "three")).samefile(bytecode_in(two))


def test_stored_bytecode_that_was_changed_is_compiled_again_and_told(tmp_path: Path) -> None:
    one = built_with_store(tmp_path, "one")
    bytecode_in(one).write_text("edited through the other application")
    two = built_with_store(tmp_path, "two")
    assert bytecode_in(two).read_text() == f"{two.layer}\n"
    assert "The stored bytecode of acme 1.0 was changed or damaged, so it is compiled again." in two.site.said


# The inputs of the layer


def test_the_layer_is_made_from_the_interpreter_the_tool_the_target_and_what_the_tool_says(
    builds: Builds,
) -> None:
    spec = builds.spec(
        builds.install("a 1", inputs={"requirements.txt": "sha256:1"}, sameness=Unprovable("so"))
    )
    assert spec.name == "venv"
    assert spec.types == LayerTypes(build=True, launch=True, cache=True)
    assert spec.inputs == {
        "Python": "CPython 3.13",
        "package manager": "acme",
        "Acme version": "1.2",
        "target": "linux/amd64 (debian 12)",
        "layer path": str(builds.layer),
    }
    assert spec.content_inputs == {
        "requirements.txt": "sha256:1",
        "execution environment": "production",
    }
    assert spec.python == "3.13.2"
    assert spec.env.files() == {"env/VIRTUAL_ENV.override": str(builds.layer).encode()}
    assert spec.sameness == Unprovable("so")


def test_the_layer_is_made_from_the_variables_that_build_backends_read(builds: Builds) -> None:
    install = builds.install("a 1")
    given = {"SETUPTOOLS_SCM_PRETEND_VERSION": "2.0", "HOME": "/root"}
    found = builds.spec(install, environment=given).inputs
    assert found == {**builds.spec(install).inputs, "SETUPTOOLS_SCM_PRETEND_VERSION": "2.0"}


# Creating


def test_the_first_build_creates_the_environment_and_records_what_was_resolved(builds: Builds) -> None:
    assert words_of(builds.build(builds.install("a 1, b 1"))) == "created: first build"
    assert builds.installed == ["a-1", "b-1"]
    assert builds.site.commands == [
        "python -m venv --without-pip",
        "install a 1, b 1",
        "report",
    ]
    metadata = builds.site.metadata("venv")
    assert metadata is not None
    assert str(metadata["resolution"]).startswith("sha256:")


def test_sources_of_editable_distributions_are_compiled_as_well(builds: Builds) -> None:
    install = builds.install("a 1")
    checkout = sh(
        'mkdir -p "$1/src/b"; touch "$1/src/b/b.py"; echo "$1/src/b" > "$1/lib/python3.13/site-packages/b.pth"',
        builds.layer,
    )
    builds.build(dataclasses.replace(install, commands=(*install.commands, checkout)))
    assert f"compiled --listed {builds.layer}/lib {builds.layer}/src\n" in builds.site.said


@pytest.mark.parametrize("is_preserved", [True, False])
def test_an_update_compiles_only_what_is_not_as_it_was_before(
    builds: Builds, tmp_path: Path, is_preserved: bool
) -> None:
    install = builds.install("a 1, b 1")
    module = sh(WITH_BYTECODE, builds.site_packages)
    builds.build(dataclasses.replace(install, commands=(*install.commands, module)))
    assert builds.site.commands[-1] == "compile bytecode"
    if is_preserved:
        # Longer than a tick of the clock for the times of files.
        time.sleep(0.02)
        builds.site.preserved = tmp_path / "before"
        link_tree(str(builds.layer), str(tmp_path / "before"))
    assert builds.build(builds.install("a 2, b 1")).action is Action.UPDATE
    assert ("compile bytecode" in builds.site.commands) is not is_preserved


def test_what_was_installed_must_be_what_was_resolved(builds: Builds) -> None:
    install = builds.install("a 1, b 1")
    other = sh(
        'mv "$1/a-1.dist-info" "$1/c-1.dist-info" && : > "$1/b-1.dist-info/METADATA"', builds.site_packages
    )
    with pytest.raises(SiteError) as caught:
        builds.build(dataclasses.replace(install, commands=(*install.commands, other)))
    assert caught.value.summary == "The virtual environment does not match what was resolved."
    assert caught.value.cause == "b 1 is not installed"
    assert caught.value.reference == "environment-differs"
    assert builds.site.metadata("venv") is None


def test_files_must_be_there_as_well(builds: Builds) -> None:
    install = builds.install("a 1")
    other = sh('echo a.py,, > "$1/a-1.dist-info/RECORD"', builds.site_packages)
    with pytest.raises(SiteError) as caught:
        builds.build(dataclasses.replace(install, commands=(*install.commands, other)))
    assert caught.value.cause == "a-1 lacks lib/python3.13/site-packages/a.py"


def test_what_cannot_be_resolved_is_taken_as_it_is(builds: Builds) -> None:
    builds.build(builds.install("a 1", sameness=Locked()))
    assert builds.installed == ["a-1"]
    assert "resolution" not in (builds.site.metadata("venv") or {})


def test_a_failing_install_leaves_no_layer_to_trust(builds: Builds) -> None:
    with pytest.raises(CommandFailed):
        builds.build(builds.install("a 1", commands=(sh("exit 1"),)))
    assert builds.site.metadata("venv") is None
    assert builds.build(builds.install("a 1")).reasons == ("an earlier build did not finish it",)


# Keeping


def test_unchanged_locked_inputs_keep_the_environment_without_running_anything(builds: Builds) -> None:
    install = builds.locked("a 1")
    builds.build(install)
    assert words_of(builds.build(install)) == "kept: unchanged"
    assert builds.site.commands == []


def test_unlocked_inputs_are_resolved_and_an_equal_result_keeps_the_environment(builds: Builds) -> None:
    builds.build(builds.install("b 1, a 1"))
    assert words_of(builds.build(builds.install("a 1, b 1"))) == "kept: the resolution is unchanged"
    assert builds.site.commands == ["resolve"]


@pytest.mark.parametrize("locked", [True, False])
def test_other_inputs_that_resolve_to_the_same_keep_the_environment(builds: Builds, locked: bool) -> None:
    install = builds.locked if locked else builds.install
    builds.build(install("a 1"))
    other = install("a 1", inputs={"wanted": "otherwise"})
    assert words_of(builds.build(other)) == "kept: the resolution is unchanged"
    metadata = builds.site.metadata("venv") or {}
    assert metadata["content-inputs"] == {"wanted": "otherwise", "execution environment": "production"}
    assert builds.build(other).action is Action.KEEP


def test_without_a_resolution_unchanged_inputs_keep_the_environment(builds: Builds) -> None:
    install = builds.install("a 1", sameness=Locked())
    builds.build(install)
    assert builds.build(install).action is Action.KEEP
    assert builds.site.commands == []


# Another patch release of Python


def other_python(builds: Builds, version: str, bytecode: bytes = b"\xf3\r\r\n") -> None:
    """Replace the interpreter by another one in the same place."""
    builds.site.interpreter = dataclasses.replace(builds.site.interpreter, version=version)
    cache = builds.site.interpreter.prefix / "lib" / "python3.13" / "__pycache__"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / "os.cpython-313.pyc").write_bytes(bytecode)


NOTHING = "Python 3.13.2 → 3.13.3: nothing that is installed depends on it"


@pytest.mark.parametrize("back", [False, True])
def test_another_patch_release_keeps_a_locked_environment_without_running_anything(
    builds: Builds, back: bool
) -> None:
    install = builds.locked("a 1")
    other_python(builds, "3.13.3" if back else "3.13.2")
    builds.build(install)
    before = tree(builds.layer)
    other_python(builds, "3.13.2" if back else "3.13.3")
    words = "Python 3.13.3 → 3.13.2: nothing that is installed depends on it" if back else NOTHING
    assert words_of(builds.build(install)) == f"kept: {words}"
    assert builds.site.commands == []
    assert tree(builds.layer) == before
    # The next build compares with this one.
    assert words_of(builds.build(install)) == "kept: unchanged"


def test_another_patch_release_that_resolves_to_the_same_keeps_the_environment(builds: Builds) -> None:
    other_python(builds, "3.13.2")
    builds.build(builds.install("a 1"))
    other_python(builds, "3.13.3")
    assert words_of(builds.build(builds.install("a 1"))) == f"kept: {NOTHING}; the resolution is unchanged"
    assert builds.site.commands == ["resolve"]


def test_another_patch_release_that_resolves_to_something_else_updates_the_environment(
    builds: Builds,
) -> None:
    other_python(builds, "3.13.2")
    builds.build(builds.install("a 1"))
    other_python(builds, "3.13.3")
    assert words_of(builds.build(builds.install("a 2"))) == "updated: the resolution changed"


def test_a_marker_in_a_lock_file_that_is_true_for_one_of_two_patch_releases_recreates_the_environment(
    builds: Builds,
) -> None:
    builds.project.root.mkdir()
    builds.project.path("acme.lock").write_text("a==1\nb==1; python_full_version < '3.13.3'\n")
    inputs = {"acme.lock": "sha256:1", "absent.lock": "sha256:2", "wheels/a-1-py3-none-any.whl": "sha256:3"}
    install = builds.locked("a 1", inputs=inputs)
    for version in ("3.13.1", "3.13.2"):
        other_python(builds, version)
        builds.build(install)
    assert builds.site.commands == []
    other_python(builds, "3.13.3")
    because = "Python 3.13.2 → 3.13.3: acme.lock has python_full_version < 3.13.3"
    assert words_of(builds.build(install)) == f"created: {because}"
    assert words_of(builds.build(install)) == "kept: unchanged"


def test_a_binary_file_among_the_inputs_has_no_markers(builds: Builds) -> None:
    builds.project.root.mkdir()
    builds.project.path("data").write_bytes(b"python_full_version < '3.13.3'\0")
    install = builds.locked("a 1", inputs={"data": "sha256:1"})
    other_python(builds, "3.13.2")
    builds.build(install)
    other_python(builds, "3.13.3")
    assert words_of(builds.build(install)) == f"kept: {NOTHING}"


def test_what_changes_with_the_lock_file_is_learnt_again_though_the_resolution_is_the_same(
    builds: Builds,
) -> None:
    builds.project.root.mkdir()
    other_python(builds, "3.13.2")
    for digest, marker in (("1", ""), ("2", "; python_full_version < '3.13.3'")):
        builds.project = Project(builds.project.root)
        builds.project.path("acme.lock").write_text(f"a==1{marker}\n")
        install = builds.locked("a 1", inputs={"acme.lock": f"sha256:{digest}"})
        builds.build(install)
    other_python(builds, "3.13.3")
    assert builds.build(install).action is Action.CREATE


def test_another_format_of_bytecode_recreates_the_environment(builds: Builds) -> None:
    install = builds.locked("a 1")
    other_python(builds, "3.13.2")
    builds.build(install)
    other_python(builds, "3.13.3", bytecode=b"\xf4\r\r\n")
    assert words_of(builds.build(install)) == "created: the bytecode of Python 3.13.3 has another format"


def test_another_minor_version_recreates_the_environment(builds: Builds) -> None:
    install = builds.locked("a 1")
    other_python(builds, "3.13.2")
    builds.build(install)
    builds.site.interpreter = dataclasses.replace(builds.site.interpreter, version="3.14.0")
    assert words_of(decide(builds.site.layers.restored("venv"), builds.spec(install))) == (
        "created: Python: CPython 3.13 → CPython 3.14"
    )


# Another version of the package manager

WITH_WHEEL = """\
while read -r name version; do
  metadata="$1/$name-$version.dist-info"
  mkdir -p "$metadata"
  printf 'Name: %s\\nVersion: %s\\n' "$name" "$version" > "$metadata/METADATA"
  echo 'Tag: py3-none-any' > "$metadata/WHEEL"
  echo acme > "$metadata/INSTALLER"
  printf '%s,,\\n' "${metadata##*/}/METADATA" "${metadata##*/}/WHEEL" > "$metadata/RECORD"
done
"""


def reinstallable(builds: Builds, wanted: str, writes: str = ":", **changes: Any) -> EnvironmentInstall:
    """Return the installation of *wanted* by a package manager that runs *writes* where it reinstalls ``a`` 1."""
    install = builds.install(wanted)
    assert isinstance(install.sameness, Resolution)

    def reinstall(wheel: Path, environment: Path) -> Command:
        site_packages = builds.site.interpreter.site_packages(environment)
        return sh(f"{WITH_WHEEL}{writes}", site_packages, stdin="a 1\n", shown=f"try {wheel.name}")

    def archives(report: str) -> tuple[Resolved, ...]:
        return tuple(
            dataclasses.replace(one, archive=f"{one.name}-1-py3-none-any.whl") for one in read(report)
        )

    lines = wanted.replace(", ", "\n") + "\n"
    given = {
        "commands": (sh(WITH_WHEEL, builds.site_packages, stdin=lines, shown="install"), install.commands[1]),
        "sameness": dataclasses.replace(install.sameness, read=archives, reinstall=reinstall),
        **changes,
    }
    return dataclasses.replace(install, **given)


SAME = "Acme version: 1.2 → 1.3: it writes the same files; the resolution is unchanged"


@pytest.mark.parametrize("locked", [True, False])
def test_another_version_that_writes_the_same_files_keeps_the_environment(
    builds: Builds, locked: bool
) -> None:
    install = reinstallable(builds, "a 1")
    if locked:
        assert isinstance(install.sameness, Resolution)
        install = dataclasses.replace(install, sameness=Locked(update=install.sameness))
    builds.build(install)
    before = tree(builds.layer)
    builds.tool = "1.3"
    assert words_of(builds.build(install)) == f"kept: {SAME}"
    assert builds.site.commands == ["resolve"]
    assert tree(builds.layer) == before
    builds.site.commands.clear()
    kept = "unchanged" if locked else "the resolution is unchanged"
    assert words_of(builds.build(install)) == f"kept: {kept}"
    assert builds.site.commands == ([] if locked else ["resolve"])


def test_another_version_that_writes_other_files_recreates_the_environment(builds: Builds) -> None:
    builds.build(reinstallable(builds, "a 1"))
    builds.tool = "1.3"
    other = reinstallable(builds, "a 1", writes='echo beta > "$1/a-1.dist-info/INSTALLER"')
    metadata = "lib/python3.13/site-packages/a-1.dist-info"
    because = f"Acme version: 1.2 → 1.3; it writes {metadata}/INSTALLER differently"
    assert words_of(builds.build(other)) == f"created: {because}"


def test_another_version_that_resolves_to_something_else_updates_what_it_would_write(builds: Builds) -> None:
    builds.build(reinstallable(builds, "a 1"))
    builds.tool = "1.3"
    decision = builds.build(reinstallable(builds, "a 1, b 1"))
    assert words_of(decision) == "updated: Acme version: 1.2 → 1.3; the resolution changed"
    assert builds.installed == ["a-1", "b-1"]


def test_before_it_is_examined_another_version_may_keep_the_environment(builds: Builds) -> None:
    install = reinstallable(builds, "a 1")
    builds.build(install)
    builds.tool = "1.3"
    decision = decide(builds.site.layers.restored("venv"), builds.spec(install))
    assert words_of(decision) == (
        "updated: Acme version: 1.2 → 1.3;"
        " kept if it resolves to the same and writes the same files, otherwise updated or created"
    )
    assert decision.resolves


def test_another_version_of_a_package_manager_that_cannot_reinstall_recreates_the_environment(
    builds: Builds,
) -> None:
    builds.build(builds.install("a 1"))
    builds.tool = "1.3"
    assert words_of(builds.build(builds.install("a 1"))) == "created: Acme version: 1.2 → 1.3"


def test_reinstalling_with_something_else_than_a_command_is_a_defect_of_the_plugin(builds: Builds) -> None:
    install = reinstallable(builds, "a 1")
    builds.build(install)
    builds.tool = "1.3"
    wrong: Any = lambda _wheel, _environment: "a command"  # noqa: E731
    assert isinstance(install.sameness, Resolution)
    with pytest.raises(PluginError) as caught:
        builds.build(
            dataclasses.replace(install, sameness=dataclasses.replace(install.sameness, reinstall=wrong))
        )
    assert "Resolution.reinstall" in caught.value.cause


# Updating


def test_another_resolution_brings_the_environment_to_it(builds: Builds) -> None:
    builds.build(builds.install("a 1, b 1, c 1"))
    decision = builds.build(builds.install("a 1, b 2, d 1"))
    assert words_of(decision) == "updated: the resolution changed"
    assert builds.installed == ["a-1", "b-2", "d-1"]
    assert builds.site.commands == ["resolve", "remove b c", "install exactly"]
    assert "  To install: b 2, d 1\n  To remove: c\n" in builds.site.said
    assert builds.build(builds.install("a 1, b 2, d 1")).action is Action.KEEP


def test_what_need_not_be_done_is_not_spoken_of(builds: Builds) -> None:
    builds.build(builds.install("a 1"))
    builds.build(builds.install("a 1, b 1"))
    assert "To remove" not in builds.site.said
    builds.build(builds.install("a 1"))
    assert "To install" not in builds.site.said
    assert builds.installed == ["a-1"]


def test_what_no_fresh_environment_would_mend_fails_before_anything_is_changed(builds: Builds) -> None:
    fits = sh("echo the lock fits", shown="check lock")
    install = builds.install("a 1", sameness=CONVERGES, first=(fits,))
    builds.build(install)
    assert builds.site.commands[0] == "check lock"
    assert builds.build(install).action is Action.KEEP
    assert builds.site.commands == []

    stale = dataclasses.replace(install, inputs={"lock": "2"}, first=(sh("exit 1", shown="check lock"),))
    with pytest.raises(CommandFailed):
        builds.build(stale)
    assert builds.site.commands == ["check lock"]
    assert builds.build(install).action is Action.KEEP


@pytest.fixture
def fails_to_update(builds: Builds) -> EnvironmentInstall:
    """Return the installation that fills a fresh environment, which is there, and no other."""
    script = f'test ! -e "$1/a-1.dist-info" && {{ {INSTALL} }}'
    sync = sh(script, builds.site_packages, stdin="a 1\n", shown="sync")
    install = builds.install("a 1", sameness=CONVERGES, commands=(sync,))
    builds.build(install)
    return dataclasses.replace(install, inputs={"lock": "2"})


def test_an_update_that_failed_is_not_retried_in_a_new_environment_if_that_would_mend_nothing(
    builds: Builds, fails_to_update: EnvironmentInstall
) -> None:
    check = sh("echo the lock does not fit; exit 1", shown="check lock")
    with pytest.raises(UserError) as error:
        builds.build(dataclasses.replace(fails_to_update, sameness=Locked(update=Update(diagnosis=(check,)))))
    assert error.value.summary == "sync ended with status 1."
    assert builds.site.commands == ["sync"]
    assert "fit" not in builds.site.said


def test_an_update_that_failed_is_retried_in_a_new_environment_unless_a_diagnosis_says_that_it_would_fail_too(
    builds: Builds, fails_to_update: EnvironmentInstall
) -> None:
    check = sh("echo the lock fits", shown="check lock")
    decision = builds.build(
        dataclasses.replace(fails_to_update, sameness=Locked(update=Update(diagnosis=(check,))))
    )
    assert decision.action is Action.CREATE
    assert builds.site.commands == ["sync", "python -m venv --without-pip", "sync"]
    assert "fits" not in builds.site.said


def test_an_update_for_which_the_network_is_down_is_not_retried_in_a_new_environment(
    builds: Builds, fails_to_update: EnvironmentInstall
) -> None:
    down = Diagnosis(pattern="is down", summary="It is down.", reference="index-down", transient=True)
    sync = dataclasses.replace(sh("echo the index is down; exit 1", shown="sync"), diagnoses=(down,))
    check = sh("exit 1", shown="check lock")
    with pytest.raises(CommandFailed) as error:
        builds.build(
            dataclasses.replace(
                fails_to_update, commands=(sync,), sameness=Locked(update=Update(diagnosis=(check,)))
            )
        )
    assert error.value.exit_status == 75
    assert builds.site.commands == ["sync"]


def test_an_update_that_leaves_a_distribution_without_its_files_gives_way_to_a_fresh_one(
    builds: Builds,
) -> None:
    # It installs what is not there yet, and what is there already it deprives of a file.
    sync = sh(
        f'test -e "$1/a-1.dist-info" && echo a.py,, > "$1/a-1.dist-info/RECORD" || {{ {INSTALL} }}',
        builds.site_packages,
        stdin="a 1\n",
        shown="sync",
    )
    install = builds.install("a 1", sameness=CONVERGES, commands=(sync,))
    builds.build(install)
    assert builds.build(dataclasses.replace(install, inputs={"lock": "2"})).action is Action.CREATE
    assert "a-1 lacks lib/python3.13/site-packages/a.py" in builds.site.said
    assert builds.installed == ["a-1"]


@pytest.mark.parametrize("updates", [False, True])
def test_a_file_that_a_launcher_would_run_ends_the_build_whether_it_is_the_first_or_not(
    builds: Builds, updates: bool
) -> None:
    if updates:
        builds.build(builds.install("a 1", sameness=CONVERGES))
    evil = sh(
        'metadata="$1/evil-1.dist-info"; mkdir "$metadata"; echo "../../../exec.d/steal,," > "$metadata/RECORD"',
        builds.site_packages,
    )
    install = builds.install("a 1", sameness=CONVERGES, commands=(evil,), inputs={"wanted": "evil"})
    with pytest.raises(UserError, match=r"^evil 1 would affect more than the application"):
        builds.build(install)
    assert builds.site.metadata("venv") is None


def test_a_tool_that_converges_updates_by_its_own_commands(builds: Builds) -> None:
    sync = (
        sh('rm -rf "$1"/*.dist-info', builds.site_packages, shown="sync"),
        *builds.install("b 1").commands,
    )
    builds.build(builds.install("a 1", sameness=CONVERGES))
    install = builds.install("b 1", sameness=CONVERGES, commands=sync, inputs={"lock": "2"})
    assert words_of(builds.build(install)) == "updated: lock is new; wanted is gone"
    assert builds.installed == ["b-1"]
    assert builds.site.commands == ["sync", "install b 1", "report"]


@pytest.mark.parametrize("there", ["b-1", "B_c-1"])
def test_what_the_commands_would_not_remove_recreates_the_environment(builds: Builds, there: str) -> None:
    sync = (
        sh('rm -rf "$1"/*.dist-info', builds.site_packages),
        *builds.install("a 1").commands,
    )

    def install(lock: str) -> EnvironmentInstall:
        keeping = Locked(update=Update(keeps=frozenset({"B", "b.C", "pip"})))
        return builds.install("", sameness=keeping, commands=sync, inputs={"lock": lock})

    builds.build(install("1"))
    assert builds.build(install("2")).action is Action.UPDATE
    (builds.site_packages / f"{there}.dist-info").mkdir()
    assert builds.build(install("2")).action is Action.KEEP
    name = there[:-2].lower().replace("_", "-")
    assert words_of(builds.build(install("3"))) == f"created: lock: 2 → 3; Acme would not remove {name}"
    assert builds.installed == ["a-1"]


def test_what_came_from_another_archive_is_removed_before_the_tool_converges(builds: Builds) -> None:
    record = (
        'printf "%s-1.dist-info/METADATA,,\\n%s-1.dist-info/RECORD,,\\n" $2 $2 > "$1/$2-1.dist-info/RECORD"'
    )
    missing = 'for n; do test -d "$0/$n-1.dist-info" || echo "$n 1"; done | sh -euc "$INSTALL" sh "$0"'
    sync = (
        Command(
            argv=("sh", "-euc", missing, str(builds.site_packages), "a", "b"),
            env={"INSTALL": INSTALL},
            shown="sync",
        ),
        *(sh(f'set -- "$1" {n}; {record}', builds.site_packages, shown="record") for n in "ab"),
    )
    archives = {"a==1": "one", "b==1": "one", "not-here==1": "one"}
    build = {"commands": sync}
    builds.build(builds.install("", **build, sameness=Locked(update=Update(archives=archives))))
    assert builds.installed == ["a-1", "b-1"]
    (builds.site_packages / "a-1.dist-info" / "METADATA").touch()
    before = (builds.site_packages / "b-1.dist-info").stat().st_ino

    other = {"a==1": "two", "b==1": "one", "not-here==1": "two"}
    install = builds.install(
        "", **build, sameness=Locked(update=Update(archives=other)), inputs={"lock": "2"}
    )
    assert builds.build(install).action is Action.UPDATE

    assert "To reinstall, from other archives: a==1\n" in builds.site.said
    assert builds.installed == ["a-1", "b-1"]
    assert (builds.site_packages / "b-1.dist-info").stat().st_ino == before
    assert (
        builds.build(
            builds.install("", **build, sameness=Locked(update=Update(archives=other)), inputs={"lock": "3"})
        ).action
        is Action.UPDATE
    )
    assert "other archives" not in builds.site.said


def test_without_a_way_to_update_other_inputs_create_the_environment(builds: Builds) -> None:
    builds.build(builds.install("a 1", sameness=Locked()))
    decision = builds.build(builds.install("b 1", sameness=Locked(), inputs={"wanted": "other"}))
    assert words_of(decision) == "created: wanted: unlocked → other"
    assert builds.installed == ["b-1"]


def test_an_update_that_does_not_lead_there_is_given_up_for_a_fresh_environment(builds: Builds) -> None:
    builds.build(builds.install("a 1"))
    install = builds.install("b 1")
    assert isinstance(install.sameness, Resolution)
    idle = dataclasses.replace(install.sameness, converge=lambda _change: ())
    decision = builds.build(dataclasses.replace(install, sameness=idle))
    assert words_of(decision) == "created: the resolution changed; the update failed"
    assert "a 1 is installed but was not resolved\n  b 1 is not installed\n" in builds.site.said
    assert builds.installed == ["b-1"]


def refuse(_value: object) -> Any:
    raise ValueError("unknown")


@pytest.mark.parametrize("function", ["read", "converge"])
def test_a_plugin_whose_resolution_is_defective_is_blamed(builds: Builds, function: str) -> None:
    builds.build(builds.install("a 1"))
    install = builds.install("b 1")
    assert isinstance(install.sameness, Resolution)
    broken = dataclasses.replace(install.sameness, **{function: refuse})  # type: ignore[arg-type]
    with pytest.raises(PluginError, match=r"defect in layerwright-acme 1\.0") as caught:
        builds.build(dataclasses.replace(install, sameness=broken))
    assert caught.value.cause == f"Resolution.{function} raised ValueError: unknown"


@pytest.mark.parametrize("function", ["read", "converge"])
def test_a_plugin_whose_resolution_gives_values_of_another_type_is_blamed(
    builds: Builds, function: str
) -> None:
    builds.build(builds.install("a 1"))
    install = builds.install("b 1")
    assert isinstance(install.sameness, Resolution)
    broken = dataclasses.replace(install.sameness, **{function: lambda _: ("b 1",)})  # type: ignore[arg-type]
    with pytest.raises(PluginError, match=r"defect in layerwright-acme 1\.0") as caught:
        builds.build(dataclasses.replace(install, sameness=broken))
    kind = "Resolved" if function == "read" else "Command"
    assert caught.value.cause == f"Resolution.{function} returned 'b 1', not {kind}."


def test_a_plugin_whose_commands_leave_no_report_is_blamed(builds: Builds) -> None:
    install = builds.install("a 1")
    with pytest.raises(PluginError) as caught:
        builds.build(dataclasses.replace(install, commands=install.commands[:1]))
    assert caught.value.cause.startswith("Resolution.read raised FileNotFoundError")


@pytest.mark.parametrize("record", ["no JSON", "[1]", '[{"name": "a"}]', "5"])
def test_without_a_record_of_the_last_build_everything_is_installed_again(
    builds: Builds, record: str
) -> None:
    builds.build(builds.install("a 1, b 1"))
    (builds.layer / "resolved.json").write_text(record)
    builds.build(builds.install("a 1, b 2"))
    assert "To install: a 1, b 2\n" in builds.site.said
    assert builds.installed == ["a-1", "b-2"]


def test_what_a_build_leaves_in_a_local_directory_is_removed_whatever_becomes_of_it(builds: Builds) -> None:
    lib = builds.project.path("lib")
    lib.mkdir(parents=True)
    builds.project.digest("lib")
    left = lib / ".layerwright-build"

    def install(script: str) -> EnvironmentInstall:
        return leaves(builds, "a", made=script, inputs={"lib": script}, sameness=Locked())

    make = f'test ! -e "{left}"; grep -q "build_base = {left.name}" "$DIST_EXTRA_CONFIG"; mkdir "{left}"'
    # A killed build has left it there.
    left.mkdir()
    builds.build(install(make))
    assert list(lib.iterdir()) == []
    builds.build(install(f"{make}; :"))
    assert list(lib.iterdir()) == []
    left.mkdir()
    assert builds.build(install(f"{make}; :")).action is Action.KEEP
    assert list(lib.iterdir()) == []
    with pytest.raises(CommandFailed):
        builds.build(install(f"{make}; false"))
    assert list(lib.iterdir()) == []
    assert not builds.report.with_name("build").exists()


def test_what_a_backend_writes_into_a_local_directory_is_moved_away_and_the_next_build_keeps(
    builds: Builds,
) -> None:
    lib, place = builds.project.path("lib"), builds.site.layers.path / ".layerwright" / "left-behind"
    lib.mkdir(parents=True)
    (lib / "pyproject.toml").touch()

    def install() -> EnvironmentInstall:
        builds.project = Project(builds.project.root)
        digest = builds.project.digest("lib")
        return leaves(builds, "a", made=f'echo > "{lib}/x.c"', inputs={"lib": digest}, sameness=Locked())

    builds.build(install())
    assert f"Builds left lib/x.c: moved to {place}.\n" in builds.site.said
    assert builds.build(install()).action is Action.KEEP
    # Nothing was run, so nothing was looked for.
    assert [path.name for path in place.rglob("*.c")] == ["x.c"]
    assert "Builds left" not in builds.site.said


# Updating what no update can prove


def leaves(builds: Builds, *names: str, made: str, **changes: Any) -> EnvironmentInstall:
    """Return the installation of *names*, whose commands run the script *made* in the environment as well."""
    lines = "".join(f"{name} 1\n" for name in names)
    fill = sh(f'rm -rf "$1"/*.dist-info; {INSTALL}', builds.site_packages, stdin=lines, shown="sync")
    more = sh(made, builds.layer, shown="more")
    given = {"sameness": CONVERGES, "commands": (fill, more), **changes}
    return builds.install("", **given)


def test_what_an_update_leaves_and_no_distribution_has_recreates_the_environment(builds: Builds) -> None:
    builds.build(leaves(builds, "a", made='echo 1 > "$1/lib/data.bin"'))
    decision = builds.build(leaves(builds, "b", made=":", inputs={"lock": "2"}))
    assert decision.action is Action.CREATE
    assert decision.reasons[-1] == "no distribution lists lib/data.bin"
    assert (
        "Layer venv is recreated, because the update is not enough: no distribution lists lib/data.bin\n"
        in builds.site.said
    )
    assert "Warning" not in builds.site.said
    assert not (builds.layer / "lib" / "data.bin").exists()


def test_an_update_is_looked_at_where_there_is_no_other_core_as_well(
    builds: Builds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerwright.build.venv._making.forked", lambda _work: lambda: None)
    builds.build(leaves(builds, "a", made=":"))
    assert builds.build(leaves(builds, "b", made=":", inputs={"lock": "2"})).action is Action.UPDATE
    left = leaves(builds, "b", made='echo 1 > "$1/lib/data.bin"', inputs={"lock": "3"})
    assert builds.build(left).reasons[-1] == "no distribution lists lib/data.bin"


def test_an_environment_with_checkouts_is_not_updated_at_all(builds: Builds) -> None:
    checkout = 'mkdir -p "$1/src/acme/.git"; echo 1 > "$1/src/acme/acme.py"'
    checkout += '; echo "$1/src/acme" > "$1/lib/python3.13/site-packages/acme.pth"'
    builds.build(leaves(builds, "a", made=checkout))
    decision = builds.build(leaves(builds, "b", made=":", inputs={"lock": "2"}))
    assert words_of(decision) == "created: lock is new; wanted is gone; it has checkouts in src"
    assert builds.site.commands[0] == "python -m venv --without-pip"
    assert not (builds.layer / "src").exists()
    assert builds.build(leaves(builds, "b", made=":", inputs={"lock": "3"})).action is Action.UPDATE


@pytest.mark.parametrize("name", [".git", ".hg", ".svn", ".bzr"])
def test_nothing_of_version_control_stays_in_the_environment(builds: Builds, name: str) -> None:
    """It has the address of the repository, with its credentials, and is never the same twice."""
    script = f'mkdir -p "$1/src/a/{name}/objects" "$1/src/b/inner"; echo 1 > "$1/src/a/{name}/config"'
    # A module of a repository of git's has a file in its place.
    script += f'; echo 1 > "$1/src/a/a.py"; echo "gitdir: x" > "$1/src/b/inner/{name}"'
    script += '; printf "%s\\n" "$1/src/a" "$1/src/b" > "$1/lib/python3.13/site-packages/ab.pth"'
    script += f'; chmod 400 "$1/src/a/{name}/config"'
    builds.build(leaves(builds, "a", made=script))
    assert [path.name for path in builds.layer.rglob(name)] == []
    assert (builds.layer / "src" / "a" / "a.py").exists()


def test_version_control_that_an_update_leaves_recreates_the_environment(builds: Builds) -> None:
    builds.build(leaves(builds, "a", made=":"))
    script = 'mkdir "$1/lib/.git"; echo 1 > "$1/lib/.git/config"'
    decision = builds.build(leaves(builds, "b", made=script, inputs={"lock": "2"}))
    assert decision.reasons[-1] == "no distribution lists lib/.git"
    assert not (builds.layer / "lib" / ".git").exists()


def owning(builds: Builds, a: str, b: str, **changes: Any) -> EnvironmentInstall:
    """Return the installation of two distributions with these texts for a file that both have, if there is one."""
    script = "cd $1/lib/python3.13/site-packages\n"
    for name, text in {"a": a, "b": b}.items():
        script += (
            f"printf %s '{text}' > shared.py; echo shared.py,sha256={text},1 >> {name}-1.dist-info/RECORD\n"
            * bool(text)
        )
    return leaves(builds, "a", "b", made=script, **changes)


def test_two_distributions_that_own_one_file_are_named(builds: Builds) -> None:
    builds.build(owning(builds, "x", "y"))
    assert (
        "a-1 and b-1 both have lib/python3.13/site-packages/shared.py: the distribution installed last overwrites"
        in builds.site.said
    )


def test_two_distributions_that_own_one_file_recreate_the_environment(builds: Builds) -> None:
    builds.build(owning(builds, "x", "y"))
    decision = builds.build(owning(builds, "x", "z", inputs={"lock": "2"}))
    assert decision.action is Action.CREATE
    assert decision.reasons[-1] == "a-1 and b-1 both have lib/python3.13/site-packages/shared.py"


def test_two_distributions_may_own_one_file_with_the_same_content(builds: Builds) -> None:
    builds.build(owning(builds, "x", "x"))
    assert "both have" not in builds.site.said
    assert builds.build(owning(builds, "x", "x", inputs={"lock": "2"})).action is Action.UPDATE


def test_directories_that_an_update_empties_go(builds: Builds) -> None:
    builds.build(leaves(builds, "a", made='mkdir -p "$1/share/man/man1" "$1/bin" "$1/include/python3.13"'))
    (builds.layer / "lib" / "gone" / "__pycache__").mkdir(parents=True)
    (builds.layer / "lib" / "gone" / "__pycache__" / "x").touch()
    decision = builds.build(leaves(builds, "b", made=":", inputs={"lock": "2"}))
    assert decision.action is Action.UPDATE
    assert not (builds.layer / "share").exists()
    # It is not empty, whatever it is that stays there.
    assert (builds.layer / "lib" / "gone" / "__pycache__" / "x").exists()
    # The venv module makes these.
    assert (builds.layer / "bin").exists()
    assert (builds.layer / "include" / "python3.13").exists()


# Creating again


@pytest.mark.parametrize(("converges", "action"), [(False, Action.CREATE), (True, Action.UPDATE)])
def test_another_execution_environment_is_another_content_though_no_input_of_the_plugin_says_so(
    builds: Builds, converges: bool, action: Action
) -> None:
    """A plugin may put it into its commands, and nowhere else."""

    def install(names: str) -> EnvironmentInstall:
        fill = f'rm -rf "$1"/*.dist-info; {INSTALL}'
        lines = names.replace(", ", "\n") + "\n"
        command = sh(fill, builds.site_packages, stdin=lines)
        return builds.install(
            "", sameness=Locked(update=Update() if converges else None), commands=(command,)
        )

    builds.build(install("a 1, pytest 1"), "test")
    decision = builds.build(install("a 1"), "production")
    assert (decision.action, decision.reasons) == (action, ("execution environment: test → production",))
    assert builds.installed == ["a-1"]
    assert builds.build(install("a 1"), "production").action is Action.KEEP


def test_what_cannot_be_proved_the_same_is_created_every_time(builds: Builds) -> None:
    install = builds.install("a 1", sameness=Unprovable("a is editable"))
    builds.build(install)
    assert words_of(builds.build(install)) == "created: a is editable"


def test_an_environment_that_was_changed_is_created_again(builds: Builds) -> None:
    install = builds.locked("a 1")
    builds.build(install)
    (builds.site_packages / "a-1.dist-info" / "RECORD").unlink()
    assert words_of(builds.build(install)) == "created: changed since the last build: a 1 is not installed"
    assert builds.build(install).action is Action.KEEP


# Checks


def test_findings_of_checks_are_warnings(builds: Builds) -> None:
    checks = (
        sh("echo all is well", shown="acme check"),
        sh("echo b is missing; exit 1", shown="acme verify"),
    )
    assert builds.build(builds.install("a 1", checks=checks)).action is Action.CREATE
    assert "  Warning: acme verify finds:\n  b is missing\n" in builds.site.said
    assert "all is well" not in builds.site.said


# The change between two sets

names = st.sampled_from("abcd")
versions = st.sampled_from(["1", "2"])
urls = st.sampled_from(["", "file:///x"])
hashes = st.sampled_from([(), ("sha256:1",), ("sha256:2",)])
resolved = st.builds(Resolved, name=names, version=versions, url=urls, hashes=hashes)
resolved_sets = st.lists(resolved, unique_by=lambda d: d.name)
installed_sets = st.lists(
    st.builds(Installed, name=names, version=versions, url=urls), unique_by=lambda d: d.name
)


def applied(found: Change, installed: list[Installed]) -> list[Installed]:
    """Return what is installed after *found*, by a tool that does not install over what is there."""
    stays = [d for d in installed if d.name not in {*found.remove, *found.replace}]
    assert not {d.name for d in stays} & {d.name for d in found.install}
    return [*stays, *(Installed(name=d.name, version=d.version, url=d.url) for d in found.install)]


@given(resolved_sets, resolved_sets, installed_sets)
def test_a_change_turns_any_installed_set_into_the_wanted_one(
    before: list[Resolved], wanted: list[Resolved], installed: list[Installed]
) -> None:
    found = change(before, wanted, installed)
    after = applied(found, installed)
    assert differences(after, wanted) == ()
    assert {*found.remove, *found.replace} <= {d.name for d in installed}
    # What is not touched is from the same archive as before.
    assert {d for d in wanted if d not in found.install} <= {*before}
    assert change(wanted, wanted, after) == Change()


def test_a_change_is_in_the_order_of_the_names() -> None:
    wanted = [Resolved(name=name, version="2") for name in "dcba"]
    installed = [Installed(name=name, version="1") for name in "zyba"]
    assert change([], wanted, installed) == Change(
        install=tuple(reversed(wanted)), replace=("a", "b"), remove=("y", "z")
    )


# Start-up code of distributions

LOOK = 'echo "$2 sees" $(ls "$1") "and ${ACME_TOKEN:+a token} ${ACME_PASSWORD:+a password}"'


def with_startup_code(builds: Builds) -> Command:
    """Return the command that installs a distribution with code that an interpreter runs at its start."""
    script = (
        'mkdir -p "$1/evil-1.dist-info"; echo "import os" > "$1/evil.pth";'
        'echo "evil.pth,," > "$1/evil-1.dist-info/RECORD";'
        "printf 'Name: evil\\nVersion: 1\\n' > \"$1/evil-1.dist-info/METADATA\""
    )
    return sh(script, builds.site_packages, shown="install evil")


def looking(builds: Builds, name: str, then: str = "") -> Command:
    """Return a command that says, by *name*, which files it sees, and which secrets."""
    command = sh(f"{LOOK}; {then}", builds.site_packages, name, shown=name)
    return dataclasses.replace(command, env={"ACME_PASSWORD": SecretStr("open sesame")})


def test_commands_that_have_secrets_find_no_start_up_code_and_others_have_no_secrets(builds: Builds) -> None:
    builds.site.runner = builds.site.runner.within({**builds.site.runner.env, "ACME_TOKEN": "letmein42"})
    install = builds.install(
        "",
        sameness=CONVERGES,
        commands=(with_startup_code(builds), looking(builds, "the next command")),
        checks=(looking(builds, "a check", "exit 1"),),
    )
    builds.build(install)
    assert (
        "the next command sees evil-1.dist-info ~evil.pth.layerwright and a token a password"
        in builds.site.said
    )
    assert "a check sees evil-1.dist-info ~evil.pth.layerwright and  \n" in builds.site.said
    assert "Runs code at every start of the interpreter: evil 1 (evil.pth)\n" in builds.site.said

    again = dataclasses.replace(
        install,
        inputs={"wanted": "more"},
        first=(looking(builds, "the first"),),
        commands=(looking(builds, "the update"),),
    )
    assert builds.build(again).action is Action.UPDATE
    # Before the update nothing of the last build is touched.
    assert "the first sees evil-1.dist-info evil.pth and\n" in builds.site.said
    assert (
        "the update sees !layerwright.pth evil-1.dist-info ~evil.pth.layerwright and a token a password\n"
        in builds.site.said
    )
    assert sorted(path.name for path in builds.site_packages.iterdir()) == ["evil-1.dist-info", "evil.pth"]


def test_so_does_what_looks_for_the_reason_of_a_failure(builds: Builds, tmp_path: Path) -> None:
    builds.build(builds.install("", sameness=CONVERGES, commands=(with_startup_code(builds),)))
    witness = tmp_path / "witness"
    diagnosis = sh('ls "$1" > "$2"; exit 1', builds.site_packages, witness)
    fails = builds.install(
        "",
        sameness=Locked(update=Update(diagnosis=(diagnosis,))),
        inputs={"a": "b"},
        commands=(sh("exit 1"),),
    )
    with pytest.raises(UserError):
        builds.build(fails)
    assert witness.read_text() == "!layerwright.pth\nevil-1.dist-info\n~evil.pth.layerwright\n"


@pytest.mark.parametrize("existing", [True, False], ids=["an update", "a first build"])
def test_a_failed_installation_leaves_no_checkout_and_no_credentials(builds: Builds, existing: bool) -> None:
    if existing:
        builds.build(builds.locked("a 1"))
    url = "https://reader:hunter2@example.com/b.git"
    script = (
        f'mkdir -p {builds.layer}/src/b/.git && echo "{url}" > {builds.layer}/src/b/.git/config'
        f" && mkdir {builds.site_packages}/b-1.dist-info"
        f' && echo \'{{"url": "{url}"}}\' > {builds.site_packages}/b-1.dist-info/direct_url.json'
        f" && touch {builds.site_packages}/b-1.dist-info/RECORD; exit 3"
    )
    broken = Command(argv=("sh", "-c", script), shown="install a 2")
    install = builds.locked("a 2", commands=(broken,), inputs={"wanted": "another"})
    update = Update(diagnosis=(Command(argv=("false",), shown="diagnose"),))
    with pytest.raises(UserError if existing else CommandFailed):
        builds.build(dataclasses.replace(install, sameness=Locked(update=update)))
    assert not (builds.layer / "src").exists()
    left = [path.read_text() for path in builds.layer.rglob("*") if path.is_file()]
    assert left
    assert not any("hunter2" in text for text in left)
