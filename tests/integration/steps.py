"""An application that is edited step by step at random, and after each step is held to a fresh build of itself.

The world has distributions with all that makes an update hard: extras, scripts that come and go, data that goes, a
namespace that two of them share, a file that two of them own, sdists; each of them also as a directory of the
application and as a repository.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Protocol

from layerwright.files.trees.linking import link_tree
from layerwright.testing.distributions import sdist, source_tree, wheel
from layerwright.testing.tree import difference, tree

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from layerwright.testing.loopback.index import PackageIndex
    from layerwright.testing.tree import Entry
    from tests.integration.site import Site

__all__ = ["Kind", "Manager", "Pick", "Pip", "Poetry", "State", "Stepper", "Uv", "fill"]

_VERSIONS: Final = ("1.0", "2.0", "3.0")
_SDISTS: Final = frozenset({"source"})
_EXTRA: Final = "fast"
_WHOLE_EVERY: Final = 10


def _files(name: str, version: str) -> dict[str, Any]:
    """Return what *version* of *name* is, beside its import package."""
    number = int(version[0])
    files = {
        "left": {"shared_file.py": f"OWNER = 'left {version}'\n"},
        "right": {"shared_file.py": f"OWNER = 'right {version}'\n"} if number != 2 else {},
        "spacea": {"space/a.py": f"VERSION = {version!r}\n"},
        "spaceb": {f"space/b{number}.py": ""},
        "data": {f"data/{number}/deep/er.txt": version, "data/always.txt": "always"},
    }.get(name, {})
    more: dict[str, Any] = {"files": files}
    if name == "acme" and number < 3:
        more["requires"] = ["base"]
    if name == "kit":
        more["extras"] = {_EXTRA: ["turbo"]}
    if name == "tools":
        more["entry_points"] = {"tool": "tools:main", f"tool{number}": "tools:main"}
    return more


NAMES: Final = (
    "acme",
    "base",
    "data",
    "kit",
    "left",
    "right",
    "source",
    "spacea",
    "spaceb",
    "tools",
    "turbo",
)

# uv and Poetry install distributions side by side: which of two has written their file last is not the same every time.
SIDE_BY_SIDE: Final = tuple(name for name in NAMES if name != "right")


def fill(index: PackageIndex) -> None:
    """Have *index* offer the world's distributions."""
    for name in NAMES:
        for version in _VERSIONS:
            make = sdist if name in _SDISTS else wheel
            index.add(make(name, version, **_files(name, version)))


class Kind(Enum):
    """Where a distribution comes from."""

    INDEX = "the index"
    PATH = "a directory"
    EDITABLE = "a directory, editable"
    GIT = "a repository"
    GIT_EDITABLE = "a repository, editable"


@dataclass(frozen=True)
class Pick:
    """A requirement; without a *version* it is any."""

    kind: Kind = Kind.INDEX
    version: str = ""
    extra: bool = False

    def words(self, name: str) -> str:
        """Return the name with the extra, as a requirement has it."""
        return f"{name}[{_EXTRA}]" if self.extra and name == "kit" else name


@dataclass(frozen=True)
class State:
    """What an application asks for; ``tool`` is a version of the package manager."""

    picks: Mapping[str, Pick] = field(default_factory=dict)
    test: bool = False
    group: bool = False
    deluxe: bool = False
    tool: str = ""

    def of(self, *kinds: Kind) -> dict[str, Pick]:
        """Return the picks of *kinds*."""
        return {name: pick for name, pick in self.picks.items() if pick.kind in kinds}


class Manager(Protocol):
    """How a package manager has a state written down."""

    kinds: tuple[Kind, ...]
    tools: tuple[str, ...]
    names: tuple[str, ...]
    toggles: tuple[str, ...]

    def write(self, site: Any, state: State) -> None:
        """Write the files of the application that ask for *state*."""
        ...


