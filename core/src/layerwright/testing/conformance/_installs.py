"""Checks of builds with the real tool: they install what the lock file says, whatever was installed before."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from layerwright.contract.names import normalised_name
from layerwright.testing.conformance.trial.verdict import fail
from layerwright.testing.conformance.trial.wheels import acme, base, extra, other_archive

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import Popen

    from layerwright.testing.conformance.trial.built import Built
    from layerwright.testing.loopback.faults import Fault

__all__ = ["InstallChecks"]

_USER: Final = "reader"
_PASSWORD: Final = "hunter5/of@the%kit"
_MOMENT: Final = 0.5
"""Seconds."""


class InstallChecks:
    """First builds, unchanged builds, updates, removals, another Python, and interrupted builds."""

    @pytest.mark.real
    def test_a_first_build_installs_what_is_locked(self, built: Built) -> None:
        """The locked releases are installed, and the application is unchanged."""
        built.expect(acme(), base())
        before, after = built.template.before, built.sandbox.app.snapshot()
        if before != after:
            fail(
                "The build changed the application directory.",
                why="A build must never rewrite a lock file, and files in the application directory are in the image.",
                instead="tell the tool not to lock, and to put its cache into request.cache.",
                shown=sorted({name for name in {**before, **after} if before.get(name) != after.get(name)}),
            )

    @pytest.mark.real
    def test_what_is_expected_is_installed(self, built: Built) -> None:
        """A build installs everything that is expected, and everything that is locked is expected."""
        expected = built.expected
        if expected is None:
            pytest.skip("nothing is expected: explanations before a build use what is installed")
        names = {normalised_name(name) for name in expected.names}
        installed = {normalised_name(name) for name in built.sandbox.installed()}
        left_out = set() if expected.uncertain else {acme().name, base().name} - names
        if names - installed or left_out:
            fail(
                "The build installed other distributions than expected.",
                why="An explanation of a first build gives the expected distributions to plugins that add processes.",
                instead="return from expects() what the commands install on this machine, or say in uncertain why"
                " it may be other distributions.",
                shown=[
                    *(f"{name} is expected but not installed" for name in sorted(names - installed)),
                    *(f"{name} is installed but not expected" for name in sorted(left_out)),
                ],
            )

    @pytest.mark.real
    def test_the_tool_has_everything_that_it_requires(self, built: Built) -> None:
        """The tool's layer contains everything that its distributions require."""
        faults = built.tool_faults
        if faults:
            fail(
                "The tool's layer lacks what its own distributions require.",
                why="A lock is installed without being resolved: the tool fails when it needs the rest.",
                instead="lock the tool again, for all platforms and with all required extras.",
                shown=faults,
            )

    @pytest.mark.real
    def test_wheels_give_the_same_tool_as_commands(self, built: Built, tmp_path: Path) -> None:
        """The tool that core unpacks from its wheels has the files that the commands install."""
        wrong = built.differences_of_wheels(tmp_path)
        if wrong:
            fail(
                "The wheels of the tool are not what its commands install.",
                why="The inputs of the layer come from the commands alone, so equal inputs would give two tools.",
                instead="lock in LockedWheels.hashed what the commands install, with their layout and scripts.",
                shown=wrong,
            )

    @pytest.mark.real
    def test_an_unchanged_build_runs_nothing(self, built: Built) -> None:
        """A second build keeps every layer, and runs no command if the lock file proves that nothing has changed."""
        outcome = built.build()
        made = [name for name, what in outcome.layers.items() if what != "kept"]
        if made or (built.locked and outcome.commands):
            fail(
                "A build of an unchanged application recreates layers or runs commands.",
                why="Every deployment would take as long as the first, and could give another result.",
                instead="return Locked() if the lock file pins each archive by its hash, and otherwise a Resolution.",
                shown=[*(f"{name}: {outcome.reasons(name)}" for name in made), *outcome.commands],
            )

    @pytest.mark.real
    def test_a_release_that_is_added_is_installed(self, built: Built) -> None:
        """A release that is new in the lock file is installed."""
        built.lock(acme(), base(), extra())
        built.build()
        built.expect(acme(), base(), extra())

    @pytest.mark.real
    def test_the_login_of_an_index_that_is_given_reaches_the_tool(self, built: Built) -> None:
        """A release is installed from an index that asks for the user name and the password of the build."""
        if not built.takes_indexes:
            pytest.skip("index_variables returned None: it cannot take indexes")
        built.lock(acme(), base(), extra())
        built.index.require_login(_USER, _PASSWORD)
        built.build(
            env={
                "PIP_INDEX_URL": "",
                "LAYERWRIGHT_INDEX_KIT_URL": built.index.url,
                "LAYERWRIGHT_INDEX_KIT_USERNAME": _USER,
                "LAYERWRIGHT_INDEX_KIT_PASSWORD": _PASSWORD,
                "LAYERWRIGHT_INDEX_KIT_DEFAULT": "true",
            }
        )
        built.expect(acme(), base(), extra())

    @pytest.mark.real
    def test_a_release_that_is_gone_is_removed(self, built: Built) -> None:
        """A release that is no longer in the lock file is removed from the environment."""
        built.lock(base())
        built.build()
        built.expect(base())

    @pytest.mark.real
    def test_another_version_replaces_the_one_before(self, built: Built) -> None:
        """A newer version is installed, and then an older one."""
        for version in ("1.1", "0.5"):
            built.lock(acme(version), base())
            built.build()
            built.expect(acme(version), base())

    @pytest.mark.real
    def test_another_archive_replaces_the_one_before(self, built: Built) -> None:
        """The same version is installed again, from an archive with other contents."""
        built.index.remove("base", "1.0")
        again = other_archive(base())
        built.lock(acme(), again)
        built.build()
        built.expect(acme(), again)

    @pytest.mark.real
    def test_another_archive_than_the_locked_one_is_not_installed(self, built: Built) -> None:
        """If the lock file proves the result, the tool refuses an archive that was replaced on the index."""
        if not built.locked:
            pytest.skip("its lock file does not prove the result")
        built.index.remove("base", "1.0")
        built.index.add(replace(other_archive(base()), filename=base().filename))
        outcome = built.sandbox.build("--clean", status=None)
        if not outcome.status and (built.sandbox.site_packages / "base" / "again.txt").exists():
            fail(
                "The installed archive is not the locked one.",
                why="Locked promises that equal inputs give an equal result, so the next build keeps this environment.",
                instead="make the tool refuse archives with another hash, or return a Resolution or Unprovable(…).",
                shown=outcome.commands,
            )

    @pytest.mark.real
    def test_updates_give_the_same_as_a_new_environment(self, built: Built) -> None:
        """After updates, each file is the same as in a new environment."""
        built.lock(acme(), base(), extra())
        built.build()
        built.lock(acme("1.1"), base())
        built.build()
        built.expect(acme("1.1"), base())
        shutil.rmtree(built.sandbox.layers / "venv")
        built.build()
        built.expect(acme("1.1"), base())

    @pytest.mark.real
    def test_another_python_recreates_the_environment(self, built: Built) -> None:
        """The environment is recreated for the other interpreter, and so is the tool layer if it depends on it."""
        others = built.template.other_pythons
        if not others:
            pytest.skip("the wheelhouse has all wheels for only one Python of this machine")
        built.build(env={"LAYERWRIGHT_PYTHON_VERSION": others[-1]})
        built.expect(acme(), base())

    @pytest.mark.real
    def test_the_build_after_a_stopped_one_succeeds(self, built: Built) -> None:
        """A stopped update does not change the result of the last build, and the next build succeeds."""
        built.lock(acme(), base(), extra())
        stalled = built.index.stall("/files/extra-*")
        build = built.sandbox.start("build")
        met = _meets(build, stalled)
        # Not SIGINT: background jobs of a shell, and their child processes, ignore it.
        build.terminate()
        log, _ = build.communicate(timeout=60)
        stalled.lift()
        if not met:
            fail(
                "An update ended without asking the package index for the added release.",
                why="The release was never installed before, so it must come from there.",
                instead="make the commands install what the lock file says, even if an environment already exists.",
                shown=log.splitlines(),
            )
        built.expect(acme(), base())
        built.build()
        built.expect(acme(), base(), extra())


def _meets(build: Popen[str], fault: Fault) -> bool:
    """Return whether *build* meets *fault* before it ends."""
    while build.poll() is None:
        with suppress(TimeoutError):
            fault.wait_until_met(_MOMENT)
            return True
    return False
