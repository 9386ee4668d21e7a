from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwright.cnb.layer_env import Action, LayerEnv, Scope, apply_build, apply_launch

Files = dict[str, bytes]


def write(layer: Path, files: Files) -> None:
    layer.mkdir(parents=True, exist_ok=True)
    for relative, content in files.items():
        file = layer / relative
        file.parent.mkdir(parents=True, exist_ok=True)
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


class Lifecycle:
    """The lifecycle's rules once more, on files in memory and in the plainest words."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = dict(env)

    def add_roots(self, path: str, roots: set[str], variables: dict[str, list[str]]) -> None:
        for root in roots & set(variables):
            for variable in variables[root]:
                old = self.env.get(variable, "")
                self.env[variable] = f"{path}/{root}" + (f":{old}" if old else "")

    def add_directory(self, files: Files, directory: str) -> None:
        for file in sorted(files):
            parent, _, file_name = file.rpartition("/")
            if parent != directory:
                continue
            name, suffix = file_name.split(".")
            value, old = os.fsdecode(files[file]), self.env.get(name, "")
            delimiter = os.fsdecode(files.get(f"{directory}/{name}.delim", b""))
            if suffix == "append":
                self.env[name] = old + delimiter + value if old else value
            elif suffix == "prepend":
                self.env[name] = value + delimiter + old if old else value
            elif suffix == "override" or (suffix == "default" and not old):
                self.env[name] = value


BUILD_ROOTS = {
    "bin": ["PATH"],
    "lib": ["LD_LIBRARY_PATH", "LIBRARY_PATH"],
    "include": ["CPATH"],
    "pkgconfig": ["PKG_CONFIG_PATH"],
}
LAUNCH_ROOTS = {"bin": ["PATH"], "lib": ["LD_LIBRARY_PATH"]}

environments = st.dictionaries(variables, values)
trees = st.dictionaries(
    st.sampled_from(["a", "a-b", "b"]),
    st.tuples(layer_envs(), st.sets(st.sampled_from([*BUILD_ROOTS, "etc"]))),
)


def lay_out(base: Path, tree: dict[str, tuple[LayerEnv, set[str]]]) -> list[tuple[str, Path]]:
    for name, (env, roots) in tree.items():
        write(base / name, env.files())
        for root in roots:
            (base / name / root).mkdir()
    return [(name, base / name) for name in tree]


@settings(deadline=None)
@given(env=environments, tree=trees)
def test_the_build_environment_is_the_lifecycles(
    env: dict[str, str], tree: dict[str, tuple[LayerEnv, set[str]]]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        applied = apply_build(env, lay_out(Path(directory), tree))

    expected = Lifecycle(env)
    for record in sorted(f"{name}.toml" for name in tree):
        name = record.removesuffix(".toml")
        layer_env, roots = tree[name]
        expected.add_roots(f"{directory}/{name}", roots, BUILD_ROOTS)
        expected.add_directory(layer_env.files(), "env")
        expected.add_directory(layer_env.files(), "env.build")
    assert applied == expected.env


@settings(deadline=None)
@given(env=environments, tree=trees, process_type=st.sampled_from(["", "web"]))
def test_the_launch_environment_is_the_lifecycles(
    env: dict[str, str], tree: dict[str, tuple[LayerEnv, set[str]]], process_type: str
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        applied = apply_launch(env, lay_out(Path(directory), tree), process_type)

    expected = Lifecycle(env)
    for name in sorted(tree):
        expected.add_roots(f"{directory}/{name}", tree[name][1], LAUNCH_ROOTS)
    for name in sorted(tree):
        files = tree[name][0].files()
        expected.add_directory(files, "env")
        expected.add_directory(files, "env.launch")
        if process_type:
            expected.add_directory(files, f"env.launch/{process_type}")
    assert applied == expected.env


@settings(deadline=None)
@given(env=layer_envs())
def test_files_read_back_as_the_value_that_they_were_written_from(env: LayerEnv) -> None:
    with tempfile.TemporaryDirectory() as directory:
        write(Path(directory), env.files())

        assert LayerEnv.read(Path(directory)) == env


@settings(deadline=None)
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
    assert LayerEnv.read(tmp_path).files() == {"env/A.override": b"\xff\n"}


def test_a_file_without_a_suffix_overrides(tmp_path: Path) -> None:
    write(tmp_path, {"env/A": b"new"})

    assert apply_build({"A": "old"}, [("a", tmp_path)]) == {"A": "new"}
    assert LayerEnv.read(tmp_path) == LayerEnv().override("A", "new")


def test_what_is_no_environment_file_is_ignored(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "env/A.unknown": b"x",
            "env/B.override.bak": b"x",
            "env/.override": b"x",
            "env/C=D.override": b"x",
            "env/E.": b"x",
            "env/F.override/file": b"x",
            "env/G.delim": b":",
            "env.launch": b"a file, and no directory",
        },
    )

    assert apply_build({}, [("a", tmp_path)]) == {}
    assert apply_launch({}, [("a", tmp_path)], "web") == {}
    assert LayerEnv.read(tmp_path) == LayerEnv()


def test_a_delimiter_counts_in_its_own_directory_only(tmp_path: Path) -> None:
    write(tmp_path, {"env/A.append": b"1", "env/A.delim": b":", "env.build/A.append": b"2"})

    assert apply_build({"A": "0"}, [("a", tmp_path)]) == {"A": "0:12"}


def test_a_default_counts_where_the_variable_is_empty(tmp_path: Path) -> None:
    write(tmp_path, LayerEnv().default("A", "1").default("B", "1").files())

    assert apply_build({"A": "", "B": "0"}, [("a", tmp_path)]) == {"A": "1", "B": "0"}


def test_a_root_is_a_directory(tmp_path: Path) -> None:
    write(tmp_path, {"bin": b"a file"})

    assert apply_launch({"PATH": "/usr/bin"}, [("a", tmp_path)]) == {"PATH": "/usr/bin"}


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
