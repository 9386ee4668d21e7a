from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from layerwright.build.choose.prepare import prepare
from layerwright.build.choose.variables import sort_variables
from layerwright.errors import UserError
from tests.unit.small import Small, small_request, write_lock

if TYPE_CHECKING:
    from pathlib import Path


def test_reserved_variables_are_all_named(tmp_path: Path) -> None:
    request = small_request(tmp_path, environment={"PYTHONHOME": "/elsewhere", "SMALL_ELSEWHERE": "yes"})
    with pytest.raises(UserError, match=r"PYTHONHOME, SMALL_ELSEWHERE\.") as caught:
        sort_variables(request, [Small()])
    assert caught.value.cause == "Python and Small read them, and would install something else or elsewhere."
    assert caught.value.remedy[0].startswith(
        "Remove them from the environment of the build, as this platform"
    )
    assert caught.value.reference == "reserved-environment"


def test_where_the_variables_are_a_shells_the_remedy_is_one_for_a_shell(tmp_path: Path) -> None:
    request = small_request(tmp_path, environment={"PYTHONHOME": "/elsewhere", "SMALL_ELSEWHERE": "yes"})
    with pytest.raises(UserError) as caught:
        sort_variables(replace(request, from_shell=True), [Small()])
    assert caught.value.remedy == ("Unset them: env -u PYTHONHOME -u SMALL_ELSEWHERE layerwright build …",)


def test_what_the_user_did_not_set_is_ignored(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": "/image", "SMALL_ELSEWHERE": "yes", "KEPT": "1"}
    request = replace(
        small_request(tmp_path, environment=environment), inherited={"PYTHONPATH", "SMALL_ELSEWHERE"}
    )
    found = sort_variables(request, [Small()])
    assert found.for_commands == {"PATH": "/usr/bin:/bin", "KEPT": "1"}
    assert (found.ignored, found.for_application) == (("PYTHONPATH", "SMALL_ELSEWHERE"), {})
    assert found.words == (
        "Variables ignored, because the user did not set them: PYTHONPATH, SMALL_ELSEWHERE",
    )


def test_a_search_path_of_the_users_is_for_the_application_alone(tmp_path: Path) -> None:
    found = sort_variables(small_request(tmp_path, environment={"PYTHONPATH": "src"}), [Small()])
    assert "PYTHONPATH" not in found.for_commands
    assert found.for_application == {"PYTHONPATH": "src"}
    assert found.words == (
        "Variables for the application alone, in commands after the install and at launch: PYTHONPATH",
    )


def test_without_such_variables_there_is_nothing_to_say(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    assert prepare(small_request(tmp_path)).variables.words == ()
