"""Names of images, as docker and others read them."""

from __future__ import annotations

import pytest

from layerwright.errors import UserError
from layerwright.image.reference import Reference

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("debian", "docker.io/library/debian:latest"),
        ("team/app:1.2", "docker.io/team/app:1.2"),
        ("docker://localhost/app", "localhost/app:latest"),
        ("registry.example.com:5000/a/b/c:tag_1.x-Y", "registry.example.com:5000/a/b/c:tag_1.x-Y"),
        ("[::1]:5000/app", "[::1]:5000/app:latest"),
        (f"registry.example.com/app@{DIGEST}", f"registry.example.com/app@{DIGEST}"),
        (f"registry.example.com/app:1@{DIGEST}", f"registry.example.com/app@{DIGEST}"),
    ],
)
def test_a_name_is_completed(text: str, words: str) -> None:
    found = Reference.parse(text)
    assert found.words == words
    assert found.version == words.rpartition("@" if "@" in words else ":")[2]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "It is not the name of a repository"),
        ("registry.example.com/Upper", "Upper is not the name of a repository"),
        ("registry.example.com/app:", "It is not a tag"),
        ("registry.example.com/app:a b", "a b is not a tag"),
        ("registry.example.com/app@sha256:1", "sha256:1 is not a SHA-256 digest"),
        ("registry.example.com/app@", "It is not a SHA-256 digest"),
        ("registry_x.example.com/app", "registry_x.example.com is not the address of a registry"),
        ("registry..example.com/app", "registry..example.com is not the address of a registry"),
        ("registry.example.com:65536/app", "registry.example.com:65536 is not the address of a registry"),
    ],
)
def test_another_text_is_an_error_that_says_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(UserError, match="is not the name of an image") as caught:
        Reference.parse(text)
    assert problem in caught.value.cause
