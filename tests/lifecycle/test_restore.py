"""What comes back on a rebuild: every combination of layer types, and of what was lost since."""

from __future__ import annotations

import sys
from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.lifecycle.both import words
from tests.lifecycle.lifecycle import PhaseFailed
from tests.lifecycle.toy import buildpack

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lifecycle.image import Image
    from tests.lifecycle.lifecycle import Lifecycle

TYPES = [
    tuple(name for name, holds in zip(("build", "launch", "cache"), flags, strict=True) if holds)
    for flags in product((False, True), repeat=3)
]

SHOW = """\
cd "$CNB_LAYERS_DIR"
find . -mindepth 1 ! -path '*/lib/*' | sort | sed 's/^/| /'
for file in *.toml; do [ ! -e "$file" ] || sed -n '/^$/d; /^ *.metadata/d; s/^ */| /p' "$file"; done
"""


def write(
    layer: str, types: tuple[str, ...], metadata: str = 'key = "value"', content: str = "content"
) -> str:
    """Return shell commands that make *layer*."""
    flags = "".join(f"{name} = true\n" for name in types)
    return (
        f'cd "$CNB_LAYERS_DIR"\nrm -rf {layer} {layer}.toml\nmkdir -p {layer}/lib\n'
        f"printf %s '{content}' > {layer}/lib/file\n"
        f"cat > {layer}.toml <<'END'\n[types]\n{flags}[metadata]\n{metadata}\nEND\n"
    )


def rebuilt(lifecycle: Lifecycle, folder: Path) -> list[str]:
    """Return what the next build finds."""
    return words(lifecycle.build(buildpack(folder, SHOW)).log)


METADATA = 'key = "value"'
NOTHING: list[str] = []
RECORD = ["./x.toml", METADATA]
CONTENTS = ["./x", "./x.toml", "./x/lib", METADATA]


@pytest.mark.parametrize("types", TYPES, ids="-".join)
def test_after_a_build_with_image_and_cache(
    lifecycle: Lifecycle, place: Path, types: tuple[str, ...]
) -> None:
    lifecycle.build(buildpack(place, write("x", types)))
    if "cache" in types:
        assert rebuilt(lifecycle, place) == CONTENTS
    else:
        assert rebuilt(lifecycle, place) == (RECORD if types == ("launch",) else NOTHING)


@pytest.mark.parametrize("types", TYPES, ids="-".join)
def test_after_the_cache_was_lost(lifecycle: Lifecycle, place: Path, types: tuple[str, ...]) -> None:
    lifecycle.build(buildpack(place, write("x", types)))
    lifecycle.lose_cache()
    assert rebuilt(lifecycle, place) == (RECORD if types == ("launch",) else NOTHING)


@pytest.mark.parametrize("types", TYPES, ids="-".join)
def test_after_the_image_was_lost(lifecycle: Lifecycle, place: Path, types: tuple[str, ...]) -> None:
    lifecycle.build(buildpack(place, write("x", types)))
    lifecycle.lose_image()
    assert rebuilt(lifecycle, place) == (CONTENTS if "cache" in types else NOTHING)


@pytest.mark.parametrize("types", TYPES, ids="-".join)
def test_a_damaged_cache_leaves_the_record_without_the_contents(
    lifecycle: Lifecycle, place: Path, types: tuple[str, ...]
) -> None:
    lifecycle.build(buildpack(place, write("x", types)))
    lifecycle.damage_cache()
    assert rebuilt(lifecycle, place) == (RECORD if "cache" in types or types == ("launch",) else NOTHING)


def test_a_cache_of_another_build_than_the_image_gives_nothing_back(
    lifecycle: Lifecycle, place: Path
) -> None:
    lifecycle.build(buildpack(place, write("x", ("launch", "cache"), content="one")))
    restore = lifecycle.keep_cache()
    lifecycle.build(buildpack(place, write("x", ("launch", "cache"), content="two")))
    restore()
    assert rebuilt(lifecycle, place) == NOTHING


