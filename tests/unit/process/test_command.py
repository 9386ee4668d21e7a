from __future__ import annotations

import pytest

from layerwright.process.command import Command
from layerwright.process.redaction import SecretStr


def test_a_command_is_shown_as_one_would_type_it() -> None:
    assert Command(argv=("pip", "install", "a b")).words == "pip install 'a b'"


def test_a_command_can_have_words_of_its_own() -> None:
    assert Command(argv=("pip", "install"), shown="pip install of all").words == "pip install of all"


def test_what_a_command_shows_has_neither_its_secrets_nor_credentials() -> None:
    env: dict[str, str | SecretStr | None] = {"TOKEN": SecretStr("hunter2"), "PLAIN": "plain", "GONE": None}
    command = Command(argv=("get", "https://a:b@example.com", "--token=hunter2", "plain"), env=env)
    assert command.words == "get https://****@example.com --token=**** plain"
    assert command.secrets == ("hunter2",)


@pytest.mark.parametrize("argv", [(), "sh -c true", ["sh"]])
def test_arguments_are_a_tuple_of_at_least_one(argv: object) -> None:
    with pytest.raises(TypeError, match="non-empty tuple"):
        Command(argv=argv)  # type: ignore[arg-type]
