"""What the lifecycle asks of buildpacks and does to what they make: the stand-in and the real one agree on it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.lifecycle.both import words
from tests.lifecycle.conftest import why_not_real
from tests.lifecycle.image import IMAGE_TIME
from tests.lifecycle.lifecycle import Member, PhaseFailed, Platform, Target
from tests.lifecycle.toy import buildpack

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lifecycle.lifecycle import Lifecycle

PASS, FAIL, ERROR = "", "exit 100", "exit 1"


def status(lifecycle: Lifecycle, *order: Path | Member, platform: Platform | None = None) -> int:
    """Return how a build ends, ``0`` with an image."""
    try:
        lifecycle.build(*order, platform=platform)
    except PhaseFailed as error:
        return error.status
    return 0


def write(path: str, content: str) -> str:
    """Return shell commands that write *content* to *path*, relative to the layers directory."""
    return (
        f"mkdir -p $(dirname $CNB_LAYERS_DIR/{path})\ncat > $CNB_LAYERS_DIR/{path} <<'END'\n{content}\nEND\n"
    )


def plan(content: str) -> str:
    return f"cat > $CNB_BUILD_PLAN_PATH <<'END'\n{content}\nEND\n"


def layer(name: str, *types: str) -> str:
    flags = "".join(f"{each} = true\n" for each in types)
    return f"mkdir -p $CNB_LAYERS_DIR/{name}\n" + write(f"{name}.toml", f"[types]\n{flags}")


def test_there_is_a_real_lifecycle_to_agree_with() -> None:
    if reason := why_not_real():
        pytest.skip(reason)


def test_detect_passes_fails_or_errs(lifecycle: Lifecycle, place: Path) -> None:
    assert [
        status(lifecycle, buildpack(place, detect=f"exit {code}")) for code in (0, 100, 1, 2, 101, 255)
    ] == [0, 20, 21, 21, 21, 21]


def test_a_killed_detect_is_an_error(lifecycle: Lifecycle, place: Path) -> None:
    assert status(lifecycle, buildpack(place, detect="kill -9 $$")) == 21


def test_one_that_fails_stops_its_group_unless_it_is_optional(lifecycle: Lifecycle, place: Path) -> None:
    first = buildpack(place, "echo '| first'")
    for commands, expected in ((FAIL, 20), (ERROR, 21)):
        second = buildpack(place, buildpack_id="acme/second", detect=commands)
        assert status(lifecycle, first, second) == expected
        assert words(lifecycle.build(first, Member(path=second, optional=True)).log) == ["first"]
        assert status(lifecycle, Member(path=second, optional=True)) == 20


def test_the_first_group_that_passes_builds(lifecycle: Lifecycle, place: Path) -> None:
    one = buildpack(place, "echo '| one'", buildpack_id="acme/one", detect=FAIL)
    two = buildpack(place, "echo '| two'", buildpack_id="acme/two")
    three = buildpack(place, "echo '| three'", buildpack_id="acme/three")
    assert words(lifecycle.build([one, three], [two], [three]).log) == ["two"]


def test_the_plan_file_is_there_and_empty_and_has_to_be_there_afterwards(
    lifecycle: Lifecycle, place: Path
) -> None:
    there = '[ -f "$CNB_BUILD_PLAN_PATH" ] && [ ! -s "$CNB_BUILD_PLAN_PATH" ]'
    assert status(lifecycle, buildpack(place, detect=there)) == 0
    assert status(lifecycle, buildpack(place, detect='rm "$CNB_BUILD_PLAN_PATH"')) == 21


@pytest.mark.parametrize(
    "content",
    [
        "[[requires",
        'provides = "x"',
        "provides = [1]",
        "[[provides]]\nname = 1",
        '[[provides]]\nname = "x"\n[[requires]]\nname = "x"\nversion = "1"',
        '[[or]]\n[[or.requires]]\nname = "x"\nversion = "1"',
    ],
)
def test_a_plan_that_cannot_be_read_is_an_error(lifecycle: Lifecycle, place: Path, content: str) -> None:
    assert status(lifecycle, buildpack(place, detect=plan(content))) == 21


SHOW_PLAN = (
    f"{sys.executable} -I -c \"import tomllib, os; entries = tomllib.load(open(os.environ['CNB_BP_PLAN_PATH'], 'rb'))"
    ".get('entries', []); [print('|', e['name'], sorted(e['metadata'].items()) if 'metadata' in e else None) "
    'for e in entries]"'
)


def test_what_is_required_has_to_be_provided_by_then_and_the_other_way_round(
    lifecycle: Lifecycle, place: Path
) -> None:
    provides, requires = '[[provides]]\nname = "x"\n', '[[requires]]\nname = "x"\n'
    provider = buildpack(place, buildpack_id="acme/provider", detect=plan(provides))
    requirer = buildpack(place, buildpack_id="acme/requirer", detect=plan(requires))
    both = buildpack(place, buildpack_id="acme/both", detect=plan(provides + requires))
    assert status(lifecycle, provider, requirer) == 0
    assert status(lifecycle, requirer, provider) == 20
    assert status(lifecycle, provider) == 20
    assert status(lifecycle, requirer) == 20
    assert status(lifecycle, both) == 0
    other = buildpack(place, "echo '| other'", buildpack_id="acme/other")
    assert words(lifecycle.build(Member(path=provider, optional=True), other).log) == ["other"]


def test_alternatives_are_tried_in_their_order(lifecycle: Lifecycle, place: Path) -> None:
    alternatives = '[[provides]]\nname = "a"\n[[or]]\n[[or.provides]]\nname = "b"\n[[or]]\n'
    provider = buildpack(place, SHOW_PLAN, buildpack_id="acme/provider", detect=plan(alternatives))
    for wanted in ("a", "b"):
        requirer = buildpack(
            place, buildpack_id="acme/requirer", detect=plan(f'[[requires]]\nname = "{wanted}"')
        )
        assert words(lifecycle.build(provider, requirer).log) == [f"{wanted} None"]
    assert words(lifecycle.build(provider).log) == []


def test_the_buildpack_plan_has_every_requirement_with_its_metadata_as_it_was(
    lifecycle: Lifecycle, place: Path
) -> None:
    provider = buildpack(
        place, SHOW_PLAN, buildpack_id="acme/provider", detect=plan('[[provides]]\nname = "x"')
    )
    one = plan(
        '[[requires]]\nname = "x"\n[requires.metadata]\nlaunch = true\nn = 1\nf = 1.5\nlist = ["a", 1]'
    )
    two = plan('[[requires]]\nname = "x"\n[requires.metadata]\nversion = "3.13"\n[[requires]]\nname = "x"')
    image = lifecycle.build(
        provider,
        buildpack(place, buildpack_id="acme/one", detect=one),
        buildpack(place, buildpack_id="acme/two", detect=two),
    )
    assert words(image.log) == [
        "x [('f', 1.5), ('launch', True), ('list', ['a', 1]), ('n', 1)]",
        "x [('version', '3.13')]",
        "x None",
    ]


def test_metadata_of_a_requirement_that_is_no_table_is_dropped(lifecycle: Lifecycle, place: Path) -> None:
    detect = plan('[[provides]]\nname = "x"\n[[requires]]\nname = "x"\nmetadata = 1')
    assert words(lifecycle.build(buildpack(place, SHOW_PLAN, detect=detect)).log) == ["x None"]


def test_what_one_provider_leaves_unmet_the_next_one_gets(lifecycle: Lifecycle, place: Path) -> None:
    provides = '[[provides]]\nname = "x"\n'
    unmet = SHOW_PLAN + "\n" + write("build.toml", '[[unmet]]\nname = "x"')
    first = buildpack(place, unmet, buildpack_id="acme/first", detect=plan(provides))
    second = buildpack(
        place, SHOW_PLAN, buildpack_id="acme/second", detect=plan(provides + '[[requires]]\nname = "x"')
    )
    assert words(lifecycle.build(first, second).log) == ["x None", "x None"]
    met = buildpack(place, SHOW_PLAN, buildpack_id="acme/first", detect=plan(provides))
    assert words(lifecycle.build(met, second).log) == ["x None"]


@pytest.mark.parametrize("content", ['[[unmet]]\nname = "y"', "[[unmet]]", "unmet = 1", "unmet"])
def test_unmet_names_have_to_be_in_the_plan(lifecycle: Lifecycle, place: Path, content: str) -> None:
    detect = plan('[[provides]]\nname = "x"\n[[requires]]\nname = "x"')
    assert status(lifecycle, buildpack(place, write("build.toml", content), detect=detect)) == 52


def test_a_target_that_is_not_listed_is_an_error_of_the_buildpack(lifecycle: Lifecycle, place: Path) -> None:
    tables = (
        '[[targets]]\nos = "linux"\narch = "arm64"\n'
        '[[targets]]\nos = "linux"\n[[targets.distros]]\nname = "ubuntu"'
    )
    path = buildpack(place, tables=tables)
    assert status(lifecycle, path) == 21
    assert status(lifecycle, path, platform=Platform(target=Target(arch="arm64"))) == 0
    assert status(lifecycle, path, platform=Platform(target=Target(distro_name="ubuntu"))) == 0


def test_the_execution_environment_is_reported_and_chooses_from_api_0_12(
    lifecycle: Lifecycle, place: Path
) -> None:
    show = 'echo "| ${CNB_EXEC_ENV-unset}"'
    new = buildpack(place, show, api="0.12", keys='exec-env = ["test"]')
    assert status(lifecycle, new) == 20
    assert words(lifecycle.build(new, platform=Platform(exec_env="test")).log) == ["test"]
    assert words(lifecycle.build(buildpack(place, show, api="0.12")).log) == ["production"]
    old = buildpack(place, show, api="0.10", keys='exec-env = ["test"]')
    assert words(lifecycle.build(old).log) == ["unset"]


@pytest.mark.parametrize("api", ["0.6", "0.13", "1.0"])
def test_an_unsupported_api_is_refused_before_anything_runs(
    lifecycle: Lifecycle, place: Path, api: str
) -> None:
    assert status(lifecycle, buildpack(place, api=api, detect="echo ran > $CNB_PLATFORM_DIR/ran")) == 12
    assert not (lifecycle.platform / "ran").exists()


def test_output_of_a_detect_that_fails_goes_through_a_format(lifecycle: Lifecycle, place: Path) -> None:
    with pytest.raises(PhaseFailed) as caught:
        lifecycle.build(buildpack(place, detect="printf '| 100%% of %%s and %%%%\\n'; exit 1"))
    [line] = words(caught.value.log)
    assert line == "100%!o(MISSING)f %!s(MISSING) and %"


def test_output_of_a_detect_that_passes_is_not_shown(lifecycle: Lifecycle, place: Path) -> None:
    assert words(lifecycle.build(buildpack(place, detect="echo '| passed'")).log) == []


SHOW_INPUTS = """
[ "$PWD" = "$(dirname $CNB_PLATFORM_DIR)/app" ] && echo "| in the application"
[ -f "$CNB_BUILDPACK_DIR/buildpack.toml" ] && echo "| buildpack"
[ "$(readlink /proc/self/fd/0)" = /dev/null ] && echo "| no input"
echo "| $CNB_TARGET_OS $CNB_TARGET_ARCH ${CNB_TARGET_ARCH_VARIANT-unset}"
echo "| $CNB_TARGET_DISTRO_NAME $CNB_TARGET_DISTRO_VERSION"
env | cut -d= -f1 | grep -v '^_$\\|^SHLVL$\\|^PWD$\\|^OLDPWD$' | sort | sed 's/^/| /'
"""


def test_what_a_buildpack_is_given(lifecycle: Lifecycle, place: Path) -> None:
    platform = Platform(
        process={"LANG": "C", "TZ": "UTC", "PYTHONPATH": "/x", "no_proxy": "x", "CPATH": "/c"}
    )
    expected = [
        *("in the application", "buildpack", "no input", "linux amd64 unset", "debian 12"),
        "CNB_BP_PLAN_PATH",
        *("CNB_BUILDPACK_DIR", "CNB_LAYERS_DIR", "CNB_PLATFORM_DIR", "CNB_TARGET_ARCH"),
        *(
            "CNB_TARGET_DISTRO_NAME",
            "CNB_TARGET_DISTRO_VERSION",
            "CNB_TARGET_OS",
            "CPATH",
            "HOME",
            "PATH",
            "no_proxy",
        ),
    ]
    image = lifecycle.build(buildpack(place, SHOW_INPUTS, clear_env=True), platform=platform)
    assert words(image.log) == expected


def test_variables_of_the_user_are_files_and_join_paths(lifecycle: Lifecycle, place: Path) -> None:
    (place / "secret").write_text("s3cret\n")
    platform = Platform(
        env={
            "PATH": "/mine",
            "CPATH": "/mine",
            "OTHER": "new",
            "BYTES": b"\xff\n",
            "LINK": place / "secret",
            "DIR": place,
        },
        process={"OTHER": "old", "CPATH": "/theirs", "PATH": "/usr/bin:/bin"},
    )
    show = (
        'echo "| $PATH $CPATH ${OTHER-unset} ${DIR-unset}"\n'
        'printf %s "${LINK-unset}${BYTES-unset}" | od -An -tx1 | sed "s/^ */| /"\n'
        'for f in $CNB_PLATFORM_DIR/env/*; do echo "| ${f##*/}"; done'
    )
    names = ["BYTES", "CPATH", "DIR", "LINK", "OTHER", "PATH"]
    image = lifecycle.build(buildpack(place, show), platform=platform)
    assert words(image.log) == [
        "/mine:/usr/bin:/bin /mine:/theirs new unset",
        "73 33 63 72 65 74 0a ff 0a",
        *names,
    ]
    image = lifecycle.build(buildpack(place, show, clear_env=True), platform=platform)
    unset = b"unsetunset".hex(" ")
    assert words(image.log) == ["/usr/bin:/bin /theirs unset unset", unset, *names]


def test_bin_build_that_fails(lifecycle: Lifecycle, place: Path) -> None:
    with pytest.raises(PhaseFailed) as caught:
        lifecycle.build(buildpack(place, "echo '| reason' >&2; exit 100"))
    assert (caught.value.phase, caught.value.status, words(caught.value.log)) == ("build", 51, ["reason"])


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("x.toml", "launch = true"),
        ("x.toml", "build = false"),
        ("x.toml", "[types]\nlaunch = 1"),
        ("x.toml", "[types"),
        ("launch.toml", "[[processes]"),
        ("launch.toml", '[[processes]]\ntype = "web"\ncommand = "true"'),
        ("launch.toml", '[[processes]]\ntype = "web"\ncommand = ["true"]\ndirect = true'),
        ("launch.toml", '[[processes]]\ntype = "web"\ncommand = ["true"]\nargs = "x"'),
        ("launch.toml", '[[processes]]\ntype = 1\ncommand = ["true"]'),
        ("launch.toml", "launch = 1"),
        (
            "launch.toml",
            '[[processes]]\ntype = "a"\ncommand = ["true"]\ndefault = true\n'
            '[[processes]]\ntype = "b"\ncommand = ["true"]\ndefault = true',
        ),
        ("store.toml", "build = true"),
        ("x.sbom.cdx.json", "{}"),
        ("launch.sbom.cdx.json", "{}"),
        ("build.sbom.spdx.json", "{}"),
        ("launch.sbom.other.json", "{}"),
    ],
)
def test_malformed_output_fails_the_build(lifecycle: Lifecycle, place: Path, file: str, content: str) -> None:
    formats = ["application/spdx+json"] if "cdx" in file else ["application/vnd.cyclonedx+json"]
    commands = layer("x", "launch") + write(file, content)
    assert status(lifecycle, buildpack(place, commands, sbom_formats=formats)) == 52


@pytest.mark.parametrize("process_type", ["", "a/b", "a b|c", "a<b", "a\\\\b"])
def test_process_types_that_cannot_be_files_fail_the_export(
    lifecycle: Lifecycle, place: Path, process_type: str
) -> None:
    content = f'[[processes]]\ntype = "{process_type}"\ncommand = ["true"]'
    assert status(lifecycle, buildpack(place, write("launch.toml", content))) == 62


def test_empty_commands_and_duplicate_types_are_let_through(lifecycle: Lifecycle, place: Path) -> None:
    content = (
        '[[processes]]\ntype = "a"\ncommand = []\n[[processes]]\ntype = "b"\ncommand = ["echo", "1"]\n'
        '[[processes]]\ntype = "b"\ncommand = ["echo", "2"]\nargs = ["3"]'
    )
    image = lifecycle.build(buildpack(place, write("launch.toml", content)))
    assert lifecycle.launch(image, "a").status == 82
    assert lifecycle.launch(image, "b").output == "2 3\n"


def test_a_later_buildpack_takes_over_a_process_type_and_the_default(
    lifecycle: Lifecycle, place: Path
) -> None:
    first = '[[processes]]\ntype = "web"\ncommand = ["echo", "1"]\ndefault = true'
    for second, entrypoint in (
        ('[[processes]]\ntype = "task"\ncommand = ["echo", "2"]', "/cnb/process/web"),
        ('[[processes]]\ntype = "task"\ncommand = ["echo", "2"]\ndefault = true', "/cnb/process/task"),
        ('[[processes]]\ntype = "web"\ncommand = ["echo", "2"]', "/cnb/lifecycle/launcher"),
    ):
        image = lifecycle.build(
            buildpack(place, write("launch.toml", first)),
            buildpack(place, write("launch.toml", second), buildpack_id="acme/second"),
        )
        assert image.entrypoint == (entrypoint,)


def test_labels_are_in_the_image(lifecycle: Lifecycle, place: Path) -> None:
    content = '[[labels]]\nkey = "com.example.a"\nvalue = "1"\n[[labels]]\nkey = "com.example.b"\nvalue = "2"'
    image = lifecycle.build(buildpack(place, write("launch.toml", content)))
    assert image.labels["com.example.a"] == "1"
    assert image.labels["io.buildpacks.exec-env"] == "production"


def test_sboms_come_back_with_their_layers_but_for_names_with_a_dot(
    lifecycle: Lifecycle, place: Path
) -> None:
    commands = "".join(
        layer(name, *types) + write(f"{name}.sbom.cdx.json", "{}")
        for name, types in (
            ("a", ["launch"]),
            ("b", ["cache"]),
            ("c", ["launch", "cache"]),
            ("d.e", ["cache", "launch"]),
            ("f", ["build"]),
        )
    )
    commands += write("launch.sbom.cdx.json", "{}") + write("build.sbom.cdx.json", "{}")
    formats = ["application/vnd.cyclonedx+json"]
    image = lifecycle.build(buildpack(place, commands, sbom_formats=formats))
    files = [path for path in image.tree() if path.endswith("sbom.cdx.json") and "acme_toy" in path]
    assert sorted(path.partition("/sbom/launch/acme_toy/")[2] for path in files) == [
        "a/sbom.cdx.json",
        "c/sbom.cdx.json",
        "sbom.cdx.json",
    ]
    show = 'cd $CNB_LAYERS_DIR; for f in *; do echo "| $f"; done'
    found = words(lifecycle.build(buildpack(place, show, sbom_formats=formats)).log)
    assert [name for name in found if "sbom" in name] == [
        "a.sbom.cdx.json",
        "b.sbom.cdx.json",
        "c.sbom.cdx.json",
    ]


def test_at_build_layers_are_in_the_order_of_their_records_names(lifecycle: Lifecycle, place: Path) -> None:
    commands = "".join(
        layer(name, "build", "launch") + f"mkdir $CNB_LAYERS_DIR/{name}/bin\n" for name in ("a", "a-b", "z")
    )
    paths = 'echo "| $PATH" | tr : "\\n" | sed -n "s|.*/acme_toy/|\\| |p"'
    second = buildpack(place, paths, buildpack_id="acme/second")
    process = write("launch.toml", '[[processes]]\ntype = "web"\ncommand = ["sh", "-c", "echo $PATH"]')
    image = lifecycle.build(buildpack(place, commands + process), second)
    assert words(image.log) == ["z/bin", "a/bin", "a-b/bin"]
    launched = lifecycle.launch(image, "web").output.split(":")
    assert [folder.rpartition("/acme_toy/")[2] for folder in launched[:3]] == ["z/bin", "a-b/bin", "a/bin"]


def test_a_buildpack_does_not_see_its_own_environment(lifecycle: Lifecycle, place: Path) -> None:
    commands = 'echo "| ${NAME-unset}"\n' + layer("a", "build", "cache") + write("a/env.build/NAME", "value")
    first = buildpack(place, commands)
    for _ in range(2):
        assert words(lifecycle.build(first).log) == ["unset"]


def test_arguments_of_the_user_replace_those_of_the_process(lifecycle: Lifecycle, place: Path) -> None:
    content = (
        '[[processes]]\ntype = "web"\ncommand = ["echo", "$HOME", "`id`"]\nargs = ["a b", "c"]\n'
        '[[processes]]\ntype = "plain"\ncommand = ["echo"]\nargs = ["a"]\n'
    )
    image = lifecycle.build(buildpack(place, write("launch.toml", content)))
    assert lifecycle.launch(image, "web").output == "$HOME `id` a b c\n"
    assert lifecycle.launch(image, "web", "x", "y z").output == "$HOME `id` x y z\n"
    assert lifecycle.launch(image, "plain", "x").output == "x\n"
    assert lifecycle.launch(image, "", "--", "echo", "x").output == "x\n"
    assert lifecycle.launch(image, "").status == 82


def test_a_working_directory_is_taken_as_it_is(lifecycle: Lifecycle, place: Path) -> None:
    (lifecycle.app / "sub").mkdir()
    (lifecycle.app / "sub" / "file").touch()
    content = "".join(
        f'[[processes]]\ntype = "p{number}"\ncommand = ["pwd"]\nworking-dir = "{folder}"\n'
        for number, folder in enumerate(("", "sub", "/usr", "gone"))
    )
    image = lifecycle.build(buildpack(place, write("launch.toml", content)))
    output = [lifecycle.launch(image, f"p{number}") for number in range(4)]
    app = image.working_directory
    assert [each.output for each in output[:3]] == [f"{app}\n", f"{app}/sub\n", "/usr\n"]
    assert output[3].status == 82


def test_a_process_of_another_execution_environment_is_not_found(lifecycle: Lifecycle, place: Path) -> None:
    content = (
        '[[processes]]\ntype = "test"\ncommand = ["echo", "test"]\nexec-env = ["test"]\n'
        '[[processes]]\ntype = "any"\ncommand = ["echo", "any"]\nexec-env = ["*"]\n'
    )
    path = buildpack(place, write("launch.toml", content), api="0.12")
    image = lifecycle.build(path, platform=Platform(exec_env="test"))
    assert lifecycle.launch(image, "test").status == 82
    assert lifecycle.launch(image, "test", env={"CNB_EXEC_ENV": "test"}).output == "test\n"
    assert lifecycle.launch(image, "any").output == "any\n"


EXEC_D = """\
#!/bin/sh
echo running >&2
echo 'NAME = "value"' >&3
"""


def test_programs_in_exec_d_set_variables(lifecycle: Lifecycle, place: Path) -> None:
    content = '[[processes]]\ntype = "web"\ncommand = ["sh", "-c", "echo $NAME"]'
    commands = layer("a", "launch") + write("a/exec.d/one", EXEC_D) + write("launch.toml", content)
    image = lifecycle.build(buildpack(place, commands + "chmod 0755 $CNB_LAYERS_DIR/a/exec.d/one"))
    assert lifecycle.launch(image, "web").output == "running\nvalue\n"


@pytest.mark.parametrize(
    ("mode", "content"),
    [
        ("0644", EXEC_D),
        ("0755", "#!/bin/sh\nexit 1"),
        ("0755", "#!/bin/sh\necho 'not toml' >&3"),
        ("0755", "#!/bin/sh\necho 'n = 1' >&3"),
    ],
)
def test_anything_wrong_in_exec_d_keeps_the_container_from_starting(
    lifecycle: Lifecycle, place: Path, mode: str, content: str
) -> None:
    process = write("launch.toml", '[[processes]]\ntype = "web"\ncommand = ["true"]')
    commands = layer("a", "launch") + write("a/exec.d/one", content) + process
    image = lifecycle.build(buildpack(place, f"{commands}chmod {mode} $CNB_LAYERS_DIR/a/exec.d/one"))
    assert lifecycle.launch(image, "web").status == 82


def test_equal_builds_make_equal_images(lifecycle: Lifecycle, place: Path) -> None:
    (lifecycle.app / "file").write_text("x")
    commands = layer("a", "launch") + write("a/file", "content")
    first = lifecycle.build(buildpack(place, commands))
    os.utime(lifecycle.app / "file", (1, 1))
    lifecycle.lose_image()
    lifecycle.lose_cache()
    second = lifecycle.build(buildpack(place, commands))
    assert first.digest == second.digest
    second_again = lifecycle.build(buildpack(place, commands))
    assert first.digest == second_again.digest
    assert lifecycle.launch(second, "", "--", "stat", "-c", "%Y", "file").output == f"{IMAGE_TIME}\n"


def test_modes_are_part_of_the_digest(lifecycle: Lifecycle, place: Path) -> None:
    commands = layer("a", "launch") + write("a/file", "content")
    first = lifecycle.build(buildpack(place, commands))
    second = lifecycle.build(buildpack(place, commands), platform=Platform(umask=0o077))
    assert first.layers("acme/toy") != second.layers("acme/toy")
    assert second.contents("acme/toy", "a")["file"].mode == "0600"


def test_odd_files_in_the_application_and_in_a_layer(lifecycle: Lifecycle, place: Path) -> None:
    (lifecycle.app / "link").symlink_to("nowhere")
    (lifecycle.app / os.fsdecode(b"n\xffme")).write_text("x")
    (lifecycle.app / "empty").mkdir()
    odd = "mkfifo pipe; echo > .wh.file; ln -s / root; echo > s; chmod 4755 s"
    commands = layer("a", "launch") + f"cd $CNB_LAYERS_DIR/a; {odd}"
    image = lifecycle.build(buildpack(place, commands))
    contents = image.contents("acme/toy", "a")
    assert contents["pipe"].kind == "type 6"
    assert contents["s"].mode == "4755"
    assert any(path.endswith("/app/n\udcffme") for path in image.tree())


def test_a_layer_that_is_a_link_is_a_link_in_the_image(lifecycle: Lifecycle, place: Path) -> None:
    commands = write("a.toml", "[types]\nlaunch = true") + "ln -s /usr $CNB_LAYERS_DIR/a"
    image = lifecycle.build(buildpack(place, commands))
    assert image.contents("acme/toy", "a")["."].kind == "link"
