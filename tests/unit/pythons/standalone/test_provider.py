from __future__ import annotations

import hashlib
import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from layerwright.errors import SiteError
from layerwright.process.runner import Runner
from layerwright.pythons.elf import read_dynamic
from layerwright.pythons.standalone._catalogue import Archive
from layerwright.pythons.standalone.provider import StandaloneProvider
from tests.unit.pythons.samples import prefix

if TYPE_CHECKING:
    from pathlib import Path

NAME = "cpython-3.13.1+20250101-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz"
URL = f"https://example.com/{NAME.replace('+', '%2B')}"


def archive(version: str = "3.13.1", sha256: str = "0" * 64) -> Archive:
    return Archive(version=version, filename=NAME, url=URL, sha256=sha256)


def install(content: bytes, tmp_path: Path) -> tuple[Path, SiteError]:
    """Install an archive that has these bytes, and return the destination and what went wrong with it."""
    mirror, destination = tmp_path / "mirror", tmp_path / "layer"
    mirror.mkdir()
    destination.mkdir()
    (mirror / NAME).write_bytes(content)
    provider = StandaloneProvider(
        "x86_64",
        tmp_path / "cache",
        f"file://{mirror}/",
        catalogue=[archive(sha256=hashlib.sha256(content).hexdigest())],
    )
    (candidate,) = provider.candidates()
    with pytest.raises(SiteError) as caught:
        provider.install(candidate, destination, Runner(env={}), lambda _done, _total: None)
    return destination, caught.value


def packed(source: Path, *extra: tarfile.TarInfo) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as file:
        file.add(source, "python")
        for info in extra:
            file.addfile(info)
    return stream.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.LNKTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def test_what_has_a_checksum_is_a_candidate_identified_by_it(tmp_path: Path) -> None:
    (candidate,) = StandaloneProvider("x86_64", tmp_path, catalogue=[archive()]).candidates()
    assert candidate.version == "3.13.1"
    assert candidate.provider == "standalone"
    assert candidate.origin == URL
    assert candidate.inputs == {"archive": NAME, "archive SHA-256": "0" * 64}


def test_what_has_none_is_no_candidate_but_was_looked_at(tmp_path: Path) -> None:
    provider = StandaloneProvider("x86_64", tmp_path, catalogue=[archive(), archive("3.9.7", "")])
    assert [candidate.version for candidate in provider.candidates()] == ["3.13.1"]
    assert provider.looked_in() == [
        "the catalogue of python-build-standalone: 2 versions for x86_64",
        "not usable, because they have no checksum: 3.9.7",
    ]


def test_where_all_have_one_nothing_is_said_of_checksums(tmp_path: Path) -> None:
    provider = StandaloneProvider("x86_64", tmp_path, catalogue=[archive()])
    assert len(provider.looked_in()) == 1


def test_without_a_catalogue_the_published_one_is_read(tmp_path: Path) -> None:
    assert len(StandaloneProvider("x86_64", tmp_path).candidates()) > 50
    assert StandaloneProvider("no-such-arch", tmp_path).candidates() == []


@pytest.mark.parametrize("mirror", ["https://example.com/pythons", "https://example.com/pythons/"])
def test_a_mirror_has_the_archives_under_their_own_names_escaped(tmp_path: Path, mirror: str) -> None:
    (candidate,) = StandaloneProvider("x86_64", tmp_path, mirror, catalogue=[archive()]).candidates()
    assert candidate.origin == f"https://example.com/pythons/{NAME.replace('+', '%2B')}"


def test_the_credentials_of_a_mirror_are_not_shown(tmp_path: Path) -> None:
    provider = StandaloneProvider("x86_64", tmp_path, "https://me:secret@example.com", catalogue=[archive()])
    (candidate,) = provider.candidates()
    assert "secret" not in candidate.origin


def test_of_an_archive_what_belongs_is_unpacked_and_made_at_home(tmp_path: Path) -> None:
    source = prefix(tmp_path / "source", configured_for="/a/long/way/to/install")
    hard = link("python/lib/libpython3.13.so.1", "python/lib/libpython3.13.so.1.0")
    layer, error = install(packed(source, hard), tmp_path)
    assert error.reference in ("command-not-started", "python-not-proved")  # an ELF file without a program
    assert not (layer / "lib/python3.13/site-packages").exists()
    assert not (layer / "bin/pip3.13").exists()
    assert (layer / "lib/libpython3.13.so").is_symlink()
    assert (layer / "lib/libpython3.13.so.1").samefile(layer / "lib/libpython3.13.so.1.0")
    (search_path,) = read_dynamic(layer / "bin/python3.13").search_paths
    assert search_path.value == "$ORIGIN/../lib"


