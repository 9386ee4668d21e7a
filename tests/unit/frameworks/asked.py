"""What the plugin answers about an application that a test writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import NotProposed, ProposedProcess
from layerwright.testing import hook_context
from layerwright_frameworks import layerwright_processes
from layerwright_frameworks.settings import FrameworksSettings

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

BIND = "--bind 0.0.0.0:${PORT:-8000}"
MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "greeting.settings")\n'
FLASK = "from flask import Flask\napp = Flask(__name__)\n"
FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"


def answers(app: Application, *distributions: str) -> list[ProposedProcess | NotProposed]:
    """Return the answers with *distributions* installed; no process type twice."""
    found = list(
        layerwright_processes(
            hook_context(app, distributions=distributions, settings=FrameworksSettings(), environment={})
        )
    )
    types = [one.process.type if isinstance(one, ProposedProcess) else one.type for one in found]
    assert len(types) == len(set(types))
    return found


def process(app: Application, *distributions: str, type_: str = "web") -> ProposedProcess:
    """Return the process that is proposed for *type_*."""
    [found] = (
        one
        for one in answers(app, *distributions)
        if isinstance(one, ProposedProcess) and one.process.type == type_
    )
    return found


def line(app: Application, *distributions: str, type_: str = "web") -> str:
    """Return its command line, without the shell around it."""
    command = process(app, *distributions, type_=type_).process.command
    return command[2].removeprefix("exec ") if command[:2] == ("sh", "-c") else " ".join(command)


def refused(app: Application, *distributions: str, type_: str = "web") -> NotProposed:
    """Return why no process *type_* is proposed."""
    [found] = (
        one for one in answers(app, *distributions) if isinstance(one, NotProposed) and one.type == type_
    )
    return found
