from __future__ import annotations

from layerwright.build.installed.closure import Requirer, required_by, unmet
from tests.unit.buildpack.package.samples import MARKERS


def faults(*distributions: Requirer, **versions: str) -> list[str]:
    there = {one.name: one.version for one in distributions} | versions
    return [fault.words for fault in unmet(distributions, there, MARKERS)]


def test_what_has_all_that_it_requires_has_no_fault() -> None:
    one = Requirer(name="a", version="1", requires=("b>=1", "C"), requires_python=">=3.11")
    assert faults(one, b="1.0", c="3.0rc1") == []


def test_what_is_missing_and_what_is_another_version_is_reported_with_who_needs_it() -> None:
    one = Requirer(name="a", version="1", requires=("b>=2 ; python_version > '3'", "c"))
    assert faults(one, b="1.0") == [
        "a 1 requires b>=2, but it would be 1.0.",
        "a 1 requires c, which is not locked.",
    ]


def test_what_is_required_for_another_target_may_be_missing() -> None:
    assert faults(Requirer(name="a", version="1", requires=("b ; sys_platform == 'win32'",))) == []


def test_what_is_for_another_python_is_reported() -> None:
    assert faults(Requirer(name="a", version="1", requires_python=">=3.14")) == [
        "a 1 requires Python >=3.14, but it would be 3.13.1."
    ]


def test_what_an_extra_requires_counts_where_the_extra_is_asked_for_and_so_on() -> None:
    a = Requirer(name="a", version="1", requires=("b[x]", "absent[y]"))
    b = Requirer(name="b", version="1", requires=("c[z] ; extra == 'x'", "d ; extra == 'other'"))
    c = Requirer(name="c", version="1", requires=("e ; extra == 'z'",))
    assert faults(a, b, c, absent="1") == ["c 1 requires e, which is not locked."]
    assert faults(b, c) == []


# What requires what


def test_only_requirements_of_what_is_there_are_told() -> None:
    found = required_by(
        [
            Requirer(name="shop", version="1", requires=("Acme_Kit[fast]>=1", "lost", "not valid!", "")),
            Requirer(
                name="acme-kit", version="1", requires=("base; extra == 'fast'", "docs; extra == 'docs'")
            ),
            Requirer(name="base", version="1", requires=("shop >", "shop; python_version < '3'")),
            Requirer(name="docs", version="1"),
        ],
        MARKERS,
    )
    assert sorted(found) == [("acme-kit", "base"), ("shop", "acme-kit")]
