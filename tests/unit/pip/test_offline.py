"""How pip, or uv in its place, installs from a bundle."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import layerwright_pip
from layerwright import Offline, SecretStr
from layerwright.testing import offline_request
from layerwright_pip.manager import Pip, PipSettings
from tests.unit.pip.requests import NO_FILES, environment_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application


def offline(app: Application, text: str, *, installer: str = "pip", **environment: str) -> Offline:
    app.write("requirements.txt", text)
    settings = PipSettings(installer=installer)  # type: ignore[arg-type]
    asked = environment_request(app, settings=settings, environment={**NO_FILES, **environment})
    return Pip().offline(offline_request(asked))


def test_pip_downloads_the_archives_from_where_it_would_install_them(app: Application) -> None:
    lines = "--extra-index-url https://${USER}@example.com/simple\nflask\n"
    found = offline(app, lines, PIP_INDEX_URL="https://a:b@example.com/simple", PIP_PRE="1")
    assert found == Offline(
        index={"PIP_INDEX_URL": SecretStr("https://a:b@example.com/simple")},
        options=("--extra-index-url https://${USER}@example.com/simple",),
    )


@pytest.mark.parametrize(
    "text",
    [
        "flask @ https://example.com/flask-1.0.tar.gz\n",
        "flask @ git+https://example.com/flask.git@1234567\n",
    ],
)
def test_pip_cannot_install_from_a_url_without_a_network(app: Application, text: str) -> None:
    assert offline(app, text).refused == (
        "In every build, pip downloads what requirements.txt:1 names from its URL.\n"
        'uv installs these from its cache: set installer = "uv" in [tool.layerwright.pip].'
    )
    assert offline(app, text, installer="uv").refused == ""


def test_pip_takes_the_archives_of_a_lock_file_from_its_urls(app: Application) -> None:
    app.write("pylock.toml", 'lock-version = "1.0"\ncreated-by = "acme"\n')
    asked = environment_request(app, settings=PipSettings(), environment=NO_FILES)
    refused = Pip().offline(offline_request(asked)).refused
    assert refused.startswith("In every build, pip downloads the archives in pylock.toml from their URLs.\n")


def test_uv_installs_from_its_cache(app: Application) -> None:
    assert offline(app, "flask\n", installer="uv") == Offline(
        env={"UV_OFFLINE": "1"}, archives=False, cache=True
    )


@pytest.mark.parametrize(("value", "said"), [("", "pip --refresh -\n"), ("1", "pip -\n")])
def test_without_a_network_uv_is_not_asked_to_look_for_newer_releases(
    tmp_path: Path, value: str, said: str
) -> None:
    script = Path(layerwright_pip.__file__).parent / "report_script.py"
    command = [
        sys.executable,
        "-I",
        str(script),
        str(tmp_path / "report"),
        "/bin/echo",
        "pip",
        "--refresh",
        "-",
    ]
    subprocess.run(command, env={**os.environ, "UV_OFFLINE": value}, check=True)
    assert (tmp_path / "report").read_text() == said