def test_metadata_comes_back_as_json_has_it(lifecycle: Lifecycle, place: Path) -> None:
    metadata = (
        'text = "tëxt"\ninteger = 3\nbig = 9007199254740993\nfloat = 1.5\nyes = true\nempty = []\n'
        "date = 2024-02-29\ntime = 2024-02-29T01:02:03Z\nmixed = [1, 'x', [2]]\n[metadata.table]\nn = 1\n"
        "[metadata.nothing]"
    )
    lifecycle.build(buildpack(place, write("x", ("launch", "cache"), metadata)))
    read = (
        "import tomllib; m = tomllib.load(open('x.toml', 'rb'))['metadata']; "
        "[print('|', k, repr(v)) for k, v in sorted(m.items())]"
    )
    image = lifecycle.build(buildpack(place, f'cd "$CNB_LAYERS_DIR"; {sys.executable} -I -c "{read}"'))
    assert words(image.log) == [
        "big 9007199254740992.0",
        "date '2024-02-29T00:00:00Z'",
        "empty []",
        "float 1.5",
        "integer 3.0",
        "mixed [1.0, 'x', [2.0]]",
        "nothing {}",
        "table {'n': 1.0}",
        "text 'tëxt'",
        "time '2024-02-29T01:02:03Z'",
        "yes True",
    ]


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ("5", "metadata=5.0"),
        ('"text"', 'metadata="text"'),
        ("[1, 2]", "metadata=[1.02.0]"),
        ("true", "metadata=true"),
    ],
)
def test_metadata_need_not_be_a_table(
    lifecycle: Lifecycle, place: Path, metadata: str, expected: str
) -> None:
    commands = (
        f"cd $CNB_LAYERS_DIR; mkdir x; printf 'metadata = {metadata}\\n[types]\\ncache = true' > x.toml"
    )
    lifecycle.build(buildpack(place, commands))
    show = "tr -d ' ,\\n' < $CNB_LAYERS_DIR/x.toml | sed 's/^/| /'; echo"
    [line] = words(lifecycle.build(buildpack(place, show)).log)
    assert line == expected


def test_a_layer_without_metadata_comes_back_with_an_empty_record(lifecycle: Lifecycle, place: Path) -> None:
    commands = "mkdir $CNB_LAYERS_DIR/x; printf '[types]\\ncache = true' > $CNB_LAYERS_DIR/x.toml"
    lifecycle.build(buildpack(place, commands))
    assert words(lifecycle.build(buildpack(place, "wc -c < $CNB_LAYERS_DIR/x.toml | sed 's/^/| /'")).log) == [
        "0"
    ]


def test_not_a_number_in_metadata_fails_the_export(lifecycle: Lifecycle, place: Path) -> None:
    with pytest.raises(PhaseFailed) as caught:
        lifecycle.build(buildpack(place, write("x", ("launch",), "n = nan")))
    assert (caught.value.phase, caught.value.status) == ("export", 62)


def test_layers_belong_to_the_buildpack_and_not_to_its_version(lifecycle: Lifecycle, place: Path) -> None:
    lifecycle.build(buildpack(place, write("x", ("cache",)), version="1.0.0"))
    image = lifecycle.build(buildpack(place, SHOW, version="2.0.0"))
    assert words(image.log) == CONTENTS


def test_another_buildpack_gets_nothing(lifecycle: Lifecycle, place: Path) -> None:
    lifecycle.build(buildpack(place, write("x", ("cache", "launch"))))
    assert words(lifecycle.build(buildpack(place, SHOW, buildpack_id="acme/other")).log) == NOTHING


def test_a_launch_layer_is_kept_by_its_record_alone(lifecycle: Lifecycle, place: Path) -> None:
    first = lifecycle.build(buildpack(place, write("x", ("launch",))))
    keep = "printf '[types]\\nlaunch = true' > $CNB_LAYERS_DIR/x.toml"
    second = lifecycle.build(buildpack(place, keep))
    assert second.layers("acme/toy") == first.layers("acme/toy")
    assert second.contents("acme/toy", "x") == first.contents("acme/toy", "x")


