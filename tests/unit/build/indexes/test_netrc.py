from __future__ import annotations

import netrc as standard
from typing import TYPE_CHECKING

import pytest

from layerwright.build.indexes._list import Login
from layerwright.build.indexes._netrc import netrc

if TYPE_CHECKING:
    from pathlib import Path


def read(tmp_path: Path, text: str) -> dict[str, tuple[str, str, str]]:
    """Return what Python reads, as requests and pip do."""
    (tmp_path / "netrc").write_text(text)
    return dict(standard.netrc(str(tmp_path / "netrc")).hosts)


@pytest.mark.parametrize(
    "password", ["hunter22", "a/b+c@d%", 'with "quotes" \\', "with blanks", "#", "", "ü"]
)
def test_any_password_is_read_as_it_was_given(tmp_path: Path, password: str) -> None:
    found = netrc([Login("https://a.example.com:8443/simple", "reader", password)], [])
    assert read(tmp_path, found.text) == {"a.example.com": ("reader", "", password)}
    assert (found.hosts, found.ambiguous, found.users) == ({"a.example.com"}, (), ())


def test_one_host_with_two_credentials_is_in_no_file(tmp_path: Path) -> None:
    logins = [
        Login("https://a.example.com/one", "reader", "hunter22"),
        Login("https://a.example.com/two", "reader", "hunter23"),
        Login("https://b.example.com/one", "reader", "hunter22"),
        Login("https://b.example.com/two", "reader", "hunter22"),
    ]
    found = netrc(logins, [])
    assert read(tmp_path, found.text) == {"b.example.com": ("reader", "", "hunter22")}
    assert (found.hosts, found.ambiguous) == ({"b.example.com"}, ("a.example.com",))


def test_the_users_own_file_stays_whole_and_wins_for_its_hosts(tmp_path: Path) -> None:
    own = "machine A.example.com login me password mine\n\nmacdef init\ncd /\n\ndefault login x password y\n"
    logins = [
        Login("https://a.example.com", "reader", "hunter22"),
        Login("https://b.example.com", "r", "p4ss"),
    ]
    found = netrc(logins, [own, " \n"])
    assert read(tmp_path, found.text) == {
        "b.example.com": ("r", "", "p4ss"),
        "A.example.com": ("me", "", "mine"),
        "default": ("x", "", "y"),
    }
    assert (found.hosts, found.users) == ({"a.example.com", "b.example.com"}, ("a.example.com",))
    assert "hunter22" not in found.text


def test_without_credentials_there_is_no_file() -> None:
    assert netrc([], []).text == ""
    assert "hunter22" not in repr(netrc([Login("https://a.example.com", "r", "hunter22")], []))
