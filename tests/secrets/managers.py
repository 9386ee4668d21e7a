"""Sites of every package manager, to each of which secrets are given in all the ways that it has."""

from __future__ import annotations

import base64
import shutil
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from layerwright.testing.distributions import wheel
from tests.fixtures.wheelhouse import tool_wheelhouse, wheelhouse
from tests.integration.poetry_site import PoetrySite
from tests.integration.site import Site
from tests.integration.test_examples import EXAMPLES
from tests.integration.uv_site import UvSite, pyproject, uv_wheelhouse
from tests.secrets import ways
from tests.secrets.ways import BOUND, PIP, Given, bound_index, repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.secrets.gates import Gates

__all__ = ["SETUPS"]

_UV: Final = """
[tool.uv.sources]
by-named = {{ index = "acme" }}
by-path = {{ index = "hidden" }}
by-netrc = {{ index = "netrc" }}
by-git = {{ git = "http://{git}@{place}/login-git/git/{repository}" }}
by-url = {{ url = "http://{place}/query-direct/files/by_url-1.0-py3-none-any.whl?token={query}" }}

[[tool.uv.index]]
name = "acme"
url = "http://{place}/login-acme/simple"
explicit = true

[[tool.uv.index]]
name = "hidden"
url = "http://{place}/{path}/simple"
explicit = true

[[tool.uv.index]]
name = "netrc"
url = "http://{localhost}/login-netrc/simple"
explicit = true
"""


def pip(root: Path, gates: Gates) -> Given:
    given = _furnished(Site(root, gates.index), gates)
    for way in PIP:
        way(given)
    given.site.app.write("requirements.txt", "".join(f"{line}\n" for line in given.lines))
    return given


def pip_with_uv(root: Path, gates: Gates) -> Given:
    given = _furnished(Site(root, gates.index), gates)
    gates.index.add_directory(uv_wheelhouse())
    for way in PIP:
        # uv clones no repository as editable.
        if way is not ways.editable_git:
            way(given)
    given.site.app.write("requirements.txt", "".join(f"{line}\n" for line in given.lines))
    mirror = (given.site.app.path / "layerwright.toml").read_text()
    given.write(given.site.app.path / "layerwright.toml", f'[pip]\ninstaller = "uv"\n{mirror}')
    return given


def uv(root: Path, gates: Gates) -> Given:
    site = UvSite(root, gates.index)
    given = _furnished(site, gates)
    gates.index.add_directory(uv_wheelhouse())
    given.env["UV_DEFAULT_INDEX"] = _login(given, "default", odd=True)
    named = given.env["UV_INDEX_ACME_PASSWORD"] = given.keep("password of a named index", odd=True)
    given.env["UV_INDEX_ACME_USERNAME"] = "reader"
    gates.logins["login-acme"] = f"reader:{named}"
    ways.netrc(given)
    ways.backend_variable(given)
    git, query = given.keep("user of a repository"), given.keep("query of a URL")
    gates.logins["login-git"], gates.queries["query-direct"] = f"{git}:", query
    names = [given.offer(f"by-{name}") for name in ("default", "named", "path", "netrc", "url")]
    more = _UV.format(
        git=git,
        localhost=gates.place.replace("127.0.0.1", "localhost"),
        path=given.keep("path of an index"),
        place=gates.place,
        query=query,
        repository=repository(gates.root, "by-git"),
    )
    more = more.replace("[tool.uv.sources]\n", '[tool.uv.sources]\nby-backend = { path = "by-backend" }\n')
    site.app.write("pyproject.toml", pyproject(*names, "by-git", "by-backend", more=more))
    site.uv("lock", env=given.env)
    # The cache of the developer who locked the application contains secrets.
    shutil.rmtree(root / "developer")
    given.installs["by-git"] = "1.0"
    given.files += [site.app.path / "pyproject.toml", site.app.path / "uv.lock"]
    return given


def poetry(root: Path, gates: Gates) -> Given:
    password = _poetry(given := _furnished(PoetrySite(root, gates.index), gates))  # type: ignore[arg-type]
    given.env |= {
        "POETRY_HTTP_BASIC_LOOPBACK_USERNAME": "reader",
        "POETRY_HTTP_BASIC_LOOPBACK_PASSWORD": password,
    }
    return given


def poetry_auth(root: Path, gates: Gates) -> Given:
    password = _poetry(given := _furnished(PoetrySite(root, gates.index), gates))  # type: ignore[arg-type]
    auth = f"[http-basic.loopback]\nusername = \"reader\"\npassword = '{password}'\n"
    given.write(given.site.home / ".config" / "pypoetry" / "auth.toml", auth)
    return given


def pdm(root: Path, gates: Gates) -> Given:
    given = _example("pdm", root, gates)
    given.env["PDM_PYPI_URL"] = _login(given, given.keep("path of PDM's index"), odd=True)
    return given


def pdm_password(root: Path, gates: Gates) -> Given:
    given = _example("pdm", root, gates)
    _login(given, "pdm", odd=True)
    given.env |= {
        "PDM_PYPI_URL": f"http://{gates.place}/login-pdm/simple",
        "PDM_PYPI_USERNAME": "reader",
        "PDM_PYPI_PASSWORD": given.secrets["password of login-pdm"],
    }
    return given


def pipenv(root: Path, gates: Gates) -> Given:
    given = _example("pipenv", root, gates)
    given.env["PIP_INDEX_URL"] = _login(given, given.keep("path of Pipenv's index"), odd=True)
    return given


