from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.errors import SiteError
from layerwright.files.mentions import mentions
from layerwright.pythons._relocate import binaries, recorded_prefix, relocate
from layerwright.pythons.elf import read_dynamic
from tests.unit.pythons.samples import elf_file, prefix

if TYPE_CHECKING:
    from pathlib import Path

OLD = "/opt/a/rather/long/prefix"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return prefix(tmp_path / "python", configured_for=OLD)


def search_path(path: Path) -> str:
    (found,) = read_dynamic(path).search_paths
    return found.value


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bin/python3.13", "$ORIGIN/../lib"),
        ("lib/libpython3.13.so.1.0", "$ORIGIN"),
        ("lib/python3.13/lib-dynload/_ssl.cpython-linux.so", "$ORIGIN/../.."),
    ],
)
def test_libraries_are_searched_for_relative_to_the_file_that_needs_them(
    root: Path, name: str, expected: str
) -> None:
    relocate(root, [OLD])
    assert search_path(root / name) == expected


def test_what_a_search_path_has_of_other_places_stays_in_its_order(root: Path) -> None:
    python = root / "bin" / "python3.13"
    python.write_bytes(elf_file(runpath=f"/first:{OLD}/lib:$ORIGIN/../other:{OLD}/lib:{OLD}er/lib"))
    relocate(root, [OLD])
    assert search_path(python) == f"/first:$ORIGIN/../lib:$ORIGIN/../other:{OLD}er/lib"


def test_a_binary_that_names_no_old_prefix_stays_the_same_bytes(root: Path) -> None:
    python = root / "bin" / "python3.13"
    python.write_bytes(content := elf_file(rpath="$ORIGIN/../lib", runpath=""))
    relocate(root, [OLD])
    assert python.read_bytes() == content


def test_a_prefix_too_short_for_the_relative_form_is_refused(tmp_path: Path) -> None:
    root = prefix(tmp_path / "python", configured_for="/py")
    with pytest.raises(SiteError, match="cannot be relocated") as caught:
        relocate(root, ["/py"])
    assert str(root / "bin" / "python3.13") in caught.value.cause
    assert "no room" in caught.value.cause
    assert caught.value.reference == "python-not-relocatable"


def test_a_binary_of_another_kind_is_refused(root: Path) -> None:
    (root / "lib/python3.13/lib-dynload/odd.so").write_bytes(b"\x7fELF\x01")
    with pytest.raises(SiteError) as caught:
        relocate(root, [OLD])
    assert "odd.so: it is not an ELF file" in caught.value.cause


def test_what_says_how_to_build_names_the_new_prefix_and_is_returned(root: Path) -> None:
    changed = relocate(root, [OLD])
    assert {path.relative_to(root).as_posix() for path in changed} == {
        "bin/python3.13-config",
        "lib/pkgconfig/python-3.13.pc",
        "lib/python3.13/_sysconfigdata__linux_.py",
        "lib/python3.13/config-3.13-linux/Makefile",
    }
    for path in changed:
        assert (str(root) in path.read_text()) != path.name.startswith("_sysconfigdata")
        assert OLD not in path.read_text()


def test_what_names_no_old_prefix_is_not_touched(root: Path) -> None:
    pkgconfig = root / "lib/pkgconfig/python-3.13.pc"
    pkgconfig.write_text("prefix=${pcfiledir}/../..\n")
    assert pkgconfig not in relocate(root, [OLD])
    assert pkgconfig.read_text() == "prefix=${pcfiledir}/../..\n"


def test_the_standard_librarys_own_sources_are_left_alone(tmp_path: Path) -> None:
    root = prefix(tmp_path / "python", configured_for="/usr/local")
    relocate(root, ["/usr/local"])
    assert "/usr/local/etc/mime.types" in (root / "lib/python3.13/mimetypes.py").read_text()


def test_several_old_prefixes_are_replaced_at_once_even_where_one_holds_the_new(tmp_path: Path) -> None:
    root = prefix(tmp_path / "python", configured_for=OLD)
    pkgconfig = root / "lib/pkgconfig/python-3.13.pc"
    pkgconfig.write_text(f"prefix={OLD}\nother={tmp_path}/old\n")
    relocate(root, [str(tmp_path), OLD])
    assert pkgconfig.read_text() == f"prefix={root}\nother={root}/old\n"


