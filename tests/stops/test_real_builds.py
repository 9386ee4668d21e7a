"""Real builds with pip and uv, killed by strace at system calls that change the file system.

There are thousands in a build, and each kill takes seconds, so that they are spread evenly over all of them.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from layerwright.build.lock import PRIVATE
from layerwright.testing.distributions import wheel
from layerwright.testing.tree import difference
from tests.integration.uv_site import UvIndex, UvSite, is_filled
from tests.stops.states import copy, layers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from layerwright.testing.tree import Entry

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(7200),
    pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace"),
    pytest.mark.skipif(
        not is_filled(), reason="uv's wheel is not there: run python -m tests.fixtures.wheelhouse"
    ),
]

CALLS: Final = (
    "rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,linkat,symlink,symlinkat,"
    "chmod,fchmod,fchmodat,utimensat,ftruncate,fsync,syncfs"
)
KILLS: Final = 20


@pytest.fixture
def site(tmp_path: Path) -> Iterator[UvSite]:
    with UvIndex() as index:
        index.reset()
        index.add(wheel("extra", "2.0"))
        site = UvSite(tmp_path / "site", index)
        site.furnish()
        yield site


def with_pip(site: UvSite, *requirements: str) -> None:
    for name in ("pyproject.toml", "uv.lock"):
        (site.app.path / name).unlink(missing_ok=True)
    site.app.write("requirements.txt", "\n".join(requirements))


def with_uv(site: UvSite, *requirements: str) -> None:
    (site.app.path / "requirements.txt").unlink(missing_ok=True)
    site.lock(*requirements)


class Killer:
    """Kills commands at *site*, which starts from the same state each time."""

    def __init__(self, site: UvSite, kept: Path) -> None:
        self.site = site
        self.kept = kept
        self.kills = 0
        kept.parent.mkdir(exist_ok=True)
        copy(site.layers, kept)

    def put_back(self) -> None:
        copy(self.kept, self.site.layers)

    def calls(self, command: str) -> list[str]:
        """Return the names of the calls that count in *command*, in order."""
        self.put_back()
        report = self.kept.with_name("calls")
        self._run(command, f"--output={report}", f"--trace={CALLS}")
        return [line.partition("(")[0] for line in report.read_text().splitlines()]

    def kill(self, command: str, calls: list[str], at: int) -> bool:
        """Kill *command* at number *at* of *calls*; return whether it got there."""
        self.put_back()
        # strace counts the calls of each name apart.
        name, number = calls[at - 1], calls[:at].count(calls[at - 1])
        status = self._run(command, "--output=/dev/null", f"--inject={name}:signal=KILL:when={number}")
        killed = status == -signal.SIGKILL
        self.kills += killed
        return killed

    def _run(self, command: str, *options: str) -> int:
        return subprocess.run(
            ["strace", "--quiet=all", "--signal=none", *options, *self.site.command(command)],
            env=self.site.env,
            cwd=self.site.app.path,
            capture_output=True,
            check=False,
        ).returncode


def spread(calls: int, count: int = KILLS) -> list[int]:
    """Return *count* numbers from 1 to *calls*, as even as can be."""
    return sorted({1 + at * (calls - 1) // (count - 1) for at in range(count)})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, lambda site: with_pip(site, "acme")),
        (None, lambda site: with_uv(site, "acme")),
        (lambda site: with_pip(site, "acme"), lambda site: with_pip(site, "acme", "extra")),
        (lambda site: with_uv(site, "acme"), lambda site: with_uv(site, "acme", "extra")),
        (lambda site: with_pip(site, "acme"), lambda site: with_uv(site, "acme", "extra")),
    ],
    ids=["first with pip", "first with uv", "update with pip", "update with uv", "from pip to uv"],
)
def test_after_a_kill_anywhere_the_next_build_is_as_a_fresh_one(
    site: UvSite, tmp_path: Path, before: Callable[[UvSite], None] | None, after: Callable[[UvSite], None]
) -> None:
    after(site)
    site.build()
    fresh = layers_of(site.layers)
    shutil.rmtree(site.layers)
    old: dict[str, Entry] = {}
    if before is not None:
        before(site)
        site.build()
        old = layers_of(site.layers)
        after(site)
    killer = Killer(site, tmp_path / "kept")
    wrong = []
    calls = killer.calls("build")
    for at in spread(len(calls)):
        killer.kill("build", calls, at)
        if before is not None and at % 2:
            site.seen()
            found = layers_of(site.layers)
            if difference(old, found) and difference(fresh, found):
                wrong.append(f"{at}: neither the old nor the new can be launched: {difference(old, found)}")
        outcome = site.layerwright("build", status=None)
        if outcome.status or difference(fresh, layers_of(site.layers)):
            wrong.append(f"{at}: {outcome.log}\n{difference(fresh, layers_of(site.layers))}")
    print(f"{killer.kills} kills in {len(calls)} calls")
    assert wrong == []
    # Calls vary a little from one build to the next, so that the last ones may not come.
    assert killer.kills > KILLS * 3 // 4


def test_after_a_kill_in_a_recovery_or_in_the_recovery_of_that_the_next_build_is_as_a_fresh_one(
    site: UvSite, tmp_path: Path
) -> None:
    with_uv(site, "acme", "extra")
    site.build()
    fresh = layers_of(site.layers)
    shutil.rmtree(site.layers)
    with_pip(site, "acme")
    site.build()
    old = layers_of(site.layers)
    with_uv(site, "acme", "extra")
    first = Killer(site, tmp_path / "first" / "kept")
    calls = first.calls("build")
    # What comes after the build is complete leaves nothing to recover from.
    for eighth in range(7, 0, -1):
        first.kill("build", calls, len(calls) * eighth // 8)
        if (site.layers / PRIVATE / "aside").exists():
            break
    else:
        pytest.fail("no kill has left anything to recover from")
    second = Killer(site, tmp_path / "second" / "kept")
    calls, wrong = second.calls("run"), []
    for at in spread(len(calls), min(len(calls), KILLS)):
        second.kill("run", calls, at)
        third = Killer(site, tmp_path / f"third{at}" / "kept")
        more = third.calls("run")
        for again in spread(len(more), 3) if len(more) > 3 else ():
            third.kill("run", more, again)
            site.seen()
            if difference(old, layers_of(site.layers)):
                wrong.append(f"{at}, {again}: {difference(old, layers_of(site.layers))}")
        outcome = site.layerwright("build", status=None)
        if outcome.status or difference(fresh, layers_of(site.layers)):
            wrong.append(f"{at}: {outcome.log}\n{difference(fresh, layers_of(site.layers))}")
        second.kills += third.kills
    print(f"{second.kills} kills in {len(calls)} calls, and in those of recoveries of what is left")
    assert wrong == []
    assert second.kills > 10
