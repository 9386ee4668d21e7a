from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter

from layerwright.cli.parser import parse
from layerwright.output.log import Log
from tests.fixtures.plugins import PluginSite, providing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DECLARATION = """\
name = "acme"
display-name = "Acme"
detect.files = ["acme.lock"]
tool = { distribution = "acme", version = "2.1" }

[environment]
commands = [["{tool}/bin/acme", "sync"]]
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PluginSite]:
    """Return a site whose plugins are the only ones that are installed."""
    # It imports parts of itself and of the standard library when it is first used.
    TypeAdapter(str).validate_python("")
    monkeypatch.setattr(sys, "path", [])
    with PluginSite(tmp_path / "site-packages") as site:
        yield site


def listed(*arguments: str, disabled: str = "") -> str:
    stream = io.StringIO()
    parsed = parse(["plugins", *arguments])
    assert parsed.run(parsed, Log(stream, stream), {"LAYERWRIGHT_DISABLE_PLUGINS": disabled}) == 0
    return stream.getvalue()


def in_json(disabled: str = "") -> Any:
    [one] = json.loads(listed("--json", disabled=disabled))
    return one


def test_a_plugin_is_described_with_all_that_it_publishes_and_implements(site: PluginSite) -> None:
    site.install(
        "acme",
        providing("acme"),
        version="1.2",
        conclusive=("acme.lock",),
        evidence=("pyproject.toml", "acme.toml"),
        refines=("pip", "pdm"),
        apis=("1", "2"),
    )
    assert in_json() == {
        "distribution": "layerwright-acme",
        "version": "1.2",
        "api": [1, 2],
        "package-managers": ["acme"],
        "hooks": ["layerwright_package_managers"],
        "kind": "programmed",
        "declaration": None,
        "conclusive": ["acme.lock"],
        "evidence": ["acme.toml", "pyproject.toml"],
        "refines": ["pdm", "pip"],
        "problem": None,
        "disabled": False,
    }
    claims = "  acme.lock (conclusive), acme.toml, pyproject.toml; refines pdm; refines pip\n"
    assert listed().endswith(claims)


def test_a_plugin_without_package_managers_has_its_hooks(site: PluginSite) -> None:
    source = "from layerwright import hookimpl\n@hookimpl\ndef layerwright_processes(context): return []\n"
    site.install("acme", source, evidence=("none",))
    one = in_json()
    assert (one["package-managers"], one["hooks"], one["evidence"]) == ([], ["layerwright_processes"], [])


def declaring(site: PluginSite, declaration: str, **published: tuple[str, ...]) -> Path:
    """Install a plugin with *declaration* and what is *published*, and return the file that has the first."""
    module = site.install("acme", "", **published)  # type: ignore[arg-type]
    (site.path / f"{module}.py").unlink()
    (site.path / module).mkdir()
    (site.path / module / "__init__.py").write_text('"""Acme."""\n')
    file = site.path / module / "package-manager.toml"
    file.write_text(declaration)
    return file


def test_a_plugin_may_be_declarative(site: PluginSite) -> None:
    file = declaring(site, DECLARATION)
    one = in_json()
    assert (one["hooks"], one["kind"], one["declaration"]) == ([], "declarative", str(file))
    assert (one["package-managers"], one["problem"]) == (["acme"], None)


def test_of_many_problems_of_a_declaration_the_first_is_shown_with_how_to_see_the_rest(
    site: PluginSite,
) -> None:
    file = declaring(site, "name = 5\n")
    problems = in_json()["problem"].splitlines()
    assert len(problems) > 1
    more = f"(and {len(problems) - 1} more: layerwright plugins check {file})"
    assert listed().splitlines()[1].endswith(f" {problems[0]} {more}")


def test_the_one_problem_of_a_declaration_is_shown_as_it_is(site: PluginSite) -> None:
    declaring(site, "name =\n")
    assert listed().splitlines()[1].endswith(f" {in_json()['problem']}")


@pytest.mark.parametrize(
    ("evidence", "problem"),
    [
        (("acme.lock",), "In detect, but not published as evidence: acme.toml."),
        (("acme.lock", "acme.toml"), None),
        # Nothing is published: the plugin is always asked.
        ((), None),
    ],
)
def test_a_file_that_is_looked_for_and_not_published_as_evidence_is_a_problem(
    site: PluginSite, evidence: tuple[str, ...], problem: str | None
) -> None:
    declaring(site, DECLARATION.replace('"acme.lock"]', '"acme.lock", "acme.toml"]', 1), evidence=evidence)
    assert in_json()["problem"] == problem


@pytest.mark.parametrize(
    ("published", "problem"),
    [
        (
            {"conclusive": ("acme.lock",), "evidence": ("pyproject.toml", "setup.py"), "refines": ("pip",)},
            None,
        ),
        (
            {"conclusive": ("acme.lock", "setup.py"), "evidence": ("pyproject.toml",), "refines": ("pip",)},
            "Published as conclusive, but not in detect.files: setup.py.",
        ),
        (
            {"conclusive": ("acme.lock",), "evidence": ("setup.py",), "refines": ("pip",)},
            "In detect, but not published as evidence: pyproject.toml.",
        ),
        (
            {"evidence": ("acme.lock", "pyproject.toml", "setup.py"), "refines": ("pdm",)},
            "Not both published in layerwright.refines and in detect.refines: pdm, pip.",
        ),
    ],
)
def test_a_declaration_and_what_is_published_must_say_the_same(
    site: PluginSite, published: dict[str, tuple[str, ...]], problem: str | None
) -> None:
    more = 'detect.tables = ["tool.acme"]\ndetect.fallback.files = ["setup.py"]\ndetect.refines = ["pip"]\n'
    declaring(site, DECLARATION.replace("detect.files", f"{more}detect.files"), **published)
    assert in_json()["problem"] == problem


def test_a_plugin_without_any_hook_is_a_problem(site: PluginSite) -> None:
    site.install("acme", providing("acme").replace("@hookimpl\n", ""), evidence=("acme.lock",))
    site.install("beta", providing("beta"))
    rows = json.loads(listed("--json"))
    assert [row["problem"] for row in rows] == [
        "layerwright_acme has no hook implementation: is @hookimpl missing?",
        None,
    ]


def test_a_hook_may_be_implemented_under_another_name(site: PluginSite) -> None:
    source = providing("acme").replace("@hookimpl\n", '@hookimpl(specname="layerwright_package_managers")\n')
    site.install("acme", source.replace("def layerwright_package_managers", "def provide"))
    one = in_json()
    assert (one["hooks"], one["problem"]) == (["layerwright_package_managers"], None)


def test_a_refused_plugin_has_its_api_and_the_reason(site: PluginSite) -> None:
    site.install("acme", "raise RuntimeError", evidence=("acme.lock",), apis=("3",))
    one = in_json()
    assert (one["api"], one["kind"], one["evidence"]) == ([3], None, ["acme.lock"])
    assert one["problem"].startswith("It supports plugin API 3, but this Layerwright ")
    assert "It supports plugin API 3" in listed()


def test_a_disabled_plugin_is_listed_and_not_imported(site: PluginSite) -> None:
    module = site.install("acme", "raise RuntimeError")
    assert in_json("acme")["disabled"] is True
    assert in_json("layerwright-acme")["problem"] is None
    assert listed(disabled="acme").splitlines()[1].endswith(" disabled")
    assert module not in sys.modules


def test_what_is_to_be_disabled_and_is_missing_is_a_warning(site: PluginSite) -> None:
    site.install("acme", providing("acme"))
    assert listed(disabled="amce").endswith(
        "  Warning: LAYERWRIGHT_DISABLE_PLUGINS names amce, which is not installed.\n"
    )


def test_a_table_that_a_plugin_cannot_have_is_a_warning(site: PluginSite) -> None:
    source = "from layerwright import hookimpl\n@hookimpl\ndef layerwright_settings(): return 5\n"
    site.install("acme", source, evidence=("none",))
    assert "  Warning: This is a defect in layerwright-acme 1.0, not in your application.\n" in listed()


def test_plugins_that_provide_the_same_are_both_listed_with_the_other(site: PluginSite) -> None:
    site.install("acme", providing("acme"))
    site.install("copy", providing("acme"))
    lines = listed().splitlines()[1:]
    assert len(lines) == 2
    assert all("They are layerwright-acme 1.0 and layerwright-copy 1.0." in line for line in lines)
