"""The indexes that Pipenv asks: the sources in its lock file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from layerwright import SecretStr
from layerwright.testing import environment_request
from layerwright_pipenv.manager import Pipenv, PipenvSettings

if TYPE_CHECKING:
    from layerwright.testing import Application


def urls(app: Application, *sources: str, **variables: str) -> tuple[str | SecretStr, ...]:
    named = [{"name": "a", "url": url, "verify_ssl": True} for url in sources]
    app.write("Pipfile.lock", json.dumps({"_meta": {"sources": named}, "default": {}, "develop": {}}))
    return Pipenv().index_urls(environment_request(app, settings=PipenvSettings(), environment=variables))


def test_they_are_the_sources_with_the_values_of_variables(app: Application) -> None:
    written = "https://me:${TOKEN}@a.example.com/simple"
    assert urls(app, written, "https://b.example.com/$UNSET", TOKEN="s3cret-4711") == (
        SecretStr("https://me:s3cret-4711@a.example.com/simple"),
        "https://b.example.com/$UNSET",
    )


def test_a_mirror_is_asked_first(app: Application) -> None:
    assert urls(app, "https://a.example.com/simple", PIPENV_PYPI_MIRROR="https://m.example.com") == (
        "https://m.example.com",
        "https://a.example.com/simple",
    )