def test_a_record_alone_keeps_nothing_that_was_never_there(lifecycle: Lifecycle, place: Path) -> None:
    with pytest.raises(PhaseFailed) as caught:
        lifecycle.build(buildpack(place, "printf '[types]\\nlaunch = true' > $CNB_LAYERS_DIR/x.toml"))
    assert caught.value.status == 62


def test_a_cached_launch_layer_is_not_kept_by_its_record_alone(lifecycle: Lifecycle, place: Path) -> None:
    lifecycle.build(buildpack(place, write("x", ("launch", "cache"))))
    commands = (
        "rm -rf $CNB_LAYERS_DIR/x; printf '[types]\\nlaunch = true\\ncache = true' > $CNB_LAYERS_DIR/x.toml"
    )
    with pytest.raises(PhaseFailed) as caught:
        lifecycle.build(buildpack(place, commands))
    assert caught.value.status == 62


def test_a_restored_layer_without_types_is_in_neither_image_nor_cache(
    lifecycle: Lifecycle, place: Path
) -> None:
    lifecycle.build(buildpack(place, write("x", ("launch", "cache"))))
    image = lifecycle.build(buildpack(place, ""))
    assert image.layers("acme/toy") == {}
    assert (lifecycle.layers / "acme_toy" / "x.ignore").is_dir()
    assert rebuilt(lifecycle, place) == NOTHING


def test_other_output_files_never_come_back_but_store_toml_does(lifecycle: Lifecycle, place: Path) -> None:
    commands = """
cd $CNB_LAYERS_DIR
printf '[[processes]]\\ntype = "web"\\ncommand = ["true"]' > launch.toml
printf '' > build.toml
printf '[metadata]\\nkey = "value"\\nn = 1' > store.toml
"""
    lifecycle.build(buildpack(place, commands))
    assert rebuilt(lifecycle, place) == ["./store.toml", METADATA, "n = 1.0"]
    image: Image = lifecycle.build(buildpack(place, SHOW))
    assert words(image.log) == ["./store.toml", METADATA, "n = 1.0"]
    assert image.processes == {}


def test_modes_come_back_and_links_are_broken_up_and_times_are_new(lifecycle: Lifecycle, place: Path) -> None:
    commands = write("x", ("launch", "cache")) + (
        "cd x; chmod 0644 lib/file; ln lib/file hard; ln -s lib/file soft; ln -s /nowhere dangling; mkdir -m 0555 ro\n"
        "mkdir -m 0700 private; echo > script; chmod 0755 script; chmod 0600 lib/file; touch -d 2001-01-01 lib/file\n"
    )
    image = lifecycle.build(buildpack(place, commands))
    show = (
        "cd $CNB_LAYERS_DIR/x; find . | sort | while read f; do echo \"| $(stat -c '%n %A %h' $f)\"; done\n"
        "find . -type f ! -newermt 2002-01-01 | sed 's/^/| old /'"
    )
    found = words(lifecycle.build(buildpack(place, show)).log)
    assert [line for line in found if " -" in line or " l" in line or " d" in line]
    assert "./hard -rw------- 1" in found
    assert "./ro dr-xr-xr-x 2" in found
    assert "./dangling lrwxrwxrwx 1" in found
    assert not [line for line in found if line.startswith("old")]
    assert image.contents("acme/toy", "x")["ro"].mode == "0555"


def test_a_fifo_in_a_cached_layer_breaks_every_later_restore(lifecycle: Lifecycle, place: Path) -> None:
    lifecycle.build(buildpack(place, write("x", ("cache",)) + "mkfifo x/pipe"))
    for _ in range(2):
        with pytest.raises(PhaseFailed) as caught:
            lifecycle.build(buildpack(place))
        assert caught.value.status == 42


def test_file_names_of_any_bytes_come_back(lifecycle: Lifecycle, place: Path) -> None:
    lifecycle.build(
        buildpack(place, write("x", ("launch", "cache")) + "printf x > \"x/$(printf 'a\\377b')\"")
    )
    show = "cd $CNB_LAYERS_DIR/x; ls | od -An -c | sed 's/^/| /'"
    assert any("377" in line for line in words(lifecycle.build(buildpack(place, show)).log))
