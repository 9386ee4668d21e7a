from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwright.cnb.layers.layer_env import Action, LayerEnv, Scope, apply_build, apply_launch
from tests.unit.cnb import lifecycle_env

Files = dict[str, bytes]


def write(layer: Path, files: Files) -> None:
    layer.mkdir(parents=True, exist_ok=True)
    for relative, content in files.items():
        file = layer / relative
        file.parent.mkdir(parents=True, exist_ok=True)
        if relative.endswith("/"):
            file.mkdir()
        else:
            file.write_bytes(content)


# A few variables, so that modifications meet.
variables = st.sampled_from(["PATH", "CPATH", "A"])
values = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=3)
scopes = st.sampled_from([*Scope, Scope.process("web"), Scope.process("worker")])


@st.composite
def layer_envs(draw: st.DrawFn) -> LayerEnv:
    env = LayerEnv()
    delimiters: dict[tuple[str, str], str] = {}
    for _ in range(draw(st.integers(0, 5))):
        name, scope, value = draw(variables), draw(scopes), draw(values)
        delimiter = delimiters.setdefault((name, scope), draw(st.sampled_from(["", ":", ";"])))
        match draw(st.sampled_from(Action)):
            case Action.APPEND:
                env = env.append(name, value, delimiter=delimiter, scope=scope)
            case Action.PREPEND:
                env = env.prepend(name, value, delimiter=delimiter, scope=scope)
            case Action.OVERRIDE:
                env = env.override(name, value, scope=scope)
            case Action.DEFAULT:
                env = env.default(name, value, scope=scope)
    return env


# Files that mean something (one from before there were suffixes: "A."), and now and then one that does not.
suffixes = ["", ".", *(f".{action}" for action in Action), ".delim"]
junk = ["é", "A=B", "A-1.default", ".append", "A.unknown", "A.Append", "A.append.bak", "A.delim."]
file_names = st.builds("{}{}".format, variables, st.sampled_from(suffixes)) | st.sampled_from(junk)
file_paths = st.builds(
    "{}/{}".format,
    st.sampled_from(["env", "env.build", "env.launch", "env.launch/web", "env.launch/worker"]),
    file_names,
)
roots = st.sampled_from(["bin", "lib", "include", "pkgconfig", "etc"])
layer_files = st.builds(
    lambda files, directories, in_the_way: {
        **files,
        **{f"{root}/": b"" for root in directories},
        **dict.fromkeys(in_the_way - directories, b""),
    },
    st.dictionaries(file_paths, st.binary(max_size=3), max_size=12),
    st.sets(roots),
    st.sets(roots, max_size=1),
)
trees = st.dictionaries(st.sampled_from(["a", "a-b", "b", "B", "é"]), layer_files)
environments = st.fixed_dictionaries(
    {"A": st.just("") | values}, optional={"PATH": st.just("") | values, "CPATH": values}
)
modest = settings(max_examples=150, deadline=None, derandomize=True)


def lay_out(base: Path, tree: dict[str, Files]) -> list[tuple[str, Path]]:
    for name, files in tree.items():
        write(base / name, files)
    return [(name, base / name) for name in tree]


def in_bytes(env: dict[str, str]) -> lifecycle_env.Env:
    return {os.fsencode(name): os.fsencode(value) for name, value in env.items()}


@modest
@given(env=environments, tree=trees)
def test_environment_the_build_environment_is_the_lifecycles(
    env: dict[str, str], tree: dict[str, Files]
) -> None:
    with tempfile.TemporaryDirectory() as base:
        applied = apply_build(env, lay_out(Path(base), tree))

    assert in_bytes(applied) == lifecycle_env.build(in_bytes(env), tree, base)


@modest
@given(env=environments, tree=trees, process_type=st.sampled_from(["", "web", "worker"]))
def test_environment_the_launch_environment_is_the_lifecycles(
    env: dict[str, str], tree: dict[str, Files], process_type: str
) -> None:
    with tempfile.TemporaryDirectory() as base:
        applied = apply_launch(env, lay_out(Path(base), tree), process_type)

    assert in_bytes(applied) == lifecycle_env.launch(in_bytes(env), tree, base, process_type)


@modest
@given(one=layer_envs(), other=layer_envs())
def test_merging_lets_the_other_win(one: LayerEnv, other: LayerEnv) -> None:
    def delimiters(env: LayerEnv) -> dict[tuple[str, str], str]:
        return {(e.scope, e.name): e.delimiter for e in env.entries if e.action in {"append", "prepend"}}

    values = {entry.key: entry.value for entry in (*one.entries, *other.entries)}
    try:
        merged = one.merged(other)
    except ValueError:
        ours, theirs = delimiters(one), delimiters(other)
        assert any(ours[key] != theirs[key] for key in ours.keys() & theirs.keys())
    else:
        assert {entry.key: entry.value for entry in merged.entries} == values


def test_a_delimiter_is_written_in_each_directory_that_needs_it() -> None:
    env = (
        LayerEnv()
        .prepend("PATH", "/a")
        .append("PATH", "/b", scope=Scope.LAUNCH)
        .append("FLAGS", "-x", delimiter=" ", scope=Scope.process("web"))
        .append("JOINED", "x", delimiter="")
        .override("A", "1")
    )

    assert env.files() == {
        "env/A.override": b"1",
        "env/JOINED.append": b"x",
        "env/PATH.prepend": b"/a",
        "env/PATH.delim": b":",
        "env.launch/PATH.append": b"/b",
        "env.launch/PATH.delim": b":",
        "env.launch/web/FLAGS.append": b"-x",
        "env.launch/web/FLAGS.delim": b" ",
    }


