"""The corpus: small stand-ins for kinds of public applications, with what is right for each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.testing.applications import Application

__all__ = ["CORPUS", "Kind"]

PORT: Final = "${PORT:-8000}"
HELLO: Final = '@app.get("/")\ndef hello():\n    return {"message": "hello"}\n'
FLASK: Final = f"from flask import Flask\napp = Flask(__name__)\n{HELLO}"
FASTAPI: Final = f"from fastapi import FastAPI\napp = FastAPI()\n{HELLO}"
MANAGE: Final = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
DJANGO: Final = {
    "shop/__init__.py": "",
    "shop/settings.py": "INSTALLED_APPS = []\n",
    "shop/wsgi.py": "application = None\n",
}
SCRIPT: Final = (
    '# /// script\n# requires-python = ">=3.12,<3.13"\n# dependencies = ["acme"]\n# ///\nimport acme\n'
)
UVICORN: Final = f"uvicorn --host 0.0.0.0 --port {PORT}"
GUNICORN: Final = f"gunicorn --bind 0.0.0.0:{PORT}"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of application: its *files*, and what a build of it decides.

    ``manager`` is the package manager with its ``evidence``; ``python`` is the minor version, where all of them can be
    had. ``web`` and ``worker`` are command lines, without the shell around them; empty: there is no such process.
    ``says`` is in a warning or a reason for no process. If it is ``refused``, that is the summary of the error, and
    ``remedy`` is in it. ``script`` and ``directory`` choose the application. What ``serves`` answers to a request,
    after a real build. A file that begins with ``->`` is a link.
    """

    files: Mapping[str, str]
    manager: str = "pip"
    evidence: str = ""
    python: str = "3.14"
    web: str = ""
    worker: str = ""
    says: str = ""
    refused: str = ""
    remedy: str = ""
    script: str = ""
    directory: str | None = None
    serves: bool = False

    def write(self, app: Application) -> None:
        """Write the files."""
        for name, text in self.files.items():
            if text.startswith("->"):
                (app.path / name).symlink_to(text.removeprefix("->"))
            else:
                app.write(name, text)


def pyproject(*dependencies: str, more: str = "") -> str:
    """Return a ``pyproject.toml`` of the project ``shop``, which is no package."""
    return f'[project]\nname = "shop"\nversion = "1"\ndependencies = {json.dumps(dependencies)}\n{more}'


def uv_lock(*names: str, kind: str = "virtual", python: str = ">=3.11") -> str:
    """Return the ``uv.lock`` of the project ``shop``, which requires *names*."""
    required = ", ".join(f'{{ name = "{name}" }}' for name in names)
    own = f'name = "shop"\nversion = "1"\nsource = {{ {kind} = "." }}\ndependencies = [{required}]\n'
    return "\n[[package]]\n".join([f'version = 1\nrequires-python = "{python}"\n', own, *map(_in_uv, names)])


def _in_uv(name: str) -> str:
    archive = f'{{ url = "https://example.com/{name}-1-py3-none-any.whl", hash = "sha256:{"a" * 64}" }}'
    source = '{ registry = "https://example.com/simple" }'
    return f'name = "{name}"\nversion = "1"\nsource = {source}\nwheels = [{archive}]\n'


def poetry_lock(*names: str, python: str = ">=3.11") -> str:
    """Return a ``poetry.lock`` with *names*."""
    archive = f'{{file = "x-1-py3-none-any.whl", hash = "sha256:{"a" * 64}"}}'
    packages = (
        f'[[package]]\nname = "{name}"\nversion = "1"\noptional = false\npython-versions = "*"\n'
        f'groups = ["main"]\nfiles = [{archive}]\n'
        for name in names
    )
    return (
        "".join(packages)
        + f'[metadata]\nlock-version = "2.1"\npython-versions = "{python}"\ncontent-hash = "{"a" * 64}"\n'
    )


def pipfile_lock(*names: str, python: str = "3.12") -> str:
    """Return a ``Pipfile.lock`` with *names*."""
    archives = {name: {"hashes": [f"sha256:{'a' * 64}"], "version": "==1"} for name in names}
    meta = {
        "hash": {"sha256": "a" * 64},
        "pipfile-spec": 6,
        "requires": {"python_version": python},
        "sources": [],
    }
    return json.dumps({"_meta": meta, "default": archives, "develop": {}}, indent=4)


def pdm_lock(*names: str) -> str:
    """Return a ``pdm.lock`` with *names*."""
    archive = f'{{file = "x-1-py3-none-any.whl", hash = "sha256:{"a" * 64}"}}'
    packages = (
        f'[[package]]\nname = "{name}"\nversion = "1"\ngroups = ["default"]\nfiles = [{archive}]\n'
        for name in names
    )
    head = '[metadata]\ngroups = ["default"]\nstrategy = []\nlock_version = "4.5.0"\ncontent_hash = "sha256:aa"\n'
    return f'{head}[[metadata.targets]]\nrequires_python = ">=3.11"\n\n{"".join(packages)}'


