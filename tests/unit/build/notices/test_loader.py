from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.notices._loader import loader_directories

if TYPE_CHECKING:
    from pathlib import Path


def directories(root: Path, *names: str) -> None:
    for name in names:
        (root / name).mkdir(parents=True)


def found(root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in loader_directories(root)]


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_the_standard_directories_are_searched_if_they_exist(tmp_path: Path) -> None:
    directories(tmp_path, "lib", "usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/local/lib", "usr/lib/python3")
    assert found(tmp_path) == ["lib", "usr/lib", "usr/lib64", "usr/lib/x86_64-linux-gnu"]


def test_those_of_the_configuration_of_glibc_follow(tmp_path: Path) -> None:
    directories(tmp_path, "opt/a", "opt/b", "opt/c")
    write(
        tmp_path,
        "etc/ld.so.conf",
        "# of the site\n\n/opt/c  # the last\ninclude ld.so.conf.d/*.conf /etc/more.conf\nhwcap 1 nosegneg\nopt/a\n",
    )
    write(tmp_path, "etc/ld.so.conf.d/a.conf", "/opt/a\n/opt/absent\n")
    write(tmp_path, "etc/more.conf", "/opt/b\ninclude /etc/ld.so.conf\n")
    assert found(tmp_path) == ["opt/c", "opt/a", "opt/b"]


def test_musl_has_a_file_for_each_architecture(tmp_path: Path) -> None:
    directories(tmp_path, "lib", "usr/local/lib", "opt/a", "opt/b", "opt/c")
    write(tmp_path, "etc/ld-musl-x86_64.path", "/opt/a:/opt/b\n/opt/c\n")
    assert found(tmp_path) == ["lib"]
    write(tmp_path, "lib/ld-musl-x86_64.so.1", "")
    assert found(tmp_path) == ["lib", "usr/local/lib", "opt/a", "opt/b", "opt/c"]