def pip_bound(root: Path, gates: Gates) -> Given:
    given = _furnished(Site(root, gates.index), gates)
    for way in BOUND:
        way(given)
    given.lines += [given.offer("by-default"), given.offer("by-variables")]
    given.site.app.write("requirements.txt", "".join(f"{line}\n" for line in given.lines))
    return given


def pip_with_uv_bound(root: Path, gates: Gates) -> Given:
    given = pip_bound(root, gates)
    gates.index.add_directory(uv_wheelhouse())
    given.site.app.write("layerwright.toml", '[pip]\ninstaller = "uv"\n')
    return given


def uv_bound(root: Path, gates: Gates) -> Given:
    site = UvSite(root, gates.index)
    given = _furnished(site, gates)
    gates.index.add_directory(uv_wheelhouse())
    for way in BOUND:
        way(given)
    names = [given.offer(f"by-{name}") for name in ("default", "variables")]
    sources = (
        '[tool.uv.sources]\nby-variables = { index = "ours" }\n'
        f'[[tool.uv.index]]\nname = "ours"\nurl = "{given.env["LAYERWRIGHT_INDEX_LISTED_URL"]}"\nexplicit = true\n'
    )
    site.app.write("pyproject.toml", pyproject(*names, *given.lines, more=sources))
    locking = {
        "UV_DEFAULT_INDEX": _with_login(given, "bound"),
        "UV_INDEX_OURS_USERNAME": given.env["LAYERWRIGHT_INDEX_LISTED_USERNAME"],
        "NETRC": str(root / "bindings" / "hosts" / "netrc"),
    }
    header = base64.b64encode(gates.logins["login-bound-git"].encode()).decode()
    site.uv(
        "lock",
        env={
            **locking,
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.http://{gates.place}/login-bound-git.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {header}",
        },
    )
    shutil.rmtree(root / "developer")
    return given


def poetry_bound(root: Path, gates: Gates) -> Given:
    given = _furnished(PoetrySite(root, gates.index), gates)
    bound_index(given)
    _poetry(given, "login-bound")
    return given


def pdm_bound(root: Path, gates: Gates) -> Given:
    given = _example("pdm", root, gates)
    bound_index(given)
    return given


def pipenv_bound(root: Path, gates: Gates) -> Given:
    given = _example("pipenv", root, gates)
    bound_index(given)
    return given


SETUPS: Final[dict[str, Callable[[Path, Gates], Given]]] = {
    "pip": pip,
    "pip with uv": pip_with_uv,
    "uv": uv,
    "Poetry": poetry,
    "Poetry, auth.toml": poetry_auth,
    "PDM": pdm,
    "PDM, password": pdm_password,
    "Pipenv": pipenv,
    "pip, bindings": pip_bound,
    "pip with uv, bindings": pip_with_uv_bound,
    "uv, bindings": uv_bound,
    "Poetry, bindings": poetry_bound,
    "PDM, bindings": pdm_bound,
    "Pipenv, bindings": pipenv_bound,
}


def _furnished(site: Site, gates: Gates) -> Given:
    # What is made with secrets is made here.
    site.shared = Site.shared
    site.make_directories()
    site.env.pop("TMPDIR", None)
    gates.index.add_directory(wheelhouse())
    return Given(site, gates)


def _login(given: Given, gate: str, *, odd: bool = False) -> str:
    """Add a gate that asks for a password; return the URL of the index behind it, with the password."""
    gate = gate if gate in given.secrets.values() else f"login-{gate}"
    password = given.keep(f"password of {gate}", odd=odd)
    given.gates.logins[gate] = f"reader:{password}"
    return f"http://reader:{quote(password, safe='')}@{given.gates.place}/{gate}/simple"


def _with_login(given: Given, gate: str) -> str:
    user, _, password = given.gates.logins[f"login-{gate}"].partition(":")
    return f"http://{user}:{quote(password, safe='')}@{given.gates.place}/login-{gate}/simple"


def _poetry(given: Given, gate: str = "") -> str:
    """Lock an application with an index that has a token in its path and a password; return the password.

    With *gate*, lock it with the index there, which has no further secret, and return an empty string.
    """
    index, gates = given.gates.index, given.gates
    index.add_directory(tool_wheelhouse("poetry"))
    index.add(wheel("acme", "1.0", requires=["base>=1"]), wheel("base", "1.0"))
    index.add(wheel("extra", "2.0"), wheel("probe", "3.0"))
    token = gate or given.keep("path of a source")
    if not gate:
        _login(given, token, odd=True)
        given.env["PIP_INDEX_URL"] = _login(given, "pip", odd=True)
    index.shown = f"http://{gates.place}/{token}/simple/"
    given.site.lock()  # type: ignore[attr-defined]
    given.installs |= {"acme": "1.0", "base": "1.0"}
    app = given.site.app.path
    given.files += [app / "pyproject.toml", app / "poetry.lock"]
    return given.secrets.get(f"password of {token}", "")


def _example(name: str, root: Path, gates: Gates) -> Given:
    site = Site(root, gates.index)
    site.home.mkdir(parents=True)
    site.cache.mkdir()
    site.env.pop("TMPDIR", None)
    shutil.copytree(EXAMPLES / name, site.app.path)
    for directory in (wheelhouse(), tool_wheelhouse(name)):
        gates.index.add_directory(directory)
    given = Given(site, gates)
    given.env["PIP_INDEX_URL"] = _login(given, "pip", odd=True)
    return given
