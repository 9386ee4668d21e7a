from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from layerwright.cli.main import main
from tests.fixtures.plugins import PluginSite, providing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


MIRROR = "https://me:p4ss-word@example.com/t0ken-here/pythons?sig=s1gned-by-me"
SECRETS = ("p4ss-word", "t0ken-here", "s1gned-by-me")


def found_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_the_configuration_is_shown_without_secrets_and_in_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "layerwright.toml").write_text(f'[python]\nmirror = "{MIRROR}"\n')
    assert main(["config", str(tmp_path)]) == 0
    monkeypatch.setenv("LAYERWRIGHT_PYTHON_MIRROR", MIRROR.replace("p4ss-word", "0ther-word"))
    assert main(["config", str(tmp_path)]) == 0

    shown = capsys.readouterr().out
    assert "0ther-word" not in shown
    assert found_in(shown) == []
    [from_file, from_variable] = [line for line in shown.splitlines() if "python.mirror" in line]
    assert "https://****@example.com/****/pythons?sig=****  layerwright.toml: python.mirror" in from_file
    assert from_variable.endswith("?sig=****  LAYERWRIGHT_PYTHON_MIRROR")


def test_what_is_set_is_reported_without_secrets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "set", "--app", str(tmp_path), "python.mirror", MIRROR]) == 0
    assert MIRROR in (tmp_path / "layerwright.toml").read_text()
    assert found_in(capsys.readouterr().out) == []


def test_a_wrong_value_is_quoted_without_secrets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "layerwright.toml").write_text(f'[python]\nversion = "{MIRROR}"\nmirror = ["{MIRROR}"]\n')
    assert main(["config", str(tmp_path)]) == 1
    shown = capsys.readouterr().err
    assert "The configuration has" in shown
    assert found_in(shown) == []


def test_misuse_is_quoted_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["config", "set", "python.mirror", MIRROR, MIRROR])
    shown = capsys.readouterr().err
    assert "Unexpected: https://****@example.com" in shown
    assert found_in(shown) == []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PluginSite]:
    """Install a plugin that cannot be imported, and one that is not there."""
    with PluginSite(tmp_path / "site-packages") as site:
        site.install("broken", "raise RuntimeError('oops')", conclusive=("broken.lock",))
        site.install("absent", "", conclusive=("absent.lock",))
        (site.path / "layerwright_absent.py").unlink()
        yield site


@pytest.mark.parametrize(
    "command", [["config", "{app}"], ["config", "set", "--app", "{app}", "pip.launch", "1"]]
)
def test_plugins_that_cannot_be_loaded_are_reported_along_with_the_configuration(
    site: PluginSite, tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word.replace("{app}", str(tmp_path)) for word in command]) == 0
    shown = capsys.readouterr().out
    assert "Warning: layerwright-broken 1.0 could not be loaded and is ignored.\n" in shown
    assert "RuntimeError: oops" in shown
    assert "Warning: layerwright-absent 1.0 could not be loaded and is ignored.\n" in shown


@pytest.mark.parametrize(("file", "status"), [("requirements.txt", 0), ("tool.py", 100)])
def test_plugins_that_are_missing_are_reported_along_with_what_is_detected(
    site: PluginSite, tmp_path: Path, file: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / file).touch()
    assert main(["detect", str(tmp_path)]) == status
    assert (
        "  Warning: layerwright-absent 1.0 could not be loaded and is ignored.\n"
        "  There is no module layerwright_absent.\n"
    ) in capsys.readouterr().out


def test_the_table_of_a_disabled_plugin_is_no_error_and_can_be_written_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with PluginSite(tmp_path / "site-packages") as site:
        site.install("acme", providing("acme"))
        monkeypatch.setenv("LAYERWRIGHT_DISABLE_PLUGINS", "layerwright-acme")
        monkeypatch.setenv("LAYERWRIGHT_ACME_VERSION", "1.0")
        (tmp_path / "layerwright.toml").write_text("[acme]\nanything = 5\n")
        assert main(["config", str(tmp_path)]) == 0
        assert main(["config", "set", "--app", str(tmp_path), "pip.launch", "true"]) == 0
    shown = capsys.readouterr()
    assert "acme" not in shown.out
    assert shown.err == ""


def test_commands_are_written_and_shown_one_by_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "set", "--app", str(tmp_path), "build.commands", "python a.py, echo b"]) == 0
    assert (tmp_path / "layerwright.toml").read_text() == '[build]\ncommands = ["python a.py", "echo b"]\n'
    assert main(["config", str(tmp_path)]) == 0
    [shown] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  build.commands")]
    assert shown.split("  ")[-2:] == ["python a.py, echo b", "layerwright.toml: build.commands"]


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("pip.requirements", "base.txt\nmore.txt\n"),
        ("pip.launch", "true\n"),
        ("pip.stand-in", "true\n"),
        ("pip.version", ""),
        ("pip.extras", ""),
        ("processes.web", "serve\n"),
        ("processes.worker", '{command = ["a", "b"], default = true}\n'),
        ("python.mirror", "https://****@example.com/****/pythons?sig=****\n"),
    ],
)
def test_one_value_is_printed_for_a_script_to_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, shown: str
) -> None:
    (tmp_path / "layerwright.toml").write_text(
        f'[pip]\nlaunch = true\nrequirements = ["base.txt", "more.txt"]\n[python]\nmirror = "{MIRROR}"\n'
        '[processes]\nweb = "serve"\nworker = {command = ["a", "b"], default = true}\n'
    )
    assert main(["config", "get", "--app", str(tmp_path), key]) == 0
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize(
    ("key", "summary"),
    [
        ("pip.lunch", "There is no setting pip.lunch; did you mean pip.launch?"),
        ("x", "There is no setting x."),
    ],
)
def test_a_setting_that_does_not_exist_is_answered_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, summary: str
) -> None:
    assert main(["config", "get", "--app", str(tmp_path), key]) == 1
    assert f"Error: {summary}\n" in capsys.readouterr().err


