from __future__ import annotations

from pathlib import Path

import pytest

from layerwright.cnb.api import PRODUCTION
from layerwright.cnb.context import BuildContext, DetectContext
from layerwright.cnb.target import Target
from layerwright.errors import SiteError

APPLICATION = Path("/workspace")
BOTH = {
    "CNB_BUILDPACK_DIR": "/cnb/buildpacks/example/1.2.3",
    "CNB_PLATFORM_DIR": "/platform",
    "CNB_TARGET_OS": "linux",
    "CNB_TARGET_ARCH": "amd64",
}
DETECT = {**BOTH, "CNB_BUILD_PLAN_PATH": "/tmp/plan.toml"}
BUILD = {**BOTH, "CNB_LAYERS_DIR": "/layers/example", "CNB_BP_PLAN_PATH": "/tmp/bp-plan.toml"}


def test_detect_works_without_the_optional_variables() -> None:
    assert DetectContext.of(DETECT, APPLICATION) == DetectContext(
        application=APPLICATION,
        buildpack=Path("/cnb/buildpacks/example/1.2.3"),
        platform=Path("/platform"),
        plan=Path("/tmp/plan.toml"),
        target=Target(os="linux", arch="amd64"),
        exec_env=PRODUCTION,
    )


def test_build_works_without_the_optional_variables() -> None:
    assert BuildContext.of(BUILD, APPLICATION) == BuildContext(
        application=APPLICATION,
        buildpack=Path("/cnb/buildpacks/example/1.2.3"),
        platform=Path("/platform"),
        plan=Path("/tmp/bp-plan.toml"),
        layers=Path("/layers/example"),
        target=Target(os="linux", arch="amd64"),
        exec_env=PRODUCTION,
    )


def test_the_optional_variables_are_taken_where_they_are_set() -> None:
    context = BuildContext.of(
        {**BUILD, "CNB_EXEC_ENV": "test", "CNB_TARGET_DISTRO_NAME": "some", "OTHER": "1"}, APPLICATION
    )

    assert context.exec_env == "test"
    assert context.target == Target(os="linux", arch="amd64", distro_name="some")


def test_an_empty_execution_environment_is_production() -> None:
    assert DetectContext.of({**DETECT, "CNB_EXEC_ENV": ""}, APPLICATION).exec_env == "production"


@pytest.mark.parametrize("name", DETECT)
@pytest.mark.parametrize("how", ["unset", "empty"])
def test_a_missing_cnb_variable_of_detect_is_named(name: str, how: str) -> None:
    environment = {**DETECT, name: ""}
    if how == "unset":
        del environment[name]

    with pytest.raises(SiteError) as caught:
        DetectContext.of(environment, APPLICATION)

    assert caught.value.summary == f"The detect phase of a buildpack was started without {name}."
    assert caught.value.reference == "missing-cnb-variable"


@pytest.mark.parametrize("name", BUILD)
def test_a_missing_cnb_variable_of_build_is_named(name: str) -> None:
    environment = {key: value for key, value in BUILD.items() if key != name}

    with pytest.raises(SiteError, match=f"^The build phase of a buildpack was started without {name}\\.$"):
        BuildContext.of(environment, APPLICATION)


def test_all_missing_cnb_variables_are_named_at_once() -> None:
    with pytest.raises(SiteError) as caught:
        BuildContext.of({}, APPLICATION)

    assert all(name in caught.value.summary for name in BUILD)
