"""A build that is stopped, at any point and by any means, leaves nothing that a later one mistakes for complete."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import wheel
from layerwright.testing.machine import interpreters

if TYPE_CHECKING:
    import subprocess

    from tests.integration.site import SharedIndex, Site

pytestmark = [pytest.mark.integration, pytest.mark.measured]

BEFORE = {"acme": "1.0", "base": "1.0"}
AFTER = {"acme": "1.0", "extra": "2.0", "base": "1.0"}


def stop(build: subprocess.Popen[str], after: str, signal_number: int) -> str:
    """Send the signal once the log has *after* in it; return the whole log."""
    assert build.stdout is not None
    log = ""
    with build.stdout:
        for line in build.stdout:
            log += line
            if after in line:
                break
        else:
            pytest.fail(f"{after!r} is not in the log:\n{log}")
        # A terminal signals the whole group, a platform the one process.
        (os.killpg if signal_number == signal.SIGINT else os.kill)(build.pid, signal_number)
        build.wait(60)
        return log + build.stdout.read()


def running(site: Site) -> list[str]:
    """Return the command lines of the processes that have to do with *site*."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            command = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(site.root) in command:
            found.append(command)
    return found


def wait_until_alone(site: Site) -> None:
    deadline = time.monotonic() + 60
    while processes := running(site):
        assert time.monotonic() < deadline, processes
        time.sleep(0.05)


def change(site: Site, index: SharedIndex) -> None:
    index.add(wheel("extra", "2.0"))
    site.app.write("requirements.txt", "acme\nextra\n")


@pytest.mark.parametrize(
    ("after", "signal_number"),
    [
        ("$ pip install --dry-run", signal.SIGINT),
        ("Updating layer venv", signal.SIGKILL),
        ("$ pip install extra", signal.SIGHUP),
        ("$ pip install extra", signal.SIGINT),
        ("$ pip install extra", signal.SIGTERM),
        ("$ pip install extra", signal.SIGKILL),
        ("$ compile", signal.SIGKILL),
    ],
)
def test_an_update_that_is_stopped_leaves_the_last_build_and_the_next_one_is_right(
    site: Site, index: SharedIndex, after: str, signal_number: signal.Signals
) -> None:
    change(site, index)
    build = site.start("build")

    log = stop(build, after, signal_number)

    killed = signal_number == signal.SIGKILL
    ends = {-signal_number if killed else 128 + signal_number}
    # The last command may be over, and the build complete, before the signal arrives.
    assert build.returncode in (ends | {0} if after == "$ compile" else ends), log
    if not killed:
        wait_until_alone(site)
    if build.returncode > 0:
        assert "Interrupted." in log
        assert "The last complete build is unchanged." in log
    assert site.seen()["distributions"] == (AFTER if build.returncode == 0 else BEFORE)
    site.build()
    assert site.installed() == AFTER
    assert site.seen()["distributions"] == AFTER


def test_a_first_build_that_is_killed_again_and_again_ends_right(new_site: Site, index: SharedIndex) -> None:
    for after in ("Creating layer python", "Creating layer tool-pip", "$ python -m venv", "$ pip install -r"):
        build = new_site.start("build")
        stop(build, after, signal.SIGKILL)
        assert "The application is not built yet." in new_site.layerwright("run", status=1).errors

    outcome = new_site.build()

    assert "an earlier build did not finish it" in outcome.reasons("venv")
    assert outcome.layers["python"] == "kept"
    assert new_site.installed() == new_site.seen()["distributions"] == BEFORE


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("after", ["Creating layer python", "$ pip install -r"])
def test_a_build_with_another_python_that_is_stopped_leaves_the_last_one(
    site: Site, signal_number: int, after: str
) -> None:
    _, *others = reversed([minor for minor in interpreters() if minor >= "3.11"][-2:])
    if not others:
        pytest.skip("there is only one Python to build with")
    python = site.seen()["python"]
    site.app.write(".python-version", others[0])
    build = site.start("build")

    stop(build, after, signal_number)

    assert site.seen()["python"] == python
    assert site.installed() == BEFORE
    site.app.remove(".python-version")
    assert site.build().layers["python"] == "kept"
    assert site.seen()["distributions"] == BEFORE


def test_a_second_build_at_the_same_time_waits_and_says_so(site: Site, index: SharedIndex) -> None:
    change(site, index)
    fault = index.stall("/simple/extra/")
    first = site.start("build")
    fault.wait_until_met()
    second = site.start("build")
    assert second.stdout is not None

    assert second.stdout.readline() == "Waiting for another build of this application to finish.\n"
    fault.lift()

    assert "Layer venv updated" in first.communicate(timeout=120)[0]
    assert first.returncode == 0
    assert "Layer venv kept" in second.communicate(timeout=120)[0]
    assert second.returncode == 0
    assert site.installed() == AFTER


def test_a_build_waits_for_what_a_killed_one_has_left_running(site: Site, index: SharedIndex) -> None:
    change(site, index)
    fault = index.stall("/simple/extra/")
    killed = site.start("build")
    fault.wait_until_met()
    killed.kill()
    killed.wait()
    assert running(site) != []
    after = site.start("build")
    assert after.stdout is not None

    assert after.stdout.readline() == "Waiting for another build of this application to finish.\n"
    fault.lift()

    log, _ = after.communicate(timeout=120)
    assert "The last build was interrupted" in log
    assert after.returncode == 0
    assert site.installed() == AFTER
    wait_until_alone(site)
    assert killed.stdout is not None
    killed.stdout.close()
