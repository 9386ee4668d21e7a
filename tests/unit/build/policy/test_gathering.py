from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from layerwright.build.policy.candidate import NO_DISTRIBUTION, Archive, Candidate, Origin
from layerwright.build.policy.gathering import installed, locked, narrowed, origin_of, resolved
from layerwright.build.policy.known_code import KNOWN_CODE
from layerwright.contract.locked import LockedArchive, locked_archives
from layerwright.contract.sameness import Resolved
from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from pathlib import Path

ONE, OTHER = "sha256:" + "A" * 64, "sha256:" + "b" * 64
WHEEL, WINDOWS, SOURCE = "acme-1.0-py3-none-any.whl", "acme-1.0-cp313-cp313-win_amd64.whl", "acme-1.0.tar.gz"


def in_lock(filename: str = WHEEL, name: str = "Acme_Core", **more: object) -> LockedArchive:
    return LockedArchive(**{"name": name, "version": "1.0", "filename": filename, "hashes": (ONE,), **more})  # type: ignore[arg-type]


def test_of_the_archives_of_a_lock_file_the_one_for_this_machine_is_left() -> None:
    found = locked(
        [
            in_lock(WINDOWS),
            in_lock(uploaded="2026-01-01T00:00:00Z", index="https://a.example.com"),
            in_lock(SOURCE),
        ],
        None,
        "3.13",
    )
    assert found == (
        Candidate(
            name="acme-core",
            version="1.0",
            index="https://a.example.com",
            archives=(
                Archive(filename=WHEEL, hashes=frozenset({ONE.lower()}), uploaded="2026-01-01T00:00:00Z"),
            ),
        ),
    )


def test_a_source_archive_is_left_if_no_wheel_fits() -> None:
    (found,) = locked([in_lock(WINDOWS), in_lock(SOURCE)], None, "3.13")
    assert [one.filename for one in found.archives] == [SOURCE]


def test_all_archives_are_left_if_their_names_are_unknown_or_none_fits() -> None:
    (unnamed,) = locked([in_lock(""), in_lock("", hashes=(OTHER,))], None, "3.13")
    assert len(unnamed.archives) == 2
    (unfit,) = locked([in_lock(WINDOWS), in_lock(WINDOWS.replace("amd64", "arm64"))], None, "3.13")
    assert len(unfit.archives) == 2
    (odd,) = locked([in_lock("acme.whl"), in_lock("acme-1.whl")], None, "3.13")
    assert len(odd.archives) == 2


def test_only_what_will_be_installed_is_left_of_a_lock_file() -> None:
    archives = [in_lock(), in_lock(name="base")]
    assert [one.name for one in locked(archives, {"base"}, "3.13")] == ["base"]


def test_an_archive_without_a_hash_is_not_locked() -> None:
    (found,) = locked([in_lock(hashes=())], None, "3.13")
    assert not found.is_locked


def test_a_resolution_says_which_archives_and_not_where_they_are_from() -> None:
    found = resolved(
        [
            Resolved(name="own", version="0", hashes=("directory:x",), url="file:///app"),
            Resolved(name="acme", version="1.0", hashes=(ONE,), archive=WHEEL),
        ],
        is_locked=False,
    )
    assert [(one.name, one.origin, one.archives, one.is_locked) for one in found] == [
        ("acme", Origin.INDEX, (Archive(filename=WHEEL, hashes=frozenset({ONE.lower()})),), False),
        ("own", Origin.DIRECTORY, (Archive(),), False),
    ]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("", Origin.INDEX),
        ("file:///app/libs/acme", Origin.DIRECTORY),
        ("file:///app/libs/acme-1.0.tar.gz", Origin.FILE),
        ("https://e.example.com/acme-1.0-py3-none-any.whl", Origin.URL),
        ("https://git.example.com/acme.git@0123", Origin.REPOSITORY),
        ("git+https://git.example.com/acme.zip", Origin.REPOSITORY),
        ("ssh://git@git.example.com/acme@0123", Origin.REPOSITORY),
    ],
)
def test_a_direct_reference_says_what_it_is(url: str, origin: Origin) -> None:
    assert origin_of(url) is origin


