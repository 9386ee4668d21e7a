"""One policy over all package managers, with the real tools and an index that says what the rules need."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from layerwright.testing.distributions import wheel
from layerwright.testing.loopback.index import PackageIndex
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse, wheelhouse
from tests.integration.poetry_site import PoetryIndex, PoetrySite, poetry_is_there
from tests.integration.site import SharedIndex, Site
from tests.integration.test_examples import EXAMPLES, PYTHONS
from tests.integration.uv_site import UvIndex, UvSite, is_filled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

OLD: Final = "2020-01-01T00:00:00Z"
YOUNG: Final = (datetime.now(UTC) - timedelta(minutes=90)).isoformat()
POLICY: Final = """\
[policy]
min-release-age = "7 days"
yanked = "warn"
archived = "warn"
quarantined = "deny"
startup-code = "known"
"""


class Application:
    """An application of one package manager, which requires ``acme`` and ``base``, and its index.

    ``acme`` may be an entry of the lock file that is called otherwise.
    """

    def __init__(self, site: Site, index: PackageIndex, names: tuple[str, str] = ("acme", "base")) -> None:
        self.site = site
        self.index = index
        self.acme, self.base = names

    def say(self, *, acme: str, base: str = OLD) -> None:
        """Say when each archive on the index was uploaded: *acme*, and everything else *base*."""
        for filename in list(self.index._files):
            name, version = filename.split("-")[:2]
            when = acme if name.lower() == self.acme else base
            if filename.endswith(".whl"):
                self.index.say_uploaded(name, version, when)

    def write(self, more: str = "") -> None:
        self.site.app.write("layerwright.toml", POLICY + more)


def pip(root: Path) -> Iterator[Application]:
    with SharedIndex() as index:
        index.reset()
        site = Site(root, index)
        site.furnish()
        # The newest release that is old enough would be taken if there were one.
        site.app.write(
            "requirements.txt", "".join(f"{index.requirement(name, '1.0')}\n" for name in ("acme", "base"))
        )
        yield Application(site, index)


def uv(root: Path) -> Iterator[Application]:
    with UvIndex() as index:
        index.reset()
        site = UvSite(root, index)
        site.furnish()
        yield Application(site, index)


def poetry(root: Path) -> Iterator[Application]:
    with PoetryIndex() as index:
        index.reset()
        site = PoetrySite(root, index)
        site.furnish()
        yield Application(site, index)


def example(name: str) -> Callable[[Path], Iterator[Application]]:
    def of(root: Path) -> Iterator[Application]:
        with PackageIndex() as index:
            for directory in (wheelhouse(), tool_wheelhouse(name)):
                index.add_directory(directory)
            site = Site(root, index)
            site.env["PDM_PYPI_URL"] = index.url
            site.home.mkdir(parents=True)
            site.cache.mkdir()
            shutil.copytree(EXAMPLES / name, site.app.path)
            site.app.write(".python-version", PYTHONS[-1])
            yield Application(site, index, ("flask", "jinja2"))

    of.__name__ = name
    return of


@pytest.fixture(
    params=[
        pip,
        uv,
        *(pytest.param(each, marks=pytest.mark.long) for each in (poetry, example("pdm"), example("pipenv"))),
    ],
    ids=lambda each: each.__name__,
)
def application(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Application]:
    tools = ("pdm", "pipenv")
    if not (
        is_filled()
        and poetry_is_there()
        and all(is_complete(tool_wheelhouse(n), TOOL_LOCKS[n]) for n in tools)
    ):
        pytest.skip("the wheelhouses are not filled: run python -m tests.fixtures.wheelhouse")
    yield from request.param(tmp_path / "site")


def test_a_young_release_is_refused_before_it_is_installed_and_an_exception_lets_it_pass(
    application: Application,
) -> None:
    site, index, acme = application.site, application.index, application.acme
    application.say(acme=YOUNG)
    index.yank(*_release(application, application.base), "broken")
    index.set_status(application.base, "archived", "use another")
    application.write()
    outcome = site.build(status=1)
    assert "Error: The policy refuses a distribution.\n" in outcome.errors
    assert f"\n  {acme} {_release(application, acme)[1]}: it was uploaded 1 hour ago, on " in outcome.errors
    assert (
        "\n    rule: min-release-age = 7 days, from layerwright.toml: policy.min-release-age\n"
        in outcome.errors
    )
    assert not (site.layers / "venv").exists()
    [shown] = [line for line in outcome.errors.splitlines() if line.startswith("    exception: ")]

    application.write(f"exceptions = [{shown.partition(': ')[2].replace('…', 'we wrote it')}]\n")
    log = site.build().log
    assert "by layerwright.toml: policy.exceptions[0]: we wrote it\n" in log
    assert (
        f"Warning: {application.base} {_release(application, application.base)[1]}: it was yanked: broken\n"
        in log
    )
    assert ": its project is archived: use another\n" in log

    before = len(index.requests)
    log = site.build().log
    assert "Policy" not in log
    assert len(index.requests) == before

    index.set_status(acme, "quarantined")
    application.write('hashes = "required"\n')
    assert f"\n  {acme} " in (errors := site.build(status=1).errors)
    assert ": its project is quarantined\n" in errors


def _release(application: Application, name: str) -> tuple[str, str]:
    """Return *name* as the index spells it, and its version."""
    [found] = {
        tuple(filename.split("-")[:2])
        for filename in application.index._files
        if filename.endswith(".whl") and filename.split("-")[0].lower() == name
    }
    return found[0], found[1]


def test_pip_chooses_what_is_old_enough_and_planted_poison_is_refused(tmp_path: Path) -> None:
    """A file that runs code at every start, and a higher version of a private name on a public index."""
    with SharedIndex() as index, PackageIndex() as public:
        index.reset()
        site = Site(tmp_path / "site", index)
        site.furnish()
        index.add(
            wheel("acme", "2.0", requires=["base>=1"]),
            wheel("evil", "1.0", files={"evil.pth": "import os\n"}),
        )
        Application(site, index).say(acme=OLD)
        index.say_uploaded("acme", "2.0", YOUNG)
        site.app.write("layerwright.toml", POLICY)
        assert "  + acme 1.0\n" in site.build().log

        site.app.write("requirements.txt", "acme\nevil\n")
        public.add(wheel("acme", "99.0"))
        site.env["PIP_EXTRA_INDEX_URL"] = public.url
        pins = f'[policy]\nstartup-code = "known"\nindexes = {{ "ac*" = "{index.url}" }}\n'
        site.app.write("layerwright.toml", pins)
        errors = site.build(status=1).errors
        assert f"\n  acme 99.0: its archive is not on {index.url}, which it must come from\n" in errors
        assert "evil" not in errors

        del site.env["PIP_EXTRA_INDEX_URL"]
        errors = site.build(status=1).errors
        assert "\n  evil 1.0: its files run code at every start of the interpreter: evil.pth\n" in errors
        assert (site.site_packages / "acme-1.0.dist-info").is_dir()
        assert not (site.site_packages / "evil.pth").exists()
