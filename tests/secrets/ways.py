"""Ways of giving a secret to a build: each has a secret of its own, and the build fails without it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from layerwright.testing.distributions import source_tree, wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.site import Site
    from tests.secrets.gates import Gates

__all__ = ["BOUND", "PIP", "Given", "repository", "secret"]

_GIT: Final = (
    "git",
    "-c",
    "user.name=Test",
    "-c",
    "user.email=test@example.com",
    "-c",
    "init.defaultBranch=main",
)


def secret(name: str, *, odd: bool = False) -> str:
    """Return a secret of its own for *name*; an *odd* one has characters that URLs and JSON escape."""
    token = f"Zq{hashlib.sha1(name.encode()).hexdigest()[:18]}"
    return f'{token[:9]}/+@%"{token[9:]}' if odd else token


@dataclass
class Given:
    """What the build at ``site`` gets: variables, lines of a requirements file, files; and what it then installs."""

    site: Site
    gates: Gates
    secrets: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    installs: dict[str, str] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)

    def keep(self, name: str, *, odd: bool = False) -> str:
        """Return a new secret."""
        self.secrets[name] = secret(name, odd=odd)
        return self.secrets[name]

    def offer(self, name: str) -> str:
        """Offer the distribution *name* on the index, and require it."""
        self.gates.index.add(wheel(name, "1.0"))
        self.installs[name] = "1.0"
        return name

    def write(self, path: Path, text: str) -> None:
        """Write a file that contains a secret, which the search leaves out."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.files.append(path)

    def bind(self, name: str, **entries: str) -> None:
        """Give a service binding with *entries*."""
        place = self.site.root / "bindings" / name
        for entry, value in entries.items():
            self.write(place / entry, f"{value}\n")
        self.env["SERVICE_BINDING_ROOT"] = str(place.parent)

    def add(self, variable: str, value: str) -> None:
        """Add *value* to a variable that may have several."""
        self.env[variable] = f"{self.env.get(variable, '')} {value}".strip()


def index_password(given: Given) -> None:
    password = given.keep("password of an index URL", odd=True)
    given.gates.logins["login-index"] = f"reader:{password}"
    url = f"http://reader:{quote(password, safe='')}@{given.gates.place}/login-index/simple"
    given.add("PIP_EXTRA_INDEX_URL", url)
    given.lines.append(given.offer("by-index-password"))


def index_user(given: Given) -> None:
    token = given.keep("user of an index URL")
    given.gates.logins["login-user"] = f"{token}:"
    given.add("PIP_EXTRA_INDEX_URL", f"http://{token}@{given.gates.place}/login-user/simple")
    given.lines.append(given.offer("by-index-user"))


def index_path(given: Given) -> None:
    token = given.keep("path of an index URL")
    given.add("PIP_EXTRA_INDEX_URL", f"http://{given.gates.place}/{token}/simple")
    given.lines.append(given.offer("by-index-path"))


def find_links_query(given: Given) -> None:
    token = given.keep("query of a URL of links")
    given.gates.queries["query-links"] = token
    given.add("PIP_FIND_LINKS", f"http://{given.gates.place}/query-links/links/by-links/?token={token}")
    given.lines.append(given.offer("by-links"))


def pip_conf(given: Given) -> None:
    password = given.keep("password in pip.conf")
    given.gates.logins["login-conf"] = f"reader:{password}"
    conf = given.site.home / "pip.conf"
    url = f"http://reader:{password}@{given.gates.place}/login-conf/simple"
    given.write(conf, f"[global]\nindex-url = {url}\n")
    del given.site.env["PIP_INDEX_URL"]
    given.env["PIP_CONFIG_FILE"] = str(conf)


def netrc(given: Given) -> None:
    password = given.keep("password in .netrc")
    given.gates.logins["login-netrc"] = f"reader:{password}"
    given.write(given.site.home / ".netrc", f"machine localhost\nlogin reader\npassword {password}\n")
    place = given.gates.place.replace("127.0.0.1", "localhost")
    given.lines.append(f"--extra-index-url http://{place}/login-netrc/simple")


def requirements_variable(given: Given) -> None:
    password = given.keep("variable of a requirements file", odd=True)
    given.gates.logins["login-file"] = f"reader:{password}"
    given.env["ACME_INDEX_CODE"] = quote(password, safe="")
    given.lines.append(
        f"--extra-index-url http://reader:${{ACME_INDEX_CODE}}@{given.gates.place}/login-file/simple"
    )


def direct_path(given: Given) -> None:
    given.env["ACME_PATH_CODE"] = given.keep("path of a direct reference")
    name = given.offer("by-direct-path").replace("-", "_")
    given.lines.append(
        f"{name} @ http://{given.gates.place}/${{ACME_PATH_CODE}}/files/{name}-1.0-py3-none-any.whl"
    )


def direct_query(given: Given) -> None:
    token = given.env["ACME_QUERY_CODE"] = given.keep("query of a direct reference")
    given.gates.queries["query-direct"] = token
    name = given.offer("by-direct-query").replace("-", "_")
    given.lines.append(
        f"{name} @ http://{given.gates.place}/query-direct/files/{name}-1.0-py3-none-any.whl?token=${{ACME_QUERY_CODE}}"
    )


