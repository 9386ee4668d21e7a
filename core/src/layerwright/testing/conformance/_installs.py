"""Checks of builds with the real tool: they end with what the lock file says, whatever was there before."""

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
    from subprocess import Popen

    from layerwright.testing.conformance.trial.built import Built
    from layerwright.testing.loopback.faults import Fault

__all__ = ["InstallChecks"]

_MOMENT: Final = 0.5
"""Seconds."""


class InstallChecks:
    """First build, keep, update, remove, another Python, an interruption."""

    @pytest.mark.real
    def test_a_first_build_installs_what_is_locked(self, built: Built) -> None:
        """The locked releases are installed, and the application is as it was."""
        built.expect(acme(), base())
        before, after = built.template.before, built.sandbox.app.snapshot()
        if before != after:
            fail(
                "The build changed the application directory.",
                why="A build must never rewrite a lock file, and files in the application directory are in the image.",
                instead="tell the tool not to lock, and where to put what it keeps: in request.cache.",
                shown=sorted({name for name in {**before, **after} if before.get(name) != after.get(name)}),
            )

    @pytest.mark.real
    def test_what_is_expected_is_installed(self, built: Built) -> None:
        """What the package manager expects before a build is there after it, and what is locked is expected."""
        expected = built.expected
        if expected is None:
            pytest.skip("nothing is expected: explanations before a build go by what is installed")
        names = {normalised_name(name) for name in expected.names}
        installed = {normalised_name(name) for name in built.sandbox.installed()}
        left_out = set() if expected.uncertain else {acme().name, base().name} - names
        if names - installed or left_out:
            fail(
                "What is installed is not what was expected.",
                why="An explanation asks plugins by it for the processes that a first build will have.",
                instead="return from expects() what the commands install for this machine, or say in uncertain why"
                " it may be other distributions.",
                shown=[
                    *(f"{name} is expected, and not installed" for name in sorted(names - installed)),
                    *(f"{name} is installed, and not expected" for name in sorted(left_out)),
                ],
            )

    @pytest.mark.real
    def test_the_tool_has_everything_that_it_requires(self, built: Built) -> None:
        """Whatever a distribution in the tool's layer requires is there as well."""
        faults = built.tool_faults
        if faults:
            fail(
                "The tool's layer lacks what its own distributions require.",
                why="A lock is installed as it is, and nothing is resolved: the tool fails when it needs the rest.",
                instead="lock it again, with every extra that is asked for: uv pip compile --universal …",
                shown=faults,
            )

    @pytest.mark.real
    def test_nothing_changed_means_that_nothing_is_run(self, built: Built) -> None:
        """A second build keeps every layer; no command is run where the lock file proves that nothing has changed."""
        outcome = built.build()
        made = [name for name, what in outcome.layers.items() if what != "kept"]
        if made or (built.locked and outcome.commands):
            fail(
                "A build of an unchanged application does something.",
                why="Every deployment would take as long as the first, and could give another result.",
                instead="return Locked(), where the lock file pins each archive by its hash; otherwise a Resolution.",
                shown=[*(f"{name}: {outcome.reasons(name)}" for name in made), *outcome.commands],
            )

    @pytest.mark.real
    def test_a_release_that_is_added_is_installed(self, built: Built) -> None:
        """What is new in the lock file is installed beside the rest."""
        built.lock(acme(), base(), extra())
        built.build()
        built.expect(acme(), base(), extra())

    @pytest.mark.real
    def test_a_release_that_is_gone_is_removed(self, built: Built) -> None:
        """What is no longer in the lock file is not in the environment either."""
        built.lock(base())
        built.build()
        built.expect(base())

    @pytest.mark.real
    def test_another_version_takes_the_place_of_the_one_before(self, built: Built) -> None:
        """A newer version, and then an older one."""
        for version in ("1.1", "0.5"):
            built.lock(acme(version), base())
            built.build()
            built.expect(acme(version), base())

    @pytest.mark.real
    def test_another_archive_takes_the_place_of_the_one_before(self, built: Built) -> None:
        """The same version, from an archive with other contents."""
        built.index.remove("base", "1.0")
        again = other_archive(base())
        built.lock(acme(), again)
        built.build()
        built.expect(acme(), again)

    @pytest.mark.real
    def test_another_archive_than_the_locked_one_is_not_installed(self, built: Built) -> None:
        """Where the lock file proves the result, an archive that was replaced on the index is refused."""
        if not built.locked:
            pytest.skip("it does not say that the lock file proves the result")
        built.index.remove("base", "1.0")
        built.index.add(replace(other_archive(base()), filename=base().filename))
        outcome = built.sandbox.build("--clean", status=None)
        if not outcome.status and (built.sandbox.site_packages / "base" / "again.txt").exists():
            fail(
                "An archive was installed that is not the locked one.",
                why="Locked says that equal inputs prove an equal result, and the next build keeps what this one made.",
                instead="have the tool refuse what has another hash; otherwise return a Resolution or Unprovable(…).",
                shown=outcome.commands,
            )

    @pytest.mark.real
    def test_after_updates_it_is_what_a_fresh_install_is(self, built: Built) -> None:
        """What came of updates is, file by file, what the same build makes where there is nothing to update."""
        built.lock(acme(), base(), extra())
        built.build()
        built.lock(acme("1.1"), base())
        built.build()
        built.expect(acme("1.1"), base())
        shutil.rmtree(built.sandbox.layers / "venv")
        built.build()
        built.expect(acme("1.1"), base())

    @pytest.mark.real
    def test_another_python_makes_the_environment_afresh(self, built: Built) -> None:
        """The environment is made for the other interpreter, and the tool layer as far as it depends on it."""
        others = built.template.other_pythons
        if not others:
            pytest.skip("there is only one Python to build with that the wheelhouse has all wheels for")
        built.build(env={"LAYERWRIGHT_PYTHON_VERSION": others[-1]})
        built.expect(acme(), base())

    @pytest.mark.real
    def test_a_build_that_is_stopped_is_made_good_by_the_next(self, built: Built) -> None:
        """The last build stays as it is when an update is stopped, and the next one ends right."""
        built.lock(acme(), base(), extra())
        stalled = built.index.stall("/files/extra-*")
        build = built.sandbox.start("build")
        met = _meets(build, stalled)
        # Not SIGINT, which a shell has its background jobs ignore, and whatever they start.
        build.terminate()
        log, _ = build.communicate(timeout=60)
        stalled.lift()
        if not met:
            fail(
                "An update ended without asking the package index for the release that was added.",
                why="It must come from there: it was never installed before.",
                instead="see that the commands install what the lock file says, also where something is installed.",
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
