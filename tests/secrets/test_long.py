"""The long form: with every package manager, a search for every secret after each build, finished, failed or killed."""

from __future__ import annotations

import os
import shutil
import signal
import stat
from typing import TYPE_CHECKING

import pytest

from tests.secrets.gates import Gates, HiddenIndex
from tests.secrets.managers import SETUPS
from tests.secrets.search import Search
from tests.secrets.test_secrets import descendants

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.secrets.ways import Given

pytestmark = [pytest.mark.integration, pytest.mark.long]

SAID = (("explain",), ("explain", "--json"), ("explain", "--html", "../page.html"), ("config",), ("detect",))
STALLED = {"PDM": "flask", "Pipenv": "flask", "Poetry": "acme"}
"""The distribution whose archive is not sent, so that a build can be killed meanwhile."""

REFUSED = {"pip", "pip with uv", "uv", "pip, bindings", "pip with uv, bindings"}
"""What has secrets in URLs of distributions, or in the download cache, so that there is no bundle."""


@pytest.fixture
def gates(tmp_path: Path) -> Iterator[Gates]:
    (tmp_path / "repositories").mkdir()
    with HiddenIndex() as index:
        gates = Gates(index, tmp_path / "repositories")
        yield gates
        gates.close()
    shutil.rmtree(tmp_path / "site", ignore_errors=True)


@pytest.mark.parametrize("manager", SETUPS)
def test_no_secret_is_left_or_printed(manager: str, gates: Gates, tmp_path: Path) -> None:
    given = SETUPS[manager](tmp_path / "site", gates)
    given.site.env |= given.env
    total: list[Search] = []

    def search(*printed: str, unfinished: tuple[str, ...] = ()) -> None:
        found = Search.of(given.secrets, [given.site.root], given.files, *printed)
        total.append(found)
        # Without its record no layer counts, and the next build removes it.
        places = [f"{given.site.layers / name}/" for name in unfinished]
        assert [one for one in found.found if not any(place in one for place in places)] == []

    for arguments in ((), (), ("--clean",)):
        built = given.site.build(*arguments)
        search(built.log, built.errors)
    if given.installs:
        assert given.installs.items() <= given.site.installed().items()
    for words in SAID:
        said = given.site.layerwright(*words)
        search(said.log, said.errors)

    _fail(given, search)
    _kill(given, search, next((name for key, name in STALLED.items() if manager.startswith(key)), "by_"))

    again = given.site.build("--clean")
    search(again.log, again.errors)
    print(
        f"\n{manager}: {len(given.secrets)} secrets in {total[0].forms} forms, {len(total)} searches of "
        f"{sum(one.files for one in total)} files and {sum(one.characters for one in total)} characters"
    )


@pytest.mark.parametrize("manager", SETUPS)
def test_a_bundle_has_no_secret_or_is_refused(manager: str, gates: Gates, tmp_path: Path) -> None:
    given = SETUPS[manager](tmp_path / "site", gates)
    fetched = given.site.layerwright("fetch", "--into", "../bundle", status=None, env=given.env)
    bundle = given.site.root / "bundle"
    found = Search.of(given.secrets, [given.site.root], given.files, fetched.log, fetched.errors).found
    # Only its owner can read it, and it is removed when the bundle is complete.
    unfinished = bundle / ".unfinished"
    assert [one for one in found if f"{unfinished}/" not in one] == []
    if manager in REFUSED:
        assert "/errors.html#not-for-a-bundle" in fetched.errors
        assert stat.S_IMODE(unfinished.stat().st_mode) == 0o700
        assert not (bundle / "bundle.json").exists()
    else:
        assert fetched.status == 0, fetched.log + fetched.errors
        assert not unfinished.exists()


def _fail(given: Given, search: object) -> None:
    """Build after every password has changed."""
    logins, queries = dict(given.gates.logins), dict(given.gates.queries)
    given.gates.logins.update(dict.fromkeys(logins, "another:one"))
    given.gates.queries.update(dict.fromkeys(queries, "another"))
    failed = given.site.build("--clean", status=None)
    given.gates.logins.update(logins)
    given.gates.queries.update(queries)
    assert failed.status != 0
    search(failed.log, failed.errors)  # type: ignore[operator]


def _kill(given: Given, search: object, stalled: str) -> None:
    """Kill a build, and all that it has started, while an archive is on its way."""
    given.gates.stalled = f"/files/{stalled}"
    build = given.site.start("build", "--clean")
    assert given.gates.reached.wait(300)
    for pid in [*descendants(build.pid), build.pid]:
        os.kill(pid, signal.SIGKILL)
    said = build.communicate()[0]
    given.gates.stalled = ""
    left = sorted(path.name for path in given.site.layers.iterdir() if path.is_dir() and path.name[0] != ".")
    unrecorded = [name for name in left if not (given.site.layers / f"{name}.toml").exists()]
    search(
        said, unfinished=(*unrecorded, ".layerwright/temporary", ".layerwright/aside", ".layerwright/trash")
    )  # type: ignore[operator]
    after = given.site.build()
    search(after.log, after.errors)  # type: ignore[operator]
