from __future__ import annotations

import base64

from layerwright import SecretStr
from layerwright.build.indexes._git import git_variables
from layerwright.build.indexes._list import Login
from layerwright.process.redaction import KNOWN


def test_git_sends_credentials_to_the_urls_that_they_are_for_and_hides_them() -> None:
    found = git_variables([Login("https://git.example.com/acme", "reader", "hunter22")], "", {})
    encoded = base64.b64encode(b"reader:hunter22").decode()
    assert found == {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.https://git.example.com/acme.extraHeader",
        "GIT_CONFIG_VALUE_0": SecretStr(f"Authorization: Basic {encoded}"),
    }
    assert KNOWN.masked(f"sent {encoded}") == "sent ****"


def test_the_users_own_configuration_in_variables_stays() -> None:
    login = Login("https://git.example.com", "reader", "hunter22")
    assert list(git_variables([login], "/ca.pem", {"GIT_CONFIG_COUNT": "2"})) == [
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_KEY_2",
        "GIT_CONFIG_VALUE_2",
        "GIT_CONFIG_KEY_3",
        "GIT_CONFIG_VALUE_3",
    ]
    assert git_variables([login], "", {"GIT_CONFIG_COUNT": "many"})["GIT_CONFIG_COUNT"] == "1"


def test_a_repository_without_credentials_may_need_a_certificate_alone() -> None:
    login = Login("https://git.example.com", "", "")
    assert (
        git_variables([login], "/ca.pem", {})["GIT_CONFIG_KEY_0"] == "http.https://git.example.com.sslCAInfo"
    )
    assert git_variables([login], "", {}) == {}
