"""What an explanation says before anything is installed is what the first build then does, however it is locked."""

from __future__ import annotations

import json
import shutil
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.poetry import Locked, lock_text
from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.poetry_site import PoetryIndex, poetry_is_there
from tests.integration.test_examples import EXAMPLES
from tests.integration.uv_site import UvSite, is_filled, pyproject, uv_wheelhouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

EXPORT = ("export", "--no-emit-project", "--no-default-groups", "--group=nothing")
GROUPS = """\
[dependency-groups]
dev = ["fastapi", "uvicorn"]
nothing = []
[tool.uv]
environments = ["sys_platform == 'linux'"]
"""
# The one that is for every Python with wheels here.
REQUIRED = {"django": "django<6", "flask": "flask"}
SOURCE = '[[tool.poetry.source]]\nname = "loopback"\nurl = "{}"\npriority = "primary"\n'


@pytest.fixture
def place(tmp_path: Path) -> Iterator[UvSite]:
    """Return a site where nothing is built, with an index that has every framework, uv and Poetry."""
    if not (is_filled() and poetry_is_there() and is_complete(wheelhouse())):
        pytest.skip("the wheelhouses are not filled: run python -m tests.fixtures.wheelhouse")
    with PoetryIndex() as index:
        index.reset()
        index.add_directory(wheelhouse())
        index.add_directory(uv_wheelhouse())
        site = UvSite(tmp_path / "site", index)
        site.make_directories()
        yield site
    shutil.rmtree(site.root)


def uv(site: UvSite) -> str:
    """Lock with uv."""
    return "what uv.lock will install"


def poetry(site: UvSite) -> str:
    """Write a lock file of Poetry with what uv has locked."""
    index = site.index
    assert isinstance(index, PoetryIndex)
    lock = tomllib.loads((site.app.path / "uv.lock").read_text())
    site.app.remove("uv.lock")
    text = (site.app.path / "pyproject.toml").read_text()
    text += f"[tool.poetry]\npackage-mode = false\n{SOURCE.format(index.url)}"
    site.app.write("pyproject.toml", text)
    own = next(package for package in lock["package"] if package["name"] == "shop")
    development = reached(lock, own["dev-dependencies"]["dev"]) - reached(lock, own["dependencies"])
    packages = [
        Locked(
            name=package["name"],
            version=package["version"],
            others=index.wheels(package["name"], package["version"]),
            index=index.url,
            requires=tuple(one["name"] for one in package.get("dependencies", ())),
            groups=("dev",) if package["name"] in development else ("main",),
        )
        for package in lock["package"]
        if package is not own
    ]
    site.app.write("poetry.lock", lock_text(text, packages))
    return "what poetry.lock will install"


def reached(lock: dict[str, Any], dependencies: list[dict[str, Any]]) -> set[str]:
    """Return the names of what *dependencies* lead to."""
    graph = {p["name"]: [one["name"] for one in p.get("dependencies", ())] for p in lock["package"]}
    found: set[str] = set()
    wanted = [one["name"] for one in dependencies]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += graph[name]
    return found


def hashed(site: UvSite) -> str:
    """Have requirements that are locked by hash."""
    site.uv(*EXPORT, "--output-file=requirements.txt")
    site.app.remove("uv.lock")
    return "what requirements.txt will install"


def pylock(site: UvSite) -> str:
    """Write a standard lock file."""
    site.uv(*EXPORT, "--format=pylock.toml", "--output-file=pylock.toml")
    site.app.remove("uv.lock")
    return "what pylock.toml will install"


def plain(site: UvSite) -> str:
    """Have requirements that are not locked."""
    project = tomllib.loads((site.app.path / "pyproject.toml").read_text())["project"]
    site.app.write("requirements.txt", "\n".join(project["dependencies"]))
    site.app.remove("uv.lock")
    return "what requirements.txt names"


def django(site: UvSite) -> list[str]:
    """Write a project with static files; return what runs after the install."""
    for name in ("manage.py", "greeting"):
        source, target = EXAMPLES / "django" / name, site.app.path / name
        _ = shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    settings = site.app.path / "greeting" / "settings.py"
    settings.write_text(f"{settings.read_text()}STATIC_ROOT = 'collected'\n")
    return ["python manage.py collectstatic --noinput"]


def flask(site: UvSite) -> list[str]:
    """Write an application in one file."""
    shutil.copy(EXAMPLES / "flask" / "app.py", site.app.path / "app.py")
    return []


@pytest.mark.parametrize(
    ("framework", "lock"),
    [
        (flask, uv),
        pytest.param(flask, poetry, marks=pytest.mark.long),
        (django, hashed),
        (flask, pylock),
        (flask, plain),
        *(
            pytest.param(framework, lock, marks=pytest.mark.long)
            for framework, lock in (
                (django, uv),
                (django, poetry),
                (flask, hashed),
                (django, pylock),
                (django, plain),
            )
        ),
    ],
)
def test_the_first_build_has_the_processes_and_commands_that_were_explained(
    place: UvSite, framework: Callable[[UvSite], list[str]], lock: Callable[[UvSite], str]
) -> None:
    after = framework(place)
    place.app.write("pyproject.toml", pyproject(REQUIRED[framework.__name__], "gunicorn", more=GROUPS))
    place.relock()
    words = lock(place)

    assert f" are based on {words}." in place.layerwright("explain").log
    explained = json.loads(place.layerwright("explain", "--json").log)

    assert explained["asked-by-what-is-installed"]["installed"] == "nothing"
    [process] = explained["processes"]
    assert "exec gunicorn --bind" in " ".join(process["command"])
    assert [one["command"] for one in explained["post-install"]] == after
    assert explained["warnings"] == []

    outcome = place.build()

    launch = tomllib.loads((place.layers / "launch.toml").read_text())
    done = [(p["type"], [*p["command"], *p.get("args", ())]) for p in launch["processes"]]
    assert done == [(process["type"], process["command"])]
    assert outcome.log.partition("\nAfter the install\n")[2].count("$ ") == len(after)
    again = json.loads(place.layerwright("explain", "--json").log)
    for key in ("processes", "post-install", "warnings", "launch-environment"):
        assert again[key] == explained[key]
