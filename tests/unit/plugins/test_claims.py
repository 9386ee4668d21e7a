from __future__ import annotations

import pytest

from layerwright.plugins.claims import Claim, Published, Worth, published, strongest
from layerwright.plugins.entry_points import (
    API_GROUP,
    CONCLUSIVE_GROUP,
    EVIDENCE_GROUP,
    PLUGIN_GROUP,
    REFINES_GROUP,
    EntryPoint,
)


def claim(name: str, worth: Worth, *refines: str) -> Claim:
    return Claim(name, f"{name}.lock", worth, f"layerwright-{name} 1.0", frozenset(refines))


def names(*claims: Claim) -> list[str]:
    return [each.name for each in strongest(claims)]


def test_without_claims_none_is_the_strongest() -> None:
    assert strongest([]) == ()


@pytest.mark.parametrize(
    ("weaker", "stronger"), [(Worth.FALLBACK, Worth.ORDINARY), (Worth.ORDINARY, Worth.CONCLUSIVE)]
)
def test_a_claim_of_higher_worth_decides(weaker: Worth, stronger: Worth) -> None:
    assert names(claim("a", weaker), claim("b", stronger)) == ["b"]


@pytest.mark.parametrize("worth", Worth)
def test_claims_of_equal_worth_are_all_left(worth: Worth) -> None:
    assert names(claim("a", worth), claim("b", worth)) == ["a", "b"]


@pytest.mark.parametrize("worth", Worth)
def test_what_refines_another_goes_before_it_whatever_it_is_worth(worth: Worth) -> None:
    [left] = strongest([claim("pip", Worth.CONCLUSIVE), claim("tools", worth, "pip", "absent")])
    assert (left.name, left.refines) == ("tools", {"pip"})


def test_what_refines_another_is_worth_as_much_beside_a_third() -> None:
    refining = claim("tools", Worth.FALLBACK, "pip")
    assert names(claim("pip", Worth.CONCLUSIVE), refining, claim("uv", Worth.CONCLUSIVE)) == ["tools", "uv"]
    assert names(claim("pip", Worth.ORDINARY), refining, claim("uv", Worth.FALLBACK)) == ["tools"]


def test_what_refines_a_refinement_goes_before_all_of_them() -> None:
    pip, tools = claim("pip", Worth.CONCLUSIVE), claim("tools", Worth.ORDINARY, "pip")
    [left] = strongest([pip, tools, claim("more", Worth.ORDINARY, "tools")])
    assert (left.name, left.refines) == ("more", {"pip", "tools"})


def test_two_that_refine_each_other_are_of_equal_worth() -> None:
    a, b = claim("a", Worth.CONCLUSIVE, "b"), claim("b", Worth.FALLBACK, "a")
    assert names(a, b) == ["a", "b"]
    assert names(a, b, claim("c", Worth.ORDINARY, "a")) == ["c"]


def test_nothing_refines_itself() -> None:
    [left] = strongest([claim("a", Worth.ORDINARY, "a")])
    assert left.refines == frozenset()


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (claim("a", Worth.CONCLUSIVE), "a.lock exists"),
        (claim("a", Worth.ORDINARY), "a.lock exists"),
        (claim("a", Worth.FALLBACK), "a.lock exists, and nothing else claims it"),
        (claim("a", Worth.CONCLUSIVE, "c", "b"), "a.lock exists, and a refines b and c"),
    ],
)
def test_a_claim_says_why_it_is_chosen(chosen: Claim, words: str) -> None:
    assert chosen.words == words


def test_what_a_plugin_publishes_is_that_of_its_module() -> None:
    def entry(group: str, name: str, module: str = "acme") -> EntryPoint:
        return EntryPoint(group, name, module, "layerwright-acme", "1.0")

    found = [
        entry(PLUGIN_GROUP, "acme"),
        entry(CONCLUSIVE_GROUP, "acme.lock"),
        entry(EVIDENCE_GROUP, "none"),
        entry(EVIDENCE_GROUP, "acme.toml"),
        entry(REFINES_GROUP, "pip"),
        entry(API_GROUP, "1"),
        entry(CONCLUSIVE_GROUP, "other.lock", "other"),
    ]
    [acme] = published(found[:1], found)
    assert acme == Published(
        "acme", "layerwright-acme 1.0", ("acme",), ("acme.lock",), ("acme.toml",), frozenset({"pip"})
    )
    assert acme.files == ("acme.lock", "acme.toml")
    [bare] = published([entry(PLUGIN_GROUP, "bare", "bare")], found)
    assert bare.files == ()