def test_links_are_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.pc").write_text(f"prefix={OLD}")
    (root / "lib/pkgconfig/linked.pc").symlink_to(tmp_path / "elsewhere.pc")
    relocate(root, [OLD])
    assert (tmp_path / "elsewhere.pc").read_text() == f"prefix={OLD}"


@pytest.mark.parametrize(
    "text", ["/install", "-L/install/lib", "-I/install", "x=/install", "-Wl,-rpath,/install/lib", "./install"]
)
def test_a_mention_is_found_wherever_a_compiler_or_a_script_would(text: str) -> None:
    assert mentions(["/install"]).search(text.encode())


@pytest.mark.parametrize("text", ["/usr/bin/install", "/installed", "/install-sh", "/install.sh", "install"])
def test_another_name_that_looks_alike_is_no_mention(text: str) -> None:
    assert not mentions(["/install"]).search(text.encode())


def test_the_prefix_that_an_interpreter_was_built_for_is_read_from_what_it_says(root: Path) -> None:
    assert recorded_prefix(root) == OLD


def test_a_prefix_that_was_relocated_records_its_new_place(root: Path) -> None:
    relocate(root, [OLD])
    assert recorded_prefix(root) == str(root)


@pytest.mark.parametrize("content", [None, "build_time_vars = {}"])
def test_an_interpreter_that_does_not_say_it_is_refused(root: Path, content: str | None) -> None:
    (root / "lib/python3.13/config-3.13-linux/Makefile").unlink()
    path = root / "lib/python3.13/_sysconfigdata__linux_.py"
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    with pytest.raises(SiteError, match="how it was built"):
        recorded_prefix(root)


def test_binaries_are_the_executable_and_the_shared_libraries_each_once(root: Path) -> None:
    assert [path.relative_to(root).as_posix() for path in binaries(root)] == [
        "bin/python3.13",
        "lib/libpython3.13.so.1.0",
        "lib/python3.13/lib-dynload/_ssl.cpython-linux.so",
        "lib/python3.13/lib-dynload/_tkinter.cpython-linux.so",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("'-DNDEBUG -g -O3 -Wall'", "'-DNDEBUG -O3 -Wall'"),
        ("'-g -O3'", "'-O3'"),
        ("'-O3 -g'", "'-O3 '"),
        ("'-O3 -g3 -Wall'", "'-O3 -Wall'"),
        (
            "'-fdata-sections -gz -Wno-g --with-g -grecord-x /a-g b'",
            "'-fdata-sections -gz -Wno-g --with-g -grecord-x /a-g b'",
        ),
    ],
)
def test_what_is_compiled_gets_no_debug_information_which_names_directories(
    root: Path, before: str, after: str
) -> None:
    """A build from source has another directory each time, so the same source would give other bytes."""
    data = next((root / "lib" / "python3.13").glob("_sysconfigdata*.py"))
    text = data.read_text()
    data.write_text(f"{text}\n'OPT': {before}\n")
    relocate(root, [OLD])
    assert f"'OPT': {after}" in data.read_text().splitlines()


def test_the_variables_of_the_build_follow_the_interpreter(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the bytecode of their module is the same in every place."""
    relocate(root, [OLD])
    [data] = root.glob("lib/python3.13/_sysconfigdata*.py")
    text = data.read_text()
    assert OLD not in text
    assert str(root) not in text
    monkeypatch.setattr("sys.base_prefix", "/somewhere")
    namespace: dict[str, dict[str, str]] = {}
    exec(text, namespace)
    assert namespace["build_time_vars"]["LDFLAGS"] == "-L/somewhere/lib"
    assert namespace["build_time_vars"]["AR"] == "/tools/bin/llvm-ar"

    relocate(root, ["/opt/other"])

    assert data.read_text() == text


def test_a_makefile_compiles_without_debug_information_as_well(root: Path) -> None:
    makefile = root / "lib" / "python3.13" / "config-3.13" / "Makefile"
    makefile.parent.mkdir(exist_ok=True)
    makefile.write_text("OPT=\t\t-DNDEBUG -g -O3\nX= -O2 -g\nY=-g\n")
    relocate(root, [OLD])
    assert makefile.read_text() == "OPT=\t\t-DNDEBUG -O3\nX= -O2 \nY=\n"
