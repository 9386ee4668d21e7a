from __future__ import annotations

import hashlib

import pytest

from layerwright.build.layers.published import label, published, without_known_secrets
from layerwright.process.redaction import KNOWN


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "value",
    [
        "https://example.com/simple",
        "internal=https://example.com/simple",
        "/layers/venv",
        "--find-links=/srv/wheels",
        "pdm --venv '/layers/venv' sync",
        "file:///srv/app",
        "7328 bytes, modified at 1764450000123456789 ns",
        "1764450000",
        "2026-11-29T21:00:00Z",
        "~/wheels",
    ],
)
def test_a_url_a_path_and_a_time_are_published_as_a_digest(value: str) -> None:
    assert published({"input": value}) == {"input": f"sha256:{digest(value)}"}


@pytest.mark.parametrize(
    "value",
    [
        "3.13.2",
        "linux/amd64 debian 12",
        "requirements.txt requirements/test.txt",
        "cpython-3.13.2+20250317-x86_64-unknown-linux-gnu-install_only.tar.gz",
        f"sha256:{'0123456789' * 6}0123",
        "sha256:absent sha256:/is/none",
        "not hash-pinned",
        "absent",
        "pip==26.3",
        "tests; production",
    ],
)
def test_everything_else_is_published_as_it_is(value: str) -> None:
    assert published({"input": value}) == {"input": value}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/home/ada/.config/uv/uv.toml", f"uv.toml ({digest('/home/ada/.config/uv/uv.toml')[:12]})"),
        ("acme in /srv/acme", f"acme in acme ({digest('/srv/acme')[:12]})"),
        ("acme in ../acme", "acme in ../acme"),
        ("https://example.com/a/", f"a ({digest('https://example.com/a/')[:12]})"),
        ("bin/python3.13", "bin/python3.13"),
        ("Python version", "Python version"),
    ],
)
def test_the_name_of_an_input_has_no_path_of_this_machine(name: str, shown: str) -> None:
    assert label(name) == shown
    assert published({name: "1"}) == {shown: "1"}


def test_inputs_lose_the_secrets_that_a_plugin_left_in_them() -> None:
    KNOWN.learn_environment({"ACME_TOKEN": "abcd-1234-efgh", "HOME": "/nope"})
    inputs = {
        "abcd-1234-efgh in a name": "1",
        "value": "token=abcd-1234-efgh",
        "digest": f"sha256:{digest('abcd-1234-efgh')}",
        "other digest": f"sha256:{digest('else')}",
        "word": "abcd",
    }
    assert without_known_secrets(inputs) == {
        "**** in a name": "1",
        "value": "token=****",
        "digest": f"sha256:{digest('a secret')}",
        "other digest": f"sha256:{digest('else')}",
        "word": "abcd",
    }
