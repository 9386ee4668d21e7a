from __future__ import annotations

import io
import json
import os
import signal
import sys
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from layerwright.build.explain import explain
from layerwright.build.phase import build
from layerwright.cli.explain import show
from layerwright.cli.parser import parse
from layerwright.cli.plugins.listing import run as list_plugins
from layerwright.config.application import Choice
from layerwright.errors import Interrupted
from layerwright.output.log import Log
from layerwright.plugins.entry_points import EVIDENCE_GROUP, PLUGIN_GROUP, EntryPoint
from layerwright.process.boundary import terminable, usual_modes
from tests.unit.small import EVIDENCE, PLUGIN, small_request, write_lock

if TYPE_CHECKING:
    from pathlib import Path


def logged() -> tuple[Log, io.StringIO]:
    stream = io.StringIO()
    return Log(stream, stream), stream


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_platform_that_asks_for_an_end_interrupts_the_build(number: signal.Signals) -> None:
    before = signal.getsignal(number)

    with pytest.raises(Interrupted) as raised, terminable():
        signal.raise_signal(number)

    assert raised.value.exit_status == 128 + number
    assert signal.getsignal(number) == before


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_what_is_made_has_the_usual_modes_whatever_the_umask_which_then_counts_again(
    tmp_path: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        with usual_modes():
            (tmp_path / "directory").mkdir()
            (tmp_path / "file").touch()
        after = os.umask(before)
    finally:
        os.umask(before)

    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("directory", "file")] == [0o755, 0o644]
    assert after == umask


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_is_ignored_from_the_start_stays_ignored(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with terminable():
            signal.raise_signal(number)
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_detect_is_the_same_by_the_parser_as_by_the_short_cut(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("")
    arguments = parse(["detect", str(tmp_path)])
    log, stream = logged()

    assert arguments.run(arguments, log, {}) == 0

    assert stream.getvalue() == "pip, because requirements.txt exists\n"


def test_without_any_plugin_the_list_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    log, stream = logged()

    assert list_plugins(parse(["plugins"]), log, {}) == 0
    assert stream.getvalue() == (
        'No plugin is installed. Install the standard ones: pip install "layerwright[standard]"\n'
    )

    log, stream = logged()
    list_plugins(parse(["plugins", "--json"]), log, {})
    assert json.loads(stream.getvalue()) == []


def test_an_explanation_ends_with_its_warnings(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    (tmp_path / "app" / "Procfile").write_text("web: small run acme\n")
    log, stream = logged()

    show(explain(small_request(tmp_path)), log)

    assert (
        "\n  Warning: The process web (Procfile) is started by Small, which is not available at launch.\n"
        in (stream.getvalue())
    )


def test_an_explanation_names_what_is_missing_and_what_is_too_old(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    log, stream = logged()

    show(explain(small_request(tmp_path, today=date(2040, 1, 1))), log)

    assert "Warning: Python 3.13 has had no security fixes since" in stream.getvalue()
    assert stream.getvalue().endswith(
        "Processes\n  none: neither the configuration nor the Procfile defines one, and no plugin proposes one\n\n"
        "Not known before the build\n"
        "  Nothing is installed yet. Once it is, layerwright-small 1.0 may add layers, commands and processes.\n"
    )


def test_an_explanation_says_which_directory_of_the_tree_is_the_application(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    log, stream = logged()

    choice = Choice("app", "--app", ("Something is not read.",))
    explanation = explain(replace(small_request(tmp_path), choice=choice))
    show(explanation, log)

    assert stream.getvalue().startswith(
        "Application directory\n  app, because --app names it\n\nPackage manager"
    )
    assert explanation.as_json()["application-directory"] == {"name": "app", "origin": "--app"}
    assert "Something is not read." in explanation.warnings


def test_an_explanation_says_why_a_plugin_proposes_no_process(tmp_path: Path) -> None:
    write_lock(tmp_path / "app", "no-web", "old")
    build(small_request(tmp_path), logged()[0])
    log, stream = logged()

    explanation = explain(small_request(tmp_path))
    show(explanation, log)

    assert (
        "Warning: layerwright-small 1.0 proposes no process web, because no-web is installed.\n"
        "  Install another.\n"
    ) in stream.getvalue()
    assert "(layerwright-small 1.0, because old is installed): It is old.\n" in stream.getvalue()
    assert explanation.as_json()["not-proposed"] == [
        {
            "type": "web",
            "because": "no-web is installed",
            "remedy": "Install another.",
            "origin": "layerwright-small 1.0",
        }
    ]


def test_a_fallback_counts_only_if_the_application_and_other_plugins_define_nothing_else(
    tmp_path: Path,
) -> None:
    write_lock(tmp_path / "app", "perhaps", "worker")

    def types() -> list[str]:
        built = build(small_request(tmp_path), logged()[0])
        return [process.type for process, _ in built.processes]

    assert types() == ["perhaps", "worker"]
    write_lock(tmp_path / "app", "perhaps", "perhaps-worker", "worker")
    assert types() == ["perhaps", "worker"]
    (tmp_path / "app" / "Procfile").write_text("bot: python bot.py\n")
    assert types() == ["bot", "worker"]


def test_an_explanation_has_what_runs_after_the_install_and_what_the_build_asks_again(tmp_path: Path) -> None:
    write_lock(tmp_path / "app", "after", converges=True)
    build(small_request(tmp_path), logged()[0])
    log, stream = logged()
    show(explain(small_request(tmp_path)), log)

    said = stream.getvalue().partition("  Warning: ")[0]
    assert said.endswith(
        "\nAfter the install\n  $ look here  [layerwright-small 1.0]\n  $ look there  [layerwright-small 1.0]\n"
    )

    write_lock(tmp_path / "app", "after", "acme", converges=True)
    log, stream = logged()
    show(explain(small_request(tmp_path)), log)
    assert (
        "The layers, commands and processes of layerwright-small 1.0 are based on what is installed now."
        in (stream.getvalue())
    )


def test_an_explanation_before_a_build_says_which_file_plugins_were_asked_by(tmp_path: Path) -> None:
    write_lock(tmp_path / "app", "after", expected=["after"])
    log, stream = logged()
    show(explain(small_request(tmp_path)), log)

    assert stream.getvalue().endswith(
        "\nProcesses\n  after (default): after  [layerwright-small 1.0, because after is installed]\n"
        "\nAfter the install\n  $ look here  [layerwright-small 1.0]\n  $ look there  [layerwright-small 1.0]\n"
        "\nWhat plugins add\n"
        "  The layers, commands and processes of layerwright-small 1.0 are based on what small.lock will install.\n"
    )


@pytest.mark.parametrize(
    ("bound", "words", "depends"),
    [
        ("", "nothing", {}),
        (
            "requires-python = '>=3.13.1'",
            "small.lock has requires-python >=3.13.1",
            {"small.lock has requires-python >=3.13.1": ">=3.13.1"},
        ),
    ],
)
def test_an_explanation_says_what_depends_on_the_patch_release_of_python(
    tmp_path: Path, bound: str, words: str, depends: dict[str, str]
) -> None:
    write_lock(tmp_path / "app", "acme", expected=["acme"], uncertain=bound)
    log, stream = logged()
    before = explain(small_request(tmp_path))
    show(before, log)
    assert "patch release" not in stream.getvalue()
    build(small_request(tmp_path), logged()[0])
    log, stream = logged()
    found = explain(small_request(tmp_path))
    show(found, log)
    assert stream.getvalue().count("depends on the patch release of Python: ") == 1
    assert f"    depends on the patch release of Python: {words}\n" in stream.getvalue()
    known = [
        {layer["name"]: layer["depends-on-python-patch"] for layer in one.as_json()["layers"]}["venv"]
        for one in (before, found)
    ]
    assert known == [None, depends]


def test_an_explanation_says_why_plugins_may_propose_something_else(tmp_path: Path) -> None:
    uncertain = {"expected": ["acme"], "uncertain": "More may come.", "converges": True}
    write_lock(tmp_path / "app", "acme", **uncertain)
    log, stream = logged()
    show(explain(small_request(tmp_path)), log)
    assert stream.getvalue().endswith(
        "The layers, commands and processes of layerwright-small 1.0 are based on what small.lock names."
        " More may come. The build asks again once everything is installed.\n"
    )

    build(small_request(tmp_path), logged()[0])
    write_lock(tmp_path / "app", "acme", "extra", **uncertain)
    log, stream = logged()
    show(explain(small_request(tmp_path)), log)
    assert (
        "are based on what is installed now and on what small.lock names. More may come." in stream.getvalue()
    )


def test_an_explanation_begins_with_what_is_undone_and_names_what_is_left_out(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    request = replace(
        small_request(tmp_path, environment={"PYTHONPATH": "/elsewhere"}), inherited=frozenset({"PYTHONPATH"})
    )
    log, stream = logged()

    show(replace(explain(request), recovers=True), log)

    assert stream.getvalue().startswith("The last build was interrupted or is still running; ")
    assert "\n  Variables ignored, because the user did not set them: PYTHONPATH\n" in stream.getvalue()


def test_an_explanation_has_the_policy_who_decided_and_what_the_lock_file_alone_shows(tmp_path: Path) -> None:
    lock = {
        "expected": ["acme"],
        "archives": [{"name": "acme", "version": "1", "uploaded": "2026-10-31T00:00:00Z"}],
    }
    write_lock(tmp_path / "app", "acme", **lock)
    (tmp_path / "app" / "layerwright.toml").write_text(
        '[policy]\nmin-release-age = "3 days"\nyanked = "deny"\nstartup-code = "known"\nexceptions = ['
        '{distribution = "old", version = "1", rule = "yanked", reason = "r", expires = 2026-10-01},'
        '{distribution = "*", index = "https://a.example.com", rule = "licences", reason = "s",'
        " expires = 2027-01-01}]\n"
    )
    request = small_request(tmp_path, environment={"LAYERWRIGHT_POLICY_MIN_RELEASE_AGE": "9999 weeks"})
    log, stream = logged()
    show(explain(request), log)
    age = "min-release-age = 69993 days, from LAYERWRIGHT_POLICY_MIN_RELEASE_AGE (of the environment)"
    assert (
        "\nPolicy\n"
        f"  {age}\n"
        "  yanked = deny, from layerwright.toml: policy.yanked\n"
        "  startup-code = known, from layerwright.toml: policy.startup-code\n"
        "  exception from yanked: old 1, expired, until 2026-10-01 by layerwright.toml: policy.exceptions[0]: r\n"
        "  exception from licences: * of https://a.example.com, until 2027-01-01 by layerwright.toml:"
        " policy.exceptions[1]: s\n"
        "  Warning: acme 1: it was uploaded "
    ) in stream.getvalue()
    [refused] = explain(request).as_json()["refused"]
    assert refused.endswith(f"and must be 69993 days old\nThe rule: {age}")
    assert explain(request).as_json()["policy"]["rules"][1]["value"] == "deny"


def test_without_certainty_about_what_is_installed_an_explanation_refuses_nothing(tmp_path: Path) -> None:
    write_lock(tmp_path / "app", "acme", archives=[{"name": "acme", "version": "1"}])
    request = small_request(tmp_path, environment={"LAYERWRIGHT_POLICY_HASHES": "required"})
    assert explain(request).refused == ()


def test_an_explanation_warns_of_plugins_that_are_left_out(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    absent = EntryPoint(PLUGIN_GROUP, "absent", "no_such_module", "layerwright-absent", "1.0")
    evidence = EntryPoint(EVIDENCE_GROUP, "absent.lock", "no_such_module", "layerwright-absent", "1.0")
    log, stream = logged()

    show(explain(small_request(tmp_path, entry_points=(PLUGIN, EVIDENCE, absent, evidence))), log)

    assert "Warning: layerwright-absent 1.0 could not be loaded and is ignored.\n" in stream.getvalue()
