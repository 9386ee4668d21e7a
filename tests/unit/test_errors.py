from __future__ import annotations

import pytest

from layerwright import errors
from layerwright.errors import (
    CommandFailed,
    ConfigurationError,
    Interrupted,
    LayerwrightError,
    PluginError,
    SiteError,
    UserError,
)


def test_an_error_says_what_happened_why_and_what_to_do() -> None:
    error = UserError(
        "It broke.", cause="It was old.", remedy=["Mend it.", "Or buy one."], reference="broken"
    )
    assert str(error) == error.summary == "It broke."
    assert error.cause == "It was old."
    assert error.remedy == ("Mend it.", "Or buy one.")
    assert error.reference == "broken"
    assert error.exit_status == 1


def test_a_remedy_of_one_step_needs_no_list() -> None:
    assert SiteError("It broke.", remedy="Mend it.", reference="broken").remedy == ("Mend it.",)


def test_neither_cause_nor_remedy_must_be_known() -> None:
    error = PluginError("It broke.", reference="broken")
    assert (error.cause, error.remedy) == ("", ())


@pytest.mark.parametrize(
    ("problems", "summary"),
    [
        (["a is wrong"], "The configuration has a problem."),
        (["a is wrong", "b is wrong"], "The configuration has 2 problems."),
    ],
)
def test_all_problems_of_a_configuration_are_one_error(problems: list[str], summary: str) -> None:
    error = ConfigurationError(problems)
    assert isinstance(error, UserError)
    assert error.summary == summary
    assert error.problems == tuple(problems)
    assert error.cause == "\n".join(problems)
    assert error.remedy == ("Correct the values above, then build again.",)
    assert error.reference == "configuration"


def test_a_problem_of_a_configuration_may_have_a_remedy_of_its_own() -> None:
    assert ConfigurationError(["a is wrong"], remedy="Take it out.").remedy == ("Take it out.",)


@pytest.mark.parametrize("kind", [SiteError, UserError])
def test_what_may_succeed_later_ends_with_the_status_for_that(kind: type[LayerwrightError]) -> None:
    assert kind("It broke.", reference="broken", transient=True).exit_status == 75
    assert CommandFailed("It failed.", returncode=1, reference="failed", transient=True).exit_status == 75


def test_a_failed_command_keeps_its_status_and_layerwright_has_its_own() -> None:
    error = CommandFailed("It failed.", returncode=-9, reference="failed")
    assert (error.returncode, error.exit_status) == (-9, 1)


@pytest.mark.parametrize(("number", "status"), [(2, 130), (15, 143)])
def test_an_interrupt_exits_as_a_shell_reports_a_signal(number: int, status: int) -> None:
    error = Interrupted(number)
    assert error.exit_status == status
    assert error.reference == "interrupted"
    assert error.remedy


def test_every_error_is_in_the_tree_that_the_module_draws() -> None:
    assert errors.__doc__ is not None
    for name in errors.__all__:
        assert issubclass(getattr(errors, name), LayerwrightError)
        assert name in errors.__doc__
