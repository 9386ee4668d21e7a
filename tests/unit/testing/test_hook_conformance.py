"""The class that authors of plugins with hooks derive from: what it refuses, and how it finds a plugin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.testing import HookConformance, hook_context
from layerwright.testing.conformance.hooks._subject import HookSubject, find_plugin
from tests.conformance.planted import hooks
from tests.fixtures.plugins import PluginSite

if TYPE_CHECKING:
    from layerwright.testing import Application

pytest_plugins = ["pytester"]

AUTHORS = """\
from layerwright.testing import Application, HookConformance


class TestAcme(HookConformance):
    plugin = "acme"
    not_applicable = {"test_describing_starts_nothing": "it is not so"}

    @staticmethod
    def application(app: Application) -> None:
        app.write("acme.txt", "")
"""
PROPOSING = """\
from layerwright import Process, ProposedProcess, hookimpl

@hookimpl
def layerwright_processes(context):
    if context.project.exists("acme.txt"):
        yield ProposedProcess(process=Process(type="acme", command=("acme",)), because="acme.txt exists")
"""


def application(app: Application) -> None:
    app.write(hooks.FILE, "one\n")


def derived(**attributes: Any) -> type[HookConformance]:
    given = {"plugin": "acme", "application": staticmethod(application), **attributes}
    return type("TestAcme", (HookConformance,), {k: v for k, v in given.items() if v is not None})


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"plugin": None}, "TestAcme needs an attribute: plugin"),
        ({"application": None}, r"TestAcme needs a static method application\(app\)"),
        ({"application": application}, r"TestAcme\.application must be a @staticmethod"),
        ({"subject": 1}, "TestAcme redefines subject, which belongs to the kit"),
        ({"not_applicable": {"test_describing_start": "?"}}, "did you mean test_describing_starts_nothing"),
    ],
)
def test_a_class_with_a_mistake_is_refused_when_it_is_defined(attributes: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        derived(**attributes)


def test_the_base_class_writes_no_application(application: Application) -> None:
    with pytest.raises(NotImplementedError):
        HookConformance.application(application)


def test_a_plugin_that_is_not_installed_is_a_failure_that_says_how_to_install_it() -> None:
    with pytest.raises(pytest.fail.Exception) as failure:
        find_plugin("acme")
    assert 'No installed distribution has an entry point "acme"' in str(failure.value)
    assert "python -m pip install --editable ." in str(failure.value)


def test_a_plugin_that_cannot_be_loaded_is_a_failure_that_says_why(tmp_path: Path) -> None:
    with PluginSite(tmp_path / "site") as site:
        site.install("acme", "raise RuntimeError('boom')")
        with pytest.raises(pytest.fail.Exception, match="raised RuntimeError: boom"):
            find_plugin("acme")


def test_authors_derive_a_class_and_run_pytest(pytester: pytest.Pytester) -> None:
    with PluginSite(pytester.path / "site") as site:
        site.install("acme", PROPOSING, evidence=("none",))
        pytester.makepyfile(test_acme=AUTHORS)
        pytester.makeconftest('pytest_plugins = ["layerwright.testing.fixtures"]\n')
        result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-q", "-rs")
    result.assert_outcomes(
        passed=len([n for n in dir(HookConformance) if n.startswith("test_")]) - 1, skipped=1
    )
    result.stdout.fnmatch_lines(["*not applicable: it is not so*"])


def test_what_cannot_be_asked_is_left_to_one_check(pytester: pytest.Pytester) -> None:
    with PluginSite(pytester.path / "site") as site:
        site.install("acme", PROPOSING.replace("if context", "raise KeyError\n    if context"))
        pytester.makepyfile(test_acme=AUTHORS)
        pytester.makeconftest('pytest_plugins = ["layerwright.testing.fixtures"]\n')
        result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-q")
    assert result.parseoutcomes()["failed"] == 1


def test_a_module_can_be_the_plugin(tmp_path: Path) -> None:
    subject = HookSubject.of(hooks, application, tmp_path / "subject", distributions=("words",))
    assert subject.sources == (Path(hooks.__file__),)
    assert (subject.model, subject.keys, subject.adds) == (None, (), ())


def test_a_context_has_a_value_for_everything(application: Application, tmp_path: Path) -> None:
    context = hook_context(application)
    assert context.project.root == application.path
    assert (context.distributions, context.settings, context.exec_env) == (frozenset(), None, "production")
    assert str(context.layer) == "/layers/plugin-example"
    assert context.named_layer("") == context.layer
    assert str(context.named_layer("more")) == "/layers/plugin-example-more"
    given = hook_context(
        application, distributions=["Acme_Shop"], name="acme", layers=tmp_path, python="3.12.1"
    )
    assert given.distributions == {"acme-shop"}
    assert given.layer == tmp_path / "plugin-acme"
    assert given.interpreter.minor == "3.12"