class Pip:
    """Requirements files, which pip or uv installs."""

    toggles = ("test", "group")

    def __init__(self, tools: tuple[str, ...], *, installer: str = "") -> None:
        self.tools = tools
        self.names = SIDE_BY_SIDE if installer else NAMES
        # uv refuses editable repositories.
        self.kinds = tuple(kind for kind in Kind if not installer or kind is not Kind.GIT_EDITABLE)
        self._installer = f'installer = "{installer}"\n' if installer else ""

    def write(self, site: Any, state: State) -> None:
        """Write requirements files and ``layerwright.toml``."""
        lines = [_requirement(site, name, pick) for name, pick in state.picks.items()]
        site.app.write("requirements.txt", "".join(f"{line}\n" for line in lines))
        site.app.write("test-requirements.txt", "turbo\n")
        site.app.write("more.txt", "data==1.0\n" if "data" not in state.picks else "")
        files = ["requirements.txt", "more.txt"] if state.group else ["requirements.txt"]
        site.app.write(
            "layerwright.toml",
            f"[pip]\n{_version(state)}{self._installer}requirements = {json.dumps(files)}\n"
            'test-requirements = ["test-requirements.txt"]\n',
        )


class Uv:
    """A project that uv has locked."""

    kinds = (Kind.INDEX, Kind.PATH, Kind.EDITABLE, Kind.GIT)
    names = SIDE_BY_SIDE
    toggles = ("test", "group", "deluxe")

    def __init__(self, tools: tuple[str, ...]) -> None:
        self.tools = tools

    def write(self, site: Any, state: State) -> None:
        """Write ``pyproject.toml``, ``layerwright.toml`` and ``uv.lock``."""
        sources = {
            **{name: f'path = "libs/{name}"' for name in state.of(Kind.PATH)},
            **{name: f'path = "libs/{name}", editable = true' for name in state.of(Kind.EDITABLE)},
            **{name: f'git = "{_repository(site, name)}", branch = "main"' for name in state.of(Kind.GIT)},
        }
        more = "[project.optional-dependencies]\ndeluxe = ['turbo']\n"
        more += "[dependency-groups]\nmore = ['data']\ntest = ['turbo']\n"
        more += "[tool.uv.sources]\n" + "".join(f"{name} = {{ {text} }}\n" for name, text in sources.items())
        site.app.write(
            "layerwright.toml",
            f"[uv]\n{_version(state)}test-groups = ['test']\n"
            f"groups = {json.dumps(['more'] if state.group else [])}\n"
            f"extras = {json.dumps(['deluxe'] if state.deluxe else [])}\n",
        )
        site.lock(*(_pinned(name, pick) for name, pick in state.picks.items()), more=more)


class Poetry:
    """A project that the Poetry of the tool layer has locked."""

    kinds = (Kind.INDEX, Kind.PATH, Kind.EDITABLE, Kind.GIT)
    names = SIDE_BY_SIDE
    toggles = ("test", "group", "deluxe")

    def __init__(self, tools: tuple[str, ...]) -> None:
        self.tools = tools

    def write(self, site: Any, state: State) -> None:
        """Write ``pyproject.toml``, ``layerwright.toml`` and ``poetry.lock``."""
        sources = {
            **{name: f'path = "libs/{name}"' for name in state.of(Kind.PATH)},
            **{name: f'path = "libs/{name}", develop = true' for name in state.of(Kind.EDITABLE)},
            **{name: f'git = "{_repository(site, name)}", branch = "main"' for name in state.of(Kind.GIT)},
        }
        dependencies = json.dumps([_pinned(name, pick) for name, pick in state.picks.items()])
        site.app.write(
            "pyproject.toml",
            f'[project]\nname = "demo"\nversion = "1.0"\nrequires-python = ">=3.11,<4"\n'
            f"dependencies = {dependencies}\n"
            "[project.optional-dependencies]\ndeluxe = ['turbo']\n"
            "[dependency-groups]\nmore = ['data']\ntest = ['turbo']\n"
            "[tool.poetry]\npackage-mode = false\n"
            f'[[tool.poetry.source]]\nname = "loopback"\nurl = "{site.index.url}"\npriority = "primary"\n'
            "[tool.poetry.dependencies]\n"
            + "".join(f"{name} = {{ {text} }}\n" for name, text in sources.items()),
        )
        site.app.write(
            "layerwright.toml",
            f"[poetry]\n{_version(state)}test-groups = ['test']\n"
            f"groups = {json.dumps(['more'] if state.group else [])}\n"
            f"extras = {json.dumps(['deluxe'] if state.deluxe else [])}\n",
        )
        (site.app.path / "poetry.lock").unlink(missing_ok=True)
        poetry = site.layers / "tool-poetry" / "bin" / "poetry"
        subprocess.run(
            [poetry, "lock", "--no-cache", "--no-interaction"],
            cwd=site.app.path,
            env={
                **site.env,
                "POETRY_VIRTUALENVS_CREATE": "false",
                "POETRY_CACHE_DIR": str(site.root / "lock"),
            },
            check=True,
            capture_output=True,
            text=True,
        )