def test_a_value_is_removed_and_what_applies_now_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "layerwright.toml").write_text("# top\n[pip]\nlaunch = true\n")
    assert main(["config", "unset", "--app", str(tmp_path), "pip.launch"]) == 0
    assert capsys.readouterr().out == "pip.launch removed from layerwright.toml; now false (default)\n"
    assert (tmp_path / "layerwright.toml").read_text() == "# top\n"


def test_the_configuration_as_json_has_values_with_their_origins_and_no_secrets(
    site: PluginSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "layerwright.toml").write_text(f'[pip]\nlaunch = true\n[python]\nmirror = "{MIRROR}"\n')
    assert main(["config", "--json", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert found_in(text) == []
    document = json.loads(text)
    settings = {setting.pop("key"): setting for setting in document["settings"]}
    assert settings["pip.launch"] == {
        "value": True,
        "origin": "layerwright.toml: pip.launch",
        "is-default": False,
        "help": "whether the package manager is available at launch",
    }
    assert settings["pip.requirements"]["value"] == ["requirements.txt"]
    assert (settings["package-manager"]["value"], settings["package-manager"]["is-default"]) == (None, True)
    assert settings["python.mirror"]["value"] == "https://****@example.com/****/pythons?sig=****"
    assert [warning.partition("\n")[0] for warning in document["warnings"]] == [
        "layerwright-absent 1.0 could not be loaded and is ignored.",
        "layerwright-broken 1.0 could not be loaded and is ignored.",
    ]


def test_settings_are_those_of_the_chosen_application_and_the_choice_that_of_the_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "api").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["config", "set", "app-dir", "api"]) == 0
    assert main(["config", "set", "python.version", "3.13"]) == 0
    assert (tmp_path / "layerwright.toml").read_text() == 'app-dir = "api"\n'
    assert (tmp_path / "api" / "layerwright.toml").read_text() == '[python]\nversion = "3.13"\n'
    words = "Application directory: api, because layerwright.toml: app-dir names it\n"
    assert capsys.readouterr().out == (
        f'app-dir = "api" in layerwright.toml\n{words}python.version = "3.13" in layerwright.toml\n'
    )
    assert main(["config", "get", "python.version"]) == 0
    assert main(["config", "get", "app-dir"]) == 0
    assert capsys.readouterr().out == "3.13\napi\n"
    assert main(["config"]) == 0
    assert capsys.readouterr().out.startswith(words)
    # The same directory, named as it is.
    assert main(["config", "set", "--app", "api", "python.version", "3.12"]) == 0
    assert (tmp_path / "api" / "layerwright.toml").read_text() == '[python]\nversion = "3.12"\n'


def test_a_directory_that_does_not_exist_is_not_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "set", "--app", str(tmp_path), "app-dir", "api"]) == 1
    assert 'app-dir names "api", which is not a directory of the source tree.' in capsys.readouterr().err
    assert not (tmp_path / "layerwright.toml").exists()


def test_rules_of_the_policy_are_set_and_shown_and_the_strictest_decides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = str(tmp_path)
    assert main(["config", "set", "--app", app, "policy.hashes", "required"]) == 0
    monkeypatch.setenv("LAYERWRIGHT_POLICY_MIN_RELEASE_AGE", "9 days")
    assert main(["config", "set", "--app", app, "policy.min-release-age", "7 days"]) == 0
    assert (tmp_path / "layerwright.toml").read_text() == (
        '[policy]\nhashes = "required"\nmin-release-age = "7 days"\n'
    )
    assert capsys.readouterr().out == (
        'policy.hashes = "required" in layerwright.toml\n'
        'policy.min-release-age = "7 days" in layerwright.toml; LAYERWRIGHT_POLICY_MIN_RELEASE_AGE decides: "9 days"\n'
    )
    assert main(["config", "get", "--app", app, "policy.yanked"]) == 0
    assert capsys.readouterr().out == "allow\n"
    for key, words in {
        "policy.licences": "policy.licences is a table, which this command does not write.",
        "policy": "There is no setting policy; did you mean ",
    }.items():
        assert main(["config", "set", "--app", app, key, "x"]) == 1
        assert words in capsys.readouterr().err
    assert main(["config", "set", "--app", app, "policy.yanked", "no"]) == 1
    assert 'policy.yanked must be one of "allow", "warn", "deny", not "no"' in capsys.readouterr().err
