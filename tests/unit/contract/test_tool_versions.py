"""A package manager's version: what may be configured, and what decides it."""

from __future__ import annotations

import pytest

from layerwright.contract.tool_versions import pinned_version, tool_version, version_setting
from layerwright.errors import UserError

CHECK = version_setting("2.5.1", oldest="2.0", because="which can sync")


@pytest.mark.parametrize("version", [None, "2.0", "2.5.1", "10.0", "3.0b1"])
def test_a_version_that_is_new_enough_may_be_configured(version: str | None) -> None:
    assert CHECK(version) == version


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1.8.5", "^must be at least 2.0, which can sync$"),
        (">=2", '^must be one version, for example "2.5.1"$'),
        ("latest", "one version"),
        ("", "one version"),
    ],
)
def test_nothing_else_may(version: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        CHECK(version)


def test_why_the_oldest_one_is_the_oldest_need_not_be_told() -> None:
    with pytest.raises(ValueError, match=r"^must be at least 2\.0$"):
        version_setting("2.5.1", oldest="2.0")("1.0")


@pytest.mark.parametrize(
    ("configured", "required", "version"),
    [
        (None, "", "2.5.1"),
        (None, ">=2", "2.5.1"),
        (None, "==2.4.0", "2.4.0"),
        (None, " == 2.4", "2.4"),
        ("2.4.0", "", "2.4.0"),
        ("2.4.0", ">=2,<3", "2.4.0"),
        ("2.4.0", "~=2.3", "2.4.0"),
        ("2.4.0rc1", ">=2.3", "2.4.0rc1"),
        ("2.4.0.post1", ">=2.0,<3", "2.4.0.post1"),
    ],
)
def test_the_settings_come_first_then_what_is_required_exactly_then_the_default(
    configured: str | None, required: str, version: str
) -> None:
    assert tool_version("Acme", configured, "2.5.1", required=required, origin="It is said") == version


@pytest.mark.parametrize(
    ("configured", "required", "version"),
    [(None, "==2.0", "2.0"), (None, "==10.1", "10.1"), (None, ">=1", "2.5.1"), ("1.0", "==1.0", "1.0")],
)
def test_what_is_required_exactly_may_be_the_oldest_or_newer(
    configured: str | None, required: str, version: str
) -> None:
    assert tool_version("Acme", configured, "2.5.1", required=required, oldest="2.0") == version


def test_what_is_required_exactly_and_is_too_old_is_an_error() -> None:
    with pytest.raises(UserError, match=r"^Acme 0\.5, which the application requires, is too old") as raised:
        tool_version("Acme", None, "2.5.1", required="==0.5", origin="acme.toml says so", oldest="2.0")
    assert raised.value.cause == "acme.toml says so. It must be at least 2.0."
    assert raised.value.remedy == ("Change the requirement of the application to Acme 2.0 or newer.",)
    assert raised.value.reference == "required-tool-version"


@pytest.mark.parametrize(
    ("configured", "required", "words"),
    [
        (None, "<2", "2.5.1 is the default"),
        (None, "not a version", "2.5.1 is the default"),
        ("2.4.0", "==2.3.0", "2.4.0 is the configured one"),
        ("2.4.0rc1", "==2.3.0", "2.4.0rc1 is the configured one"),
        ("2.4.0rc1", "not a version", "2.4.0rc1 is the configured one"),
    ],
)
def test_a_version_that_the_application_does_not_allow_is_an_error(
    configured: str | None, required: str, words: str
) -> None:
    with pytest.raises(UserError, match="The application does not allow Acme") as raised:
        tool_version("Acme", configured, "2.5.1", required=required, origin=f"acme.toml says {required}")
    assert raised.value.cause == f"acme.toml says {required}, and {words}."
    assert raised.value.remedy[0] == 'Configure another one: layerwright config set acme.version "…"'
    assert raised.value.reference == "required-tool-version"


LOCK = f"""\
base==1.0 --hash=sha256:{64 * "0"}
Acme_Tool[fast]==1.9 ; python_full_version < '3.10' \\
    --hash=sha256:{64 * "1"}
acme-tool[fast]==2.4 ; python_full_version >= '3.10' \\
    --hash=sha256:{64 * "2"}
"""


@pytest.mark.parametrize(("python", "version"), [("3.9.25", "1.9"), ("3.10.0", "2.4"), ("3.15.2", "2.4")])
def test_a_lock_may_pin_a_version_for_each_python(python: str, version: str) -> None:
    assert pinned_version("acme-tool[fast]", LOCK, python) == version


def test_the_pinned_version_is_by_default_the_one_for_the_newest_python() -> None:
    assert pinned_version("acme-tool", LOCK) == "2.4"
    assert pinned_version("base", LOCK, "3.9.1") == "1.0"
    assert pinned_version("acme", LOCK) == ""
