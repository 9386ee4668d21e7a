from __future__ import annotations

import pytest

from layerwright.build.bom._licence import licence_named, licence_of
from layerwright.build.bom.component import Licence

MIT = "License :: OSI Approved :: MIT License"
BSD = "License :: OSI Approved :: BSD License"
MPL = "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)"


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({}, Licence()),
        (
            {"license-expression": ["mit or apache-2.0"], "license": ["GPL-3.0-only"]},
            Licence(expression="MIT OR Apache-2.0"),
        ),
        ({"license-expression": ["Anything goes"]}, Licence(names=("Anything goes",))),
        ({"license": ["BSD-3-Clause"], "classifier": [BSD]}, Licence(expression="BSD-3-Clause")),
        ({"license": ["Apache License 2.0"]}, Licence(expression="Apache-2.0")),
        ({"license": ["BSD"], "classifier": [BSD]}, Licence(names=("BSD",))),
        ({"license": ["my own"], "classifier": [MIT]}, Licence(expression="MIT")),
        ({"classifier": [BSD, "Topic :: Software Development"]}, Licence(names=("BSD License",))),
        ({"classifier": ["License :: OSI Approved", MIT]}, Licence(expression="MIT")),
        ({"classifier": [MIT, MPL]}, Licence(names=("MIT", "MPL-2.0"))),
        ({"license": ["UNKNOWN"]}, Licence()),
        ({"license": ["MIT License\n\nPermission is hereby granted"]}, Licence()),
        ({"license": ["x" * 101], "classifier": [MIT]}, Licence(expression="MIT")),
    ],
)
def test_the_licence_is_the_most_exact_that_the_metadata_states(
    fields: dict[str, list[str]], licence: Licence
) -> None:
    assert licence_of(fields) == licence


def test_several_names_are_no_expression_because_they_do_not_say_how_they_combine() -> None:
    assert licence_named(["MIT", "ISC", "MIT"]) == Licence(names=("MIT", "ISC"))
