from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from layerwright.build.layers import names

package_managers = st.from_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", fullmatch=True)


@settings(deadline=None)
@given(package_managers)
def test_the_venv_is_before_every_tool_and_that_before_python_in_path(package_manager: str) -> None:
    """The lifecycle prepends in the order of the names, so that the last one wins."""
    order = [names.STAND_INS, names.PYTHON, names.tool_layer(package_manager), names.VENV]
    assert sorted(order) == order


def test_layers_of_a_package_manager_have_its_name() -> None:
    assert names.tool_layer("uv") == "tool-uv"
    assert names.cache_layer("uv") == "cache-uv"


def test_layers_of_an_earlier_build_are_left_over_and_other_peoples_are_not() -> None:
    present = [
        "absent-tools",
        "cache-pip",
        "python",
        "ca-certificates",
        "tool-pip",
        "tool-uv",
        "venv",
        "toolbox",
    ]
    assert names.left_over(present, ["python", "tool-uv", "venv"]) == (
        "absent-tools",
        "cache-pip",
        "tool-pip",
    )
    assert names.left_over([], ["python"]) == ()


def test_package_managers_are_known_by_their_layers() -> None:
    assert names.package_managers(["cache-uv", "python", "tool-acme-next", "tool-uv"]) == ("acme-next", "uv")