def _version(state: State) -> str:
    return f'version = "{state.tool}"\n' if state.tool else ""


def _pinned(name: str, pick: Pick) -> str:
    return f"{pick.words(name)}=={pick.version}" if pick.version else pick.words(name)


def _requirement(site: Site, name: str, pick: Pick) -> str:
    words = pick.words(name)
    repository = _repository(site, name)
    return {
        Kind.INDEX: _pinned(name, pick),
        Kind.PATH: f"./libs/{words}",
        Kind.EDITABLE: f"-e ./libs/{words}",
        Kind.GIT: f"{words} @ git+{repository}@main",
        Kind.GIT_EDITABLE: f"-e git+{repository}@main#egg={name}",
    }[pick.kind]


def _repository(site: Site, name: str) -> str:
    return (site.root / "repositories" / name).as_uri()


class Stepper:
    """Edits the application of *site* at random, and compares every build with a fresh one."""

    def __init__(self, site: Any, manager: Manager, random: random.Random) -> None:
        self._site = site
        self._manager = manager
        self._random = random
        self._libraries = 0
        self.state = State(tool=manager.tools[0])
        self.said: list[str] = []

    def begin(self) -> None:
        """Make every distribution a directory and a repository as well, and the first two builds."""
        self._site.build()
        for name in self._manager.names:
            for folder in (self._site.app.path / "libs" / name, self._site.root / "repositories" / name):
                _write(folder, source_tree(name, "9.0", **_files(name, "3.0")))
            self._commit(name, "init", "--quiet", "--initial-branch=main")
        self._manager.write(self._site, self.state)
        self._site.build()

    def step(self, number: int) -> str:
        """Edit, build, and return what differs from a fresh build, and how it came to that; nothing if nothing does."""
        steps = (
            self._add, self._add, self._settle, self._remove, self._repin, self._repin, self._switch, self._switch,
            self._toggle_extra, self._toggle, self._edit, self._move_on, self._change_tool,
        )  # fmt: skip
        while (did := self._random.choice(steps)()) is None:
            continue
        self._manager.write(self._site, self.state)
        before = self._site.app.snapshot()
        options = ["--exec-env", "test"] if self.state.test else []
        updated = self._site.build(*options)
        became = updated.layers["venv"]
        self.said.append(f"{number}: {did}: {became}")
        differing = self._compared(options, whole=number % _WHOLE_EVERY == 0)
        if self._site.app.snapshot() != before:
            differing += "\nthe application's own files are not as they were"
        return f"{differing}\n{updated.log}" if differing else ""

    def _compared(self, options: Iterable[str], *, whole: bool) -> str:
        """Return how the layers differ from those of a fresh build at the same place."""
        layers, aside = self._site.layers, self._site.layers.with_name("aside")
        found = _layers(layers)
        layers.rename(aside)
        layers.mkdir()
        try:
            for record in () if whole else aside.glob("*.toml"):
                # These are compared in every tenth step: to make them takes longer than all the rest.
                if record.stem == "python" or record.stem.startswith("tool-"):
                    link_tree(os.fspath(aside / record.stem), os.fspath(layers / record.stem))
                    shutil.copy2(record, layers)
            fresh = self._site.build(*options)
            assert fresh.layers["venv"] == "created"
            return "\n".join([difference(_layers(layers), found), *_changed_lines(layers, aside)]).strip()
        finally:
            shutil.rmtree(layers)
            aside.rename(layers)

    def _add(self) -> str | None:
        absent = [name for name in self._manager.names if name not in self.state.picks]
        if not absent:
            return None
        name = self._random.choice(absent)
        return self._pick(name, self._picked(self._kind()))

    def _remove(self) -> str | None:
        if not self.state.picks:
            return None
        name = self._random.choice(sorted(self.state.picks))
        picks = {other: pick for other, pick in self.state.picks.items() if other != name}
        self.state = replace(self.state, picks=picks)
        return f"remove {name}"

    def _settle(self) -> str | None:
        """Take everything from the index, where what is there can be updated again."""
        if not self.state.of(*set(Kind) - {Kind.INDEX}):
            return None
        picks = {name: replace(pick, kind=Kind.INDEX) for name, pick in self.state.picks.items()}
        self.state = replace(self.state, picks=picks)
        return "everything from the index"

    def _repin(self) -> str | None:
        names = sorted(self.state.of(Kind.INDEX))
        return self._pick(self._random.choice(names), self._picked(Kind.INDEX)) if names else None

    def _switch(self) -> str | None:
        if not self.state.picks:
            return None
        name = self._random.choice(sorted(self.state.picks))
        return self._pick(name, self._picked(self._kind()))

    def _toggle_extra(self) -> str | None:
        pick = self.state.picks.get("kit")
        return None if pick is None else self._pick("kit", replace(pick, extra=not pick.extra))

    def _toggle(self) -> str:
        name = self._random.choice(self._manager.toggles)
        self.state = replace(self.state, **{name: not getattr(self.state, name)})
        return f"{name} is {getattr(self.state, name)}"

    def _edit(self) -> str | None:
        """Change a directory that is required: a module more, or one fewer."""
        names = sorted(self.state.of(Kind.PATH, Kind.EDITABLE))
        if not names:
            return None
        name = self._random.choice(names)
        modules = sorted((self._site.app.path / "libs" / name / "src").glob("more_*.py"))
        if modules and self._random.random() < 0.5:
            modules[0].unlink()
            return f"remove a module from libs/{name}"
        self._libraries += 1
        self._site.app.write(f"libs/{name}/src/more_{self._libraries}.py", "")
        return f"add a module to libs/{name}"

    def _move_on(self) -> str | None:
        """Commit to a repository that is required: a module more."""
        names = sorted(self.state.of(Kind.GIT, Kind.GIT_EDITABLE))
        if not names:
            return None
        name = self._random.choice(names)
        self._libraries += 1
        folder = self._site.root / "repositories" / name
        _write(folder, {f"src/more_{self._libraries}.py": ""})
        self._commit(name)
        return f"commit to {name}"

    def _change_tool(self) -> str | None:
        # It costs more than all other steps, and there are but two of them.
        if len(self._manager.tools) == 1 or self._random.random() < 0.7:
            return None
        others = [version for version in self._manager.tools if version != self.state.tool]
        self.state = replace(self.state, tool=self._random.choice(others))
        return f"version {self.state.tool} of the tool"

    def _kind(self) -> Kind:
        # With pip, anything but the index means that every build makes the environment afresh.
        return Kind.INDEX if self._random.random() < 0.6 else self._random.choice(self._manager.kinds)

    def _picked(self, kind: Kind) -> Pick:
        version = self._random.choice(["", *_VERSIONS]) if kind is Kind.INDEX else ""
        return Pick(kind, version, self._random.random() < 0.5)

    def _pick(self, name: str, pick: Pick) -> str:
        self.state = replace(self.state, picks={**self.state.picks, name: pick})
        return f"{pick.words(name)} {pick.version} from {pick.kind.value}"

    def _commit(self, name: str, *before: str) -> None:
        folder = self._site.root / "repositories" / name
        git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
        for words in ([*before] if before else [], ["add", "."], ["commit", "--quiet", "--message", "More"]):
            if words:
                subprocess.run([*git, *words], cwd=folder, check=True, env=self._site.env)


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)


def _changed_lines(fresh: Path, found: Path) -> Iterator[str]:
    """Yield what the records of two directories of layers say that is not the same, which their digests do not tell."""
    for record in fresh.glob("*.toml"):
        if record.stem.partition("-")[0] != "cache" and (found / record.name).exists():
            old, new = (path.read_text().splitlines() for path in (record, found / record.name))
            yield from (line for line in unified_diff(old, new, record.name, record.name, n=0, lineterm=""))


def _layers(layers: Path) -> dict[str, Entry]:
    """Return everything that there is in *layers* but download caches and what is ours alone."""
    return {
        name: entry
        for name, entry in tree(layers).items()
        if not name.startswith((".layerwright", "cache-")) and name != "store.toml"
    }
