"""The page on frameworks names the servers, frameworks and files that the plugin knows."""

from __future__ import annotations

import re

import pytest

from layerwright_frameworks import applications, programs, scripts, workers
from layerwright_frameworks.servers import ASGI, WSGI, Protocol
from tests.fixtures.pages import DOCS, sections

PAGE = DOCS / "frameworks.md"
PARTS = sections(PAGE, "##+")
FACTORY = {"uvicorn-worker": "uvicorn-worker (with gunicorn)"}


@pytest.mark.parametrize("protocol", [WSGI, ASGI], ids=lambda one: one.name)
def test_servers_are_listed_in_the_order_of_preference(protocol: Protocol) -> None:
    names = ", ".join(FACTORY.get(server.name, server.name) for server in protocol.servers)
    assert f"| {protocol.name} | {names} |" in PARTS["Servers"]


@pytest.mark.parametrize(
    "framework", applications.FRAMEWORKS, ids=lambda one: f"{one.name}-{one.protocol.name}"
)
def test_a_framework_is_listed_with_its_protocol_and_a_constructor(framework: applications.Framework) -> None:
    [row] = [
        line
        for line in PARTS["ASGI and WSGI applications"].splitlines()
        if re.match(rf"\|[^|]*\b{framework.name}\b", line)
    ]
    assert framework.protocol.name in row.rpartition(" | ")[2]
    assert f"{framework.constructors[0]}`" in row


def test_files_of_applications_are_listed_in_the_order_in_which_they_are_read() -> None:
    listed = re.findall(r"`([a-z]+\.py)`", PARTS["ASGI and WSGI applications"].partition("in this order")[2])
    files = [file.rpartition("/")[2] for file in (*applications._FOR_SERVERS, *applications._FILES)]
    assert listed[: len(files)] == files


def test_files_of_programs_scripts_and_workers_are_listed() -> None:
    shown = {title: re.findall(r"`(\w+\.py)`", part) for title, part in PARTS.items()}
    assert shown["Applications with their own server"][-len(programs._FILES) :] == list(programs._FILES)
    of_scripts = [file for file in shown["Scripts and files"] if file not in {"__main__.py", "setup.py"}]
    assert of_scripts == [*scripts._FILES, *scripts._OTHER_FILES]
    of_workers = shown["Workers"][shown["Workers"].index("celery_app.py") :]
    assert of_workers == [*workers._FILES, *workers._IN_PACKAGE, "celery.py"]