class Environment:
    """An environment with installed distributions."""

    def __init__(self, root: Path) -> None:
        self.interpreter = Interpreter(version="3.13.0", prefix=root)
        self.site_packages = root / "site-packages"
        self.site_packages.mkdir()

    def add(self, name: str, *files: str, metadata: str = "", direct: object = None) -> None:
        info = self.site_packages / f"{name}-1.0.dist-info"
        info.mkdir()
        info.joinpath("METADATA").write_text(f"Name: {name}\nVersion: 1.0\n{metadata}\n")
        info.joinpath("RECORD").write_text("".join(f"{file},,\n" for file in files))
        for file in files:
            self.site_packages.joinpath(file).write_text("import os\n")
        if direct is not None:
            info.joinpath("direct_url.json").write_text(json.dumps(direct))

    def found(self, *planned: Candidate, is_locked: bool = True) -> dict[str, Candidate]:
        found = installed(self.site_packages, self.interpreter, planned, is_locked=is_locked)
        return {one.name: one for one in found}


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path)


def test_what_was_planned_gets_what_its_files_say(environment: Environment) -> None:
    environment.add("acme", "acme.pth", metadata="License-Expression: MIT")
    planned = Candidate(name="acme", version="1.0", index="https://a.example.com", is_locked=False)
    found = environment.found(planned)["acme"]
    assert (found.index, found.is_locked) == ("https://a.example.com", False)
    assert (found.licence, found.startup_files) == ("MIT", ("acme.pth",))


def test_what_was_not_planned_is_there_as_well(environment: Environment) -> None:
    environment.add("acme", metadata="License: BSD License")
    environment.add("own", direct={"url": "file:///app", "dir_info": {}})
    found = environment.found(is_locked=False)
    assert found["acme"].licence_names == ("BSD License",)
    assert (found["acme"].origin, found["acme"].is_locked) == (Origin.INDEX, False)
    assert (found["own"].origin, found["own"].url) == (Origin.DIRECTORY, "file:///app")


def test_code_of_an_editable_installation_is_the_applications_own(environment: Environment) -> None:
    direct = {"url": "file:///app/own-1.0.zip", "dir_info": {"editable": True}}
    environment.add("own", "__editable__own.pth", direct=direct)
    assert environment.found()["own"].is_own


def test_code_that_is_known_is_told_apart(environment: Environment) -> None:
    environment.add("setuptools", "distutils-precedence.pth", "other.pth")
    line = "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    environment.site_packages.joinpath("distutils-precedence.pth").write_text(
        f"{line}enabled and __import__('_distutils_hack')\n"
    )
    found = environment.found()["setuptools"]
    assert (found.known_startup_files, found.startup_files) == (("distutils-precedence.pth",), ("other.pth",))


def test_the_code_of_a_known_release_is_known_as_long_as_it_is_unchanged(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = b"import coverage_starts"
    monkeypatch.setitem(KNOWN_CODE, ("coverage", "a1_coverage.pth"), (hashlib.sha256(code).hexdigest(),))
    environment.add("coverage", "a1_coverage.pth", "b1_coverage.pth")
    file = environment.site_packages / "a1_coverage.pth"
    file.write_bytes(code + b"\r\n")
    found = environment.found()["coverage"]
    assert (found.known_startup_files, found.startup_files) == (("a1_coverage.pth",), ("b1_coverage.pth",))
    file.write_bytes(code + b"; import os\n")
    assert environment.found()["coverage"].known_startup_files == ()


def test_files_of_no_distribution_are_found(environment: Environment) -> None:
    environment.site_packages.joinpath("stray.start").write_text("x:y\n")
    found = environment.found()[NO_DISTRIBUTION]
    assert found.startup_files == ("stray.start",)
    assert found.words == "no distribution"


def test_one_archive_needs_no_choice() -> None:
    one = Candidate(name="acme", version="1.0", archives=(Archive(filename=WINDOWS),))
    assert narrowed(one, "3.13") is one


@pytest.mark.parametrize(
    ("entry", "index"),
    [
        ({"source": {"registry": "https://me:pw@a.example.com/simple"}}, "https://a.example.com/simple"),
        ({"source": {"type": "legacy", "url": "https://b.example.com/simple", "reference": "b"}},
         "https://b.example.com/simple"),
        ({"source": {"type": "git", "url": "https://b.example.com/acme.git"}}, ""),
        ({"source": {"registry": "../wheels"}}, ""),
        ({"index": "https://c.example.com/simple"}, "https://c.example.com/simple"),
        ({}, ""),
    ],
)  # fmt: skip
def test_a_lock_file_names_the_index_as_its_tool_writes_it(entry: dict[str, object], index: str) -> None:
    tables = [
        {"name": "acme", "version": "1.0", "wheels": [{"url": f"https://f.example.com/{WHEEL}"}], **entry}
    ]
    assert [one.index for one in locked_archives(tables)] == [index]
