from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layerwright.build.layers import names

words = st.from_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", fullmatch=True)


@given(words, words, words)
def test_the_venv_is_first_in_path_then_tools_python_and_layers_of_plugins(
    package_manager: str, plugin: str, name: str
) -> None:
    """The lifecycle prepends in the order of the names, so that the last one wins; in a build, in that of the files."""
    for suffix in ("", ".toml"):
        for layer in (names.plugin_layer(plugin), names.plugin_layer(plugin, name)):
            order = [names.STAND_INS, layer, names.PYTHON, names.tool_layer(package_manager), names.VENV]
            files = [f"{one}{suffix}" for one in order]
            assert sorted(files) == files


def test_layers_of_a_package_manager_have_its_name() -> None:
    assert names.tool_layer("uv") == "tool-uv"
    assert names.cache_layer("uv") == "cache-uv"


def test_layers_of_a_plugin_have_its_name() -> None:
    assert names.plugin_layer("nltk") == "plugin-nltk"
    assert names.plugin_layer("nltk", "data") == "plugin-nltk-data"
    assert names.plugin_layer("") == "plugin-buildpack"
    assert names.is_plugins("plugin-nltk")
    assert not names.is_plugins("python")


def test_layers_of_an_earlier_build_are_left_over_and_other_peoples_are_not() -> None:
    present = [
        "absent-tools",
        "cache-pip",
        "plugin-nltk",
        "plugins",
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
        "plugin-nltk",
        "tool-pip",
    )
    assert names.left_over([], ["python"]) == ()


def test_package_managers_are_known_by_their_layers() -> None:
    assert names.package_managers(["cache-uv", "python", "tool-acme-next", "tool-uv"]) == ("acme-next", "uv")