def git(given: Given) -> None:
    token = given.env["ACME_GIT_CODE"] = given.keep("user of a repository")
    given.gates.logins["login-git"] = f"{token}:"
    place = repository(given.gates.root, "by-git")
    given.installs["by-git"] = "1.0"
    given.lines.append(f"by-git @ git+http://${{ACME_GIT_CODE}}@{given.gates.place}/login-git/git/{place}")


def editable_git(given: Given) -> None:
    token = given.env["ACME_EDIT_CODE"] = given.keep("password of an editable repository")
    given.gates.logins["login-edit"] = f"reader:{token}"
    place = repository(given.gates.root, "by-editable-git")
    given.installs["by-editable-git"] = "1.0"
    given.lines.append(
        f"-e git+http://reader:${{ACME_EDIT_CODE}}@{given.gates.place}/login-edit/git/{place}#egg=by-editable-git"
    )


def python_mirror(given: Given) -> None:
    password, path, query = (
        given.keep(f"{what} of a mirror of Python") for what in ("password", "path", "query")
    )
    mirror = f"http://reader:{password}@{given.gates.place}/{path}/pythons?sig={query}"
    given.write(given.site.app.path / "layerwright.toml", f'[python]\nmirror = "{mirror}"\n')


def backend_variable(given: Given) -> None:
    given.env["ACME_LICENSE_TOKEN"] = given.keep("variable of a build backend", odd=True)
    for path, text in source_tree("by-backend", "1.0").items():
        given.site.app.write(f"by-backend/{path}", text)
    # It prints its whole environment, as a failing backend may.
    backend = given.site.app.path / "by-backend" / "_build" / "build_backend.py"
    backend.write_text(
        f"{backend.read_text()}\nimport sys\nfor item in os.environ.items():\n    print(*item)\n"
    )
    given.installs["by-backend"] = "1.0"
    given.lines.append("./by-backend")


def bound_index(given: Given) -> None:
    """Give the default index only as a binding. Other indexes at its host have other credentials."""
    password = given.keep("password in a binding", odd=True)
    given.gates.logins["login-bound"] = f"reader:{password}"
    url = f"http://{given.gates.place}/login-bound/simple"
    given.bind("bound", type="pypi", uri=url, username="reader", password=password)
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
        given.env.pop(name, None)
        given.site.env.pop(name, None)


def listed_index(given: Given) -> None:
    token = given.env["LAYERWRIGHT_INDEX_LISTED_USERNAME"] = given.keep("token of an index in variables")
    given.gates.logins["login-listed"] = f"{token}:"
    given.env["LAYERWRIGHT_INDEX_LISTED_URL"] = f"http://{given.gates.place}/login-listed/simple"


def bound_git(given: Given) -> None:
    password = given.keep("password of a repository in a binding", odd=True)
    given.gates.logins["login-bound-git"] = f"reader:{password}"
    url = f"http://{given.gates.place}/login-bound-git/git"
    given.bind("repositories", type="git", uri=url, username="reader", password=password)
    given.installs["by-bound-git"] = "1.0"
    given.lines.append(f"by-bound-git @ git+{url}/{repository(given.gates.root, 'by-bound-git')}")


def bound_netrc(given: Given) -> None:
    password = given.keep("password in a netrc of a binding")
    given.gates.logins["login-bound-netrc"] = f"reader:{password}"
    given.bind("hosts", type="netrc", netrc=f"machine localhost login reader password {password}")
    place = given.gates.place.replace("127.0.0.1", "localhost")
    name = given.offer("by-bound-netrc").replace("-", "_")
    given.lines.append(f"by-bound-netrc @ http://{place}/login-bound-netrc/files/{name}-1.0-py3-none-any.whl")


def bound_login(given: Given) -> None:
    """Give the credentials of an index that the application names: they are in the netrc file of the build."""
    password = given.keep("password of a named index in a binding")
    given.gates.logins["login-by-host"] = f"reader:{password}"
    url = f"http://{given.gates.place}/login-by-host/simple"
    given.bind("named", type="python-index", uri=url, username="reader", password=password)
    given.lines.append(f"--extra-index-url {url}")
    given.lines.append(given.offer("by-bound-login"))


BOUND: Final = (bound_index, listed_index, bound_git, bound_netrc)
"""The ways that serve every package manager."""

PIP: Final = (
    index_password,
    index_user,
    index_path,
    find_links_query,
    pip_conf,
    netrc,
    requirements_variable,
    direct_path,
    direct_query,
    git,
    editable_git,
    python_mirror,
    backend_variable,
    bound_login,
)


def repository(root: Path, name: str) -> str:
    """Make a repository with the distribution *name* that can be cloned from files alone; return its path."""
    work = root / f"{name}.work"
    for path, text in source_tree(name, "1.0").items():
        file = work / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    env = {"PATH": os.environ["PATH"], "HOME": str(root)}

    def run(*arguments: str) -> None:
        subprocess.run([*_GIT, *arguments], cwd=work, env=env, check=True, capture_output=True)

    run("init", "--quiet")
    run("add", ".")
    run("commit", "--quiet", "--message=All")
    run("clone", "--quiet", "--bare", ".", f"../{name}.git")
    subprocess.run([*_GIT, "update-server-info"], cwd=root / f"{name}.git", env=env, check=True)
    return f"{name}.git"