def test_the_order_in_which_modifications_are_added_does_not_matter() -> None:
    assert LayerEnv().override("A", "1").default("B", "2") == LayerEnv().default("B", "2").override("A", "1")


def test_a_later_modification_takes_the_place_of_an_earlier_one() -> None:
    assert LayerEnv().prepend("A", "1").prepend("A", "2", delimiter=" ").files() == {
        "env/A.prepend": b"2",
        "env/A.delim": b" ",
    }


def test_one_variable_has_one_delimiter_in_one_scope() -> None:
    with pytest.raises(ValueError, match="PATH has two delimiters"):
        LayerEnv().append("PATH", "a", delimiter=":", scope=Scope.BUILD).prepend(
            "PATH", "b", delimiter="", scope=Scope.BUILD
        )


@pytest.mark.parametrize("name", ["", "A.B", "A=B", "A/B", "A\0"])
def test_some_names_cannot_be_those_of_variables(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of an environment file's variable"):
        LayerEnv().override(name, "1")


def test_a_value_has_no_nul() -> None:
    with pytest.raises(ValueError, match="the value of A has a NUL character"):
        LayerEnv().override("A", "1\0")


@pytest.mark.parametrize(
    "scope", ["", "env.exec", "env/web", "env.launch/", "env.launch/..", "env.launch/a/b"]
)
def test_some_words_are_no_scope(scope: str) -> None:
    with pytest.raises(ValueError, match="is not a scope"):
        LayerEnv().override("A", "1", scope=scope)


def test_bytes_that_are_no_text_pass_unchanged(tmp_path: Path) -> None:
    write(tmp_path, {"env/A.override": b"\xff\n"})

    assert os.fsencode(apply_build({}, [("a", tmp_path)])["A"]) == b"\xff\n"


def test_a_file_without_a_suffix_overrides(tmp_path: Path) -> None:
    write(tmp_path, {"env/A": b"new"})

    assert apply_build({"A": "old"}, [("a", tmp_path)]) == {"A": "new"}


def test_what_is_no_environment_file_is_ignored(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "env/A.unknown": b"x",
            "env/B.override.bak": b"x",
            "env/.override": b"x",
            "env/C=D.override": b"x",
            "env/F.override/file": b"x",
            "env/G.delim": b":",
            "env.launch": b"a file, and no directory",
        },
    )

    assert apply_build({}, [("a", tmp_path)]) == {}
    assert apply_launch({}, [("a", tmp_path)], "web") == {}


def test_a_delimiter_counts_in_its_own_directory_only(tmp_path: Path) -> None:
    write(tmp_path, {"env/A.append": b"1", "env/A.delim": b":", "env.build/A.append": b"2"})

    assert apply_build({"A": "0"}, [("a", tmp_path)]) == {"A": "0:12"}


def test_a_default_counts_where_the_variable_is_empty(tmp_path: Path) -> None:
    write(tmp_path, LayerEnv().default("A", "1").default("B", "1").files())

    assert apply_build({"A": "", "B": "0"}, [("a", tmp_path)]) == {"A": "1", "B": "0"}


def test_a_name_that_ends_in_a_dot_is_a_path_to_put_first(tmp_path: Path) -> None:
    write(tmp_path, {"env/A.": b"1", "env/B.": b"1", "env/B.delim": b";"})

    assert apply_build({"A": "0", "B": "0"}, [("a", tmp_path)]) == {"A": "1:0", "B": "1;0"}
    assert apply_build({}, [("a", tmp_path)]) == {"A": "1", "B": "1"}


def test_a_root_is_whatever_is_there(tmp_path: Path) -> None:
    write(tmp_path, {"bin": b"a file"})
    (tmp_path / "lib").symlink_to("absent")

    assert apply_launch({"PATH": "/usr/bin"}, [("a", tmp_path)]) == {"PATH": f"{tmp_path}/bin:/usr/bin"}


def test_the_last_layer_comes_first_in_path_and_the_phases_differ_in_which_is_last(tmp_path: Path) -> None:
    layers = [(name, tmp_path / name) for name in ("a-b", "a")]
    for _, path in layers:
        (path / "bin").mkdir(parents=True)

    assert apply_build({}, layers)["PATH"] == f"{tmp_path}/a/bin:{tmp_path}/a-b/bin"
    assert apply_launch({}, layers)["PATH"] == f"{tmp_path}/a-b/bin:{tmp_path}/a/bin"


def test_at_launch_a_modification_of_the_first_layer_is_before_the_root_of_the_last(tmp_path: Path) -> None:
    write(tmp_path / "a", LayerEnv().prepend("PATH", "/first").files())
    (tmp_path / "z" / "bin").mkdir(parents=True)

    applied = apply_launch({"PATH": "/usr/bin"}, [("z", tmp_path / "z"), ("a", tmp_path / "a")])

    assert applied == {"PATH": f"/first:{tmp_path}/z/bin:/usr/bin"}


def test_the_environment_that_is_applied_to_stays_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, LayerEnv().override("A", "1").files())
    env = {"A": "0"}

    apply_build(env, [("a", tmp_path)])
    apply_launch(env, [("a", tmp_path)])

    assert env == {"A": "0"}
