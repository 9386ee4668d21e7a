from __future__ import annotations

from pathlib import Path

from layerwright.build.wheels.linked import linked_directories


def test_directories_that_pip_gets_distributions_from_are_known() -> None:
    links = "/srv/wheels file:///srv/more%20wheels https://example.com/wheels wheels"
    found = linked_directories({"PIP_FIND_LINKS": links})
    assert found == (Path("/srv/wheels"), Path("/srv/more wheels"))
    assert linked_directories({}) == ()