CORPUS: Final[Mapping[str, Kind]] = {
    # What declares dependencies
    "requirements": Kind(
        files={"requirements.txt": "flask\ngunicorn\n", "app.py": FLASK},
        evidence="requirements.txt",
        web=f"{GUNICORN} app:app",
        serves=True,
    ),
    "a project without a lock": Kind(
        files={"pyproject.toml": pyproject("fastapi", "uvicorn"), "main.py": FASTAPI},
        evidence="pyproject.toml",
        web=f"{UVICORN} main:app",
        says="To lock them, run `uv lock`",
        serves=True,
    ),
    "a project in src without a lock, with a script": Kind(
        files={
            "pyproject.toml": pyproject("fastapi", "uvicorn", more='scripts.shop = "shop.cli:main"\n'),
            "src/shop/__init__.py": "",
            "src/shop/main.py": FASTAPI,
            "src/shop/cli.py": "def main(): ...\n",
        },
        evidence="pyproject.toml",
        web=f"{UVICORN} shop.main:app",
        serves=True,
    ),
    "setup.py": Kind(
        files={"setup.py": "from setuptools import setup\nsetup(name='shop')\n", "main.py": ""},
        evidence="setup.py",
        web="python main.py",
        says="pip-compile --generate-hashes setup.py",
    ),
    "setup.cfg alone": Kind(
        files={"setup.cfg": "[metadata]\nname = shop\n"},
        refused="setup.cfg alone does not make a project.",
        remedy='[build-system], requires = ["setuptools"]',
    ),
    "setup.cfg beside a pyproject.toml": Kind(
        files={
            "setup.cfg": "[metadata]\nname = shop\n[options]\npy_modules = app\n"
            "install_requires =\n    flask\n    gunicorn\n",
            "pyproject.toml": "[tool.ruff]\nline-length = 100\n",
            "app.py": FLASK,
        },
        evidence="pyproject.toml",
        says="pip-compile --generate-hashes setup.cfg",
        # Only the build finds out that Flask is installed.
        web="python app.py",
        serves=True,
    ),
    "groups and extras beside requirements": Kind(
        files={
            "requirements.txt": "",
            "pyproject.toml": pyproject(
                more='optional-dependencies.web = ["flask"]\n[dependency-groups]\nserve = ["gunicorn"]\n'
                '[tool.layerwright.pip]\nextras = ["web"]\ngroups = ["serve"]\n'
            ),
            "app.py": FLASK,
        },
        evidence="requirements.txt",
        web=f"{GUNICORN} app:app",
        serves=True,
    ),
    "requirements that mean the project": Kind(
        files={
            "pyproject.toml": pyproject("flask"),
            "layerwright.toml": "[pip]\nrequirements = ['.']\n",
            "app.py": FLASK,
        },
        evidence="pyproject.toml",
        web=f"env FLASK_APP=app:app flask run --host 0.0.0.0 --port {PORT}",
        says="Add gunicorn to the application's dependencies.",
        serves=True,
    ),
    "requirements in a directory": Kind(
        files={
            "requirements/prod.txt": "flask\ngunicorn\n",
            "layerwright.toml": "[pip]\nrequirements = ['requirements/prod.txt']\n",
            "app.py": FLASK,
        },
        evidence="requirements/prod.txt",
        web=f"{GUNICORN} app:app",
        serves=True,
    ),
    "requirements in a directory that nothing names": Kind(
        files={"requirements/prod.txt": "flask\n", "app.py": FLASK},
        refused="No package manager claims this application.",
        remedy="requirements",
    ),
    "requirements.in alone": Kind(
        files={"requirements.in": "flask\n", "app.py": FLASK},
        refused="No package manager claims this application.",
        remedy="requirements.in",
    ),
    "a directory with one script": Kind(
        files={"hello.py": SCRIPT},
        evidence="hello.py",
        python="3.12",
        says="uv lock --script hello.py",
    ),
    "a script, whatever is beside it": Kind(
        files={"hello.py": SCRIPT, "pyproject.toml": pyproject("flask"), "Procfile": "web: flask run\n"},
        script="hello.py",
        evidence="hello.py",
        python="3.12",
        web="python hello.py",
    ),
    "a script that serves": Kind(
        files={
            "hello.py": '# /// script\n# dependencies = ["flask"]\n# ///\nimport os\n'
            f"{FLASK}app.run(port=int(os.environ['PORT']))\n",
            "requirements.txt": "acme\n",
        },
        script="hello.py",
        evidence="hello.py",
        web="python hello.py",
        serves=True,
    ),
    "a locked script": Kind(
        files={
            "hello.py": SCRIPT,
            "hello.py.lock": 'version = 1\nrequires-python = "==3.12.*"\n'
            f'[manifest]\nrequirements = [{{ name = "acme" }}]\n\n[[package]]\n{_in_uv("acme")}',
        },
        manager="uv",
        evidence="hello.py.lock",
        python="3.12",
    ),
    "several scripts": Kind(
        files={"one.py": SCRIPT, "two.py": SCRIPT},
        refused="There are several scripts, each with dependencies of its own.",
        remedy="LAYERWRIGHT_SCRIPT=one.py",
    ),
    "main.py alone": Kind(files={"main.py": "print('hello')\n"}, evidence="main.py", web="python main.py"),
    "main.py alone, which imports something": Kind(
        files={"main.py": "import flask\n"},
        evidence="main.py",
        web="python main.py",
        says="main.py imports flask, but no file declares dependencies",
    ),
    "no dependencies": Kind(
        files={"requirements.txt": "# none\n", "app.py": "print('hello')\n"},
        evidence="requirements.txt",
        web="python app.py",
    ),
    "uv": Kind(
        files={
            "pyproject.toml": pyproject("fastapi", "uvicorn"),
            "uv.lock": uv_lock("fastapi", "uvicorn"),
            "main.py": FASTAPI,
        },
        manager="uv",
        evidence="uv.lock",
        web=f"{UVICORN} main:app",
    ),
    "uv, in src, with a script": Kind(
        files={
            "pyproject.toml": pyproject("fastapi", "uvicorn", more='scripts.shop = "shop.cli:main"\n'),
            "uv.lock": uv_lock("fastapi", "uvicorn", kind="editable"),
            "src/shop/__init__.py": "",
            "src/shop/main.py": FASTAPI,
            "src/shop/cli.py": "def main(): ...\n",
        },
        manager="uv",
        evidence="uv.lock",
        web=f"{UVICORN} shop.main:app",
    ),
    "uv, frozen": Kind(
        files={
            "pyproject.toml": pyproject("acme", more="[tool.layerwright.uv]\nfrozen = true\n"),
            "uv.lock": uv_lock("acme"),
            "main.py": "",
        },
        manager="uv",
        evidence="uv.lock",
        web="python main.py",
        says="because uv.frozen is set",
    ),
    "uv without its lock file": Kind(
        files={"pyproject.toml": pyproject("acme", more="[tool.uv]\npackage = false\n")},
        manager="uv",
        refused="uv.lock does not exist.",
        remedy="Run `uv lock`, and commit uv.lock.",
    ),
    "poetry, no package": Kind(
        files={
            "pyproject.toml": '[tool.poetry]\nname = "shop"\nversion = "1"\n[tool.poetry.dependencies]\n'
            'python = ">=3.11"\nflask = "*"\n',
            "poetry.lock": poetry_lock("flask", "gunicorn"),
            "main.py": FLASK,
        },
        manager="poetry",
        evidence="poetry.lock",
        web=f"{GUNICORN} main:app",
    ),
    "poetry, with its own notation for Python": Kind(
        files={
            "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\nrequires-python = "~3.12"\n'
            "[tool.poetry]\npackage-mode = false\n",
            "poetry.lock": poetry_lock("acme", python="~3.12"),
            "main.py": "",
        },
        manager="poetry",
        evidence="poetry.lock",
        python="3.12",
        web="python main.py",
    ),
    "poetry without its lock file": Kind(
        files={"pyproject.toml": '[tool.poetry]\nname = "shop"\n'},
        refused="There is no poetry.lock.",
        remedy="poetry lock",
    ),
    "pipenv": Kind(
        files={"Pipfile": "", "Pipfile.lock": pipfile_lock("flask", "gunicorn"), "app.py": FLASK},
        manager="pipenv",
        evidence="Pipfile.lock",
        python="3.12",
        web=f"{GUNICORN} app:app",
    ),
    "pdm": Kind(
        files={
            "pyproject.toml": pyproject("flask", "gunicorn", more="requires-python = '>=3.11'\n"),
            "pdm.lock": pdm_lock("flask", "gunicorn"),
            "app.py": FLASK,
        },
        manager="pdm",
        evidence="pdm.lock",
        web=f"{GUNICORN} app:app",
    ),
    "conda": Kind(
        files={"environment.yml": "name: shop\n", "app.py": FLASK},
        refused="environment.yml is for conda, which Layerwright does not support.",
        remedy="list it in requirements.txt",
    ),
    "pixi": Kind(
        files={"pixi.toml": "[workspace]\n", "main.py": ""},
        refused="pixi.toml is for conda, which Layerwright does not support.",
        remedy="list it in requirements.txt",
    ),
    "a tree of applications": Kind(
        files={"api/requirements.txt": "flask\n", "web/package.json": "{}", "README.md": ""},
        refused="There is no application in ",
        remedy="api",
    ),
    "a directory of a tree": Kind(
        files={"services/api/requirements.txt": "flask\ngunicorn\n", "services/api/app.py": FLASK},
        directory="services/api",
        evidence="requirements.txt",
        web=f"{GUNICORN} app:app",
        serves=True,
    ),
    "JavaScript": Kind(
        files={"package.json": "{}", "bun.lock": "{}"},
        refused="No Python application was found.",
    ),
    # Which Python
    "runtime.txt": Kind(
        files={"requirements.txt": "", "runtime.txt": "python-3.12.8\n", "main.py": ""},
        evidence="requirements.txt",
        python="3.12",
        web="python main.py",
    ),
    ".tool-versions": Kind(
        files={"requirements.txt": "", ".tool-versions": "nodejs 22.1.0\npython 3.13.1\n", "main.py": ""},
        evidence="requirements.txt",
        python="3.13",
        web="python main.py",
    ),
    ".python_version": Kind(
        files={"requirements.txt": "", ".python_version": "3.12\n", "main.py": ""},
        evidence="requirements.txt",
        web="python main.py",
        says=".python_version is not read.",
    ),
    "3.12.x": Kind(
        files={"requirements.txt": "", ".python-version": "3.12.x\n"},
        refused='"3.12.x" in .python-version is not a Python version.',
        remedy="Write 3.12 in .python-version.",
    ),
    # What to run
    "Django, one level down": Kind(
        files={
            "requirements.txt": "django\ngunicorn\n",
            "backend/manage.py": MANAGE,
            **{f"backend/{name}": text for name, text in DJANGO.items()},
        },
        evidence="requirements.txt",
        web=f"{GUNICORN} shop.wsgi:application",
    ),
    "Django, by a link": Kind(
        files={
            "requirements.txt": "django\n",
            "site/manage.py": MANAGE,
            "manage.py": "->site/manage.py",
            **{f"site/{name}": text for name, text in DJANGO.items()},
        },
        evidence="requirements.txt",
        web=f"python manage.py runserver --noreload 0.0.0.0:{PORT}",
        says="development server",
    ),
    "Flask without a server": Kind(
        files={"requirements.txt": "flask>=3.1\n", "server.py": FLASK},
        evidence="requirements.txt",
        web=f"env FLASK_APP=server:app flask run --host 0.0.0.0 --port {PORT}",
        says="Add gunicorn to the application's dependencies.",
        serves=True,
    ),
    "FastAPI without a server": Kind(
        files={"requirements.txt": "fastapi\n", "main.py": FASTAPI},
        evidence="requirements.txt",
        says="no ASGI server is installed",
    ),
    "Streamlit": Kind(
        files={"requirements.txt": "streamlit\n", "Home.py": "import streamlit as st\n"},
        evidence="requirements.txt",
        web=f"streamlit run Home.py --server.port {PORT} --server.address 0.0.0.0 --server.headless true",
    ),
    "Gradio": Kind(
        files={"requirements.txt": "gradio\n", "app.py": "import gradio as gr\ngr.Interface().launch()\n"},
        evidence="requirements.txt",
        web=f"env GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT={PORT} python app.py",
    ),
    "Functions Framework": Kind(
        files={
            "requirements.txt": "functions-framework\n",
            "main.py": "def hello(request):\n    return 'hello'\n",
        },
        evidence="requirements.txt",
        web=f"functions-framework --source main.py --target hello --port {PORT}",
    ),
    "Celery beside the web process": Kind(
        files={
            "requirements.txt": "celery\nflask\ngunicorn\n",
            "app.py": FLASK,
            "tasks.py": "from celery import Celery\napp = Celery()\n",
        },
        evidence="requirements.txt",
        web=f"{GUNICORN} app:app",
        worker="celery --app tasks:app worker --loglevel info",
    ),
    "RQ": Kind(
        files={"requirements.txt": "rq\n", "tasks.py": "from rq import Queue\n"},
        evidence="requirements.txt",
        worker="rq worker --url ${REDIS_URL:-redis://localhost:6379}",
    ),
    "a Procfile wins": Kind(
        files={"requirements.txt": "flask\n", "app.py": FLASK, "Procfile": "web: python app.py --serve\n"},
        evidence="requirements.txt",
        web="python app.py --serve",
    ),
    "a library": Kind(
        files={"requirements.txt": "six\n", "shop/__init__.py": ""},
        evidence="requirements.txt",
        says="it found no Django project",
    ),
}