def test_the_compiler_that_an_archive_was_made_with_is_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, _ = install(packed(prefix(tmp_path / "source", configured_for="/a/long/way/to/install")), tmp_path)
    monkeypatch.setattr("sys.base_prefix", str(layer))
    namespace: dict[str, dict[str, str]] = {}
    exec((layer / "lib/python3.13/_sysconfigdata__linux_.py").read_text(), namespace)
    assert namespace["build_time_vars"] == {
        "ABIFLAGS": "",
        "AR": "ar",
        "CC": "cc -pthread",
        "CXX": "c++ -pthread",
        "INSTALL": "/usr/bin/install -c",
        "LDFLAGS": f"-L{layer}/lib",
        "prefix": str(layer),
    }
    makefile = (layer / "lib/python3.13/config-3.13-linux/Makefile").read_text()
    assert makefile == f"CC=\t\tcc -pthread\nLDCXXSHARED=\t$(CXX) -shared\nprefix=\t{layer}\n"


def bytecode_in(root: Path) -> set[str]:
    return {path.relative_to(root / "lib/python3.13").as_posix() for path in root.rglob("*.pyc")}


@pytest.fixture
def compiled(tmp_path: Path) -> bytes:
    """Return an archive with bytecode of two versions and of all kinds of modules."""
    source = prefix(tmp_path / "source", configured_for="/a/long/way/to/install")
    for name in ("os.cpython-312", "os.cpython-313.opt-1", "turtle.cpython-313"):
        (source / f"lib/python3.13/__pycache__/{name}.pyc").touch()
    (source / "lib/python3.13/test/__pycache__").mkdir()
    (source / "lib/python3.13/test/__pycache__/test_os.cpython-313.pyc").touch()
    return packed(source)


def test_the_bytecode_of_what_belongs_is_unpacked_to_be_adopted(compiled: bytes, tmp_path: Path) -> None:
    layer, _ = install(compiled, tmp_path)
    assert bytecode_in(layer) == {"__pycache__/os.cpython-313.pyc"}


def test_an_interpreter_that_cannot_run_here_has_no_bytecode(compiled: bytes, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(compiled)
    (tmp_path / "layer").mkdir()
    provider = StandaloneProvider(
        "x86_64",
        tmp_path / "cache",
        f"file://{tmp_path}/",
        catalogue=[archive(sha256=hashlib.sha256(compiled).hexdigest())],
    )
    (candidate,) = provider.candidates()
    provider.install_foreign(candidate, tmp_path / "layer", lambda _done, _total: None)
    assert bytecode_in(tmp_path / "layer") == set()
    assert (tmp_path / "layer/bin/python3").is_symlink()


@pytest.mark.parametrize("name", ["../evil", "evil", "python/../../evil", "/evil", "python/bin/evil"])
def test_nothing_lands_where_it_does_not_belong(tmp_path: Path, name: str) -> None:
    source = prefix(tmp_path / "source", configured_for="/a/long/way/to/install")
    install(packed(source, tarfile.TarInfo(name)), tmp_path)
    assert not list(tmp_path.rglob("evil"))


def test_a_link_out_of_the_archive_is_refused(tmp_path: Path) -> None:
    source = prefix(tmp_path / "source")
    out = link("python/lib/python3.13/out.py", "../../../../../out.py", tarfile.SYMTYPE)
    _, error = install(packed(source, out), tmp_path)
    assert error.reference == "python-not-unpacked"
    assert "LinkOutsideDestinationError" in error.cause


def test_a_file_that_is_no_archive_is_said_to_be_so(tmp_path: Path) -> None:
    _, error = install(b"<html>Log in</html>", tmp_path)
    assert error.reference == "python-not-unpacked"
    assert NAME in error.summary


def test_an_archive_that_is_cut_off_is_said_to_be_so(tmp_path: Path) -> None:
    _, error = install(packed(prefix(tmp_path / "source"))[:-200], tmp_path)
    assert error.reference == "python-not-unpacked"


def test_an_archive_of_another_shape_is_said_to_be_so(tmp_path: Path) -> None:
    _, error = install(packed(prefix(tmp_path / "source", minor="3.12")), tmp_path)
    assert error.cause == "It has no python/bin/python3.13."
