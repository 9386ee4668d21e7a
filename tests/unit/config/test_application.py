from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.config.application import Choice, check_directory, choose_application
from layerwright.config.sources import Given
from layerwright.errors import ConfigurationError, UserError

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "LAYERWRIGHT_APP_DIR"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree with three applications, none of which is at its top."""
    tree = tmp_path / "tree"
    for name in ("services/api", "services/web", "worker"):
        (tree / name).mkdir(parents=True)
    return tree


def test_without_a_choice_the_application_is_the_whole_tree(tree: Path) -> None:
    project, choice = choose_application(tree, {VARIABLE: " "})
    assert (project.root, project.tree, choice) == (tree, tree, None)


def test_the_option_wins_over_the_variable_and_that_over_the_configuration(tree: Path) -> None:
    (tree / "layerwright.toml").write_text('app-dir = "worker"\n')
    (tree / "pyproject.toml").write_text('[tool.layerwright]\napp-dir = "services"\n')
    variables = {VARIABLE: "services/web\n"}
    found = [
        choose_application(tree, variables, option="./services/api/"),
        choose_application(tree, variables),
        choose_application(tree, {}),
    ]
    assert [application.choice for application in found] == [
        Choice("services/api", "--app"),
        Choice("services/web", VARIABLE),
        Choice("worker", "layerwright.toml: app-dir"),
    ]
    assert [application.project.root for application in found] == [
        tree / "services/api",
        tree / "services/web",
        tree / "worker",
    ]
    assert {application.project.tree for application in found} == {tree}


def test_the_platforms_default_counts_where_the_tree_says_nothing(tree: Path) -> None:
    given = [Given("the buildpack acme 1", {"app-dir": "worker"})]
    assert choose_application(tree, {}, given).choice == Choice("worker", "the buildpack acme 1: app-dir")
    (tree / "layerwright.toml").write_text('app-dir = "services"\n')
    assert choose_application(tree, {}, given).choice == Choice("services", "layerwright.toml: app-dir")


def test_the_top_of_the_tree_can_be_chosen_against_the_configuration(tree: Path) -> None:
    (tree / "layerwright.toml").write_text('app-dir = "worker"\n')
    assert choose_application(tree, {VARIABLE: "."}).choice is None


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("", "The name must be relative to {tree}."),
        ("/worker", "The name must be relative to {tree}."),
        ("nowhere", "{tree}/nowhere is not a directory, or does not exist."),
        ("a\0b", "{tree}/a\\x00b is not a directory, or does not exist."),
        ("file", "{tree}/file is not a directory, or does not exist."),
        ("..", "It leads to {tree.parent}, which is outside {tree}."),
        ("link", "It leads to {tree.parent}/elsewhere, which is outside {tree}."),
    ],
)
def test_a_name_that_is_no_directory_of_the_tree_is_refused_with_its_origin(
    tree: Path, name: str, cause: str
) -> None:
    (tree / "file").touch()
    (tree.parent / "elsewhere").mkdir()
    (tree / "link").symlink_to("../elsewhere")
    with pytest.raises(UserError) as caught:
        check_directory(tree, name, VARIABLE)
    error = caught.value
    shown = name.replace("\0", "\\x00")
    assert error.summary == f'{VARIABLE} names "{shown}", which is not a directory of the source tree.'
    assert error.cause == cause.format(tree=tree)
    assert error.reference == "app-dir"


def test_a_link_within_the_tree_chooses_the_directory_that_it_leads_to(tree: Path) -> None:
    (tree / "current").symlink_to("services/api")
    (tree.parent / "also").symlink_to(tree)
    found = choose_application(tree.parent / "also", {}, option="current")
    assert found.choice == Choice("services/api", "--app")
    assert found.project.root == tree.parent / "also" / "services/api"


def test_a_value_that_is_no_string_is_a_problem_of_the_configuration(tree: Path) -> None:
    (tree / "pyproject.toml").write_text("[tool.layerwright]\napp-dir = 1\n")
    with pytest.raises(ConfigurationError) as caught:
        choose_application(tree, {})
    assert caught.value.problems == ("pyproject.toml: tool.layerwright.app-dir must be a string, not 1",)


def test_the_chosen_application_cannot_choose_again(tree: Path) -> None:
    (tree / "worker" / "layerwright.toml").write_text('app-dir = "."\n')
    with pytest.raises(ConfigurationError) as caught:
        choose_application(tree, {}, option="worker")
    assert caught.value.problems == (
        "worker/layerwright.toml: app-dir has no effect: only the top of the source tree chooses",
    )


def test_other_settings_beside_the_choice_are_not_read_and_the_build_says_so(tree: Path) -> None:
    (tree / "layerwright.toml").write_text('app-dir = "worker"\n[python]\nversion = "3.13"\n')
    choice = choose_application(tree, {}).choice
    assert choice is not None
    assert choice.warnings == (
        "Not read, because the application is worker: layerwright.toml: python.version.\n"
        "Move the settings to worker/pyproject.toml or worker/layerwright.toml.",
    )
    # With another choice these are the settings of an application at the top.
    assert choose_application(tree, {}, option="services").choice == Choice("services", "--app")


def test_only_the_option_must_be_repeated_to_choose_the_same_again() -> None:
    assert Choice("my api", "--app").option == " --app 'my api'"
    assert Choice("my api", VARIABLE).option == ""
