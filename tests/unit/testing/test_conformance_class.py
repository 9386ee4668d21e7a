"""The class that plugin authors derive from: what it refuses, what it skips, and how it finds a plugin."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.testing import PackageManagerConformance
from layerwright.testing.conformance.trial.subject import find
from tests.conformance.planted.applications import application
from tests.conformance.planted.tiny import Tiny
from tests.fixtures.plugins import PluginSite, providing

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]

WRITES = staticmethod(application)
CHECK = "test_describing_starts_nothing"

AUTHORS = """\
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.testing import Application, PackageManagerConformance, Release

if TYPE_CHECKING:
    from collections.abc import Sequence


class TestAcme(PackageManagerConformance):
    package_manager = "acme"
    wheelhouse = Path(__file__).with_name("wheelhouse")
    not_applicable = {"test_describing_starts_nothing": "it is not so"}
    secrets = ("ACME_PASSWORD",)

    @staticmethod
    def application(app: Application, releases: Sequence[Release], index: str) -> None:
        app.write("acme.lock", "".join(f"{r.name}=={r.version} {r.url} {r.sha256}\\n" for r in releases))

    def test_of_its_own(self) -> None:
        assert self.package_manager == "acme"
"""


def derived(**attributes: Any) -> type[PackageManagerConformance]:
    """Return a class as a plugin's author would write it, with *attributes*."""
    given = {"package_manager": "acme", "application": WRITES, **attributes}
    return type("TestAcme", (PackageManagerConformance,), {k: v for k, v in given.items() if v is not None})


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"package_manager": None}, "TestAcme needs an attribute: package_manager"),
        ({"application": None}, r"TestAcme needs a static method application\(app, releases, index\)"),
        ({"application": application}, r"TestAcme\.application must be a @staticmethod"),
        ({CHECK: lambda self: None}, f"TestAcme redefines {CHECK}, which belongs to the kit"),
        ({"subject": None, "observed": 1}, "TestAcme redefines observed"),
        ({"not_applicable": {"test_describing_start": "?"}}, f"not a check; did you mean {CHECK}?"),
        ({"not_applicable": {"xyz": "?"}}, "names xyz, which is not a check$"),
    ],
)
def test_a_class_that_is_wrong_is_reported_when_it_is_made(attributes: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        derived(**attributes)


def test_a_check_cannot_be_replaced_from_the_side_either() -> None:
    class Lenient:
        def test_describing_starts_nothing(self) -> None:
            """Say nothing."""

    with pytest.raises(TypeError, match=f"redefines {CHECK}"):
        type(
            "TestAcme",
            (Lenient, PackageManagerConformance),
            {"package_manager": "acme", "application": WRITES},
        )


def test_a_class_may_have_tests_of_its_own_and_give_the_package_manager_itself() -> None:
    assert derived(test_more=lambda self: None, package_manager=Tiny()).package_manager.name == "tiny"


def test_the_base_class_writes_no_application(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError):
        PackageManagerConformance.application(None, (), "")  # type: ignore[arg-type]


def test_a_plugin_is_found_by_its_entry_point_with_all_that_it_publishes(tmp_path: Path) -> None:
    with PluginSite(tmp_path / "site") as site:
        site.install("acme", providing("acme"), evidence=("acme.lock",))

        manager, published = find("acme")

    assert manager.name == "acme"
    assert {(e.group, e.name) for e in published} == {
        ("layerwright", "acme"),
        ("layerwright.api", "2"),
        ("layerwright.evidence", "acme.lock"),
    }


def test_a_plugin_that_is_not_installed_is_a_failure_that_says_how_to_install_it() -> None:
    with pytest.raises(pytest.fail.Exception) as failure:
        find("acme")

    assert 'No installed distribution has an entry point "acme"' in str(failure.value)
    assert "python -m pip install --editable ." in str(failure.value)
    assert "    There are: " in str(failure.value)


def test_a_plugin_that_cannot_be_loaded_is_a_failure_that_says_why(tmp_path: Path) -> None:
    with PluginSite(tmp_path / "site") as site:
        site.install("acme", "import acme_that_is_not_there\n", evidence=("acme.lock",))

        with pytest.raises(pytest.fail.Exception) as failure:
            find("acme")

    assert "acme_that_is_not_there" in str(failure.value)
    assert "Instead: correct the plugin" in str(failure.value)


def kit(pytester: pytest.Pytester, body: str, *options: str) -> pytest.RunResult:
    """Run the kit on Tiny, in this process, with *body* as the rest of the class."""
    pytester.makepyfile(
        "from pathlib import Path\n"
        "from layerwright.testing import PackageManagerConformance\n"
        "from tests.conformance.planted.applications import application\n"
        "from tests.conformance.planted.tiny import Tiny\n"
        "class TestTiny(PackageManagerConformance):\n"
        "    application = staticmethod(application)\n" + body
    )
    return pytester.runpytest_inprocess("-p", "no:xdist", "-rs", *options)


RAISING = """\
    class Raising(Tiny):
        def tool_layer(self, request):
            raise KeyError('boom')
    package_manager = Raising()
"""
DESCRIBING = ("-k", "test_describing_twice or types_of_the_contract")


def test_what_cannot_be_described_is_one_failure_in_words(pytester: pytest.Pytester) -> None:
    result = kit(pytester, RAISING, *DESCRIBING)

    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        ["*tool_layer raised KeyError: 'boom'*", "*.py, line 9: raise KeyError('boom')", "SKIPPED*says why*"]
    )


def test_a_plugin_that_is_missing_is_one_failure(pytester: pytest.Pytester) -> None:
    result = kit(pytester, "    package_manager = 'acme'\n", *DESCRIBING)

    result.assert_outcomes(errors=1, skipped=1)
    result.stdout.fnmatch_lines(['No installed distribution has an entry point "acme"*', "SKIPPED*says why*"])


def test_what_cannot_be_described_is_not_hidden_by_what_does_not_apply(pytester: pytest.Pytester) -> None:
    hidden = RAISING + "    not_applicable = {'test_values_are_of_the_types_of_the_contract': 'really?'}\n"

    result = kit(pytester, hidden, *DESCRIBING)

    result.assert_outcomes(failed=1, skipped=1)


def test_what_does_not_apply_is_a_skip_that_shows_the_reason(pytester: pytest.Pytester) -> None:
    skipped = f"    package_manager = Tiny()\n    not_applicable = {{{CHECK!r}: 'it is not so'}}\n"

    result = kit(pytester, skipped, "-k", CHECK)

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*not applicable: it is not so*"])


def test_a_package_manager_that_is_given_itself_has_no_metadata(pytester: pytest.Pytester) -> None:
    result = kit(pytester, "    package_manager = Tiny()\n", "-k", "api_is_declared")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*and not the name of an entry point*"])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("    package_manager = Tiny()\n", "*package_manager is an object*"),
        ("    package_manager = 'uv'\n", "*fill the attribute wheelhouse: *--dest DIRECTORY TOOL==VERSION*"),
        ("    package_manager = 'uv'\n    wheelhouse = Path('empty')\n", "*--dest empty TOOL==VERSION*"),
    ],
)
def test_without_wheels_of_the_tool_nothing_is_built(
    pytester: pytest.Pytester, body: str, words: str
) -> None:
    result = kit(pytester, body, "-k", "hostile")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines([words])


def test_a_class_is_typed_as_strictly_as_its_author_likes(tmp_path: Path) -> None:
    (tmp_path / "test_acme.py").write_text(AUTHORS)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        f"--cache-dir={tmp_path}",
        "test_acme.py",
    ]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("Success: no issues found in 1 source file\n", "")
