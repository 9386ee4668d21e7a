from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from layerwright.errors import SiteError
from layerwright.process.runner import Runner
from layerwright.pythons._relocate import recorded_prefix, relocate
from layerwright.pythons.provider import minor_of
from layerwright.pythons.standalone._catalogue import Archive
from layerwright.pythons.standalone.provider import StandaloneProvider
from layerwright.pythons.system._copying import copy_interpreter
from layerwright.pythons.system.provider import SystemProvider
from layerwright.testing.loopback.server import LoopbackServer, Response
from layerwright.testing.machine import hostile_env, interpreters
from layerwright.testing.tree import difference, tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.integration

RUNNER = Runner(env=hostile_env())


class Mirror(LoopbackServer):
    """Serves the files of a directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__()

    @override
    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        file = self.folder / path.removeprefix("/")
        return Response(body=file.read_bytes()) if file.is_file() else Response(status=404)


@dataclass(frozen=True)
class Published:
    """An archive of the shape that python-build-standalone publishes, in a directory of its own."""

    folder: Path
    archive: Archive

    def provider(self, mirror: str, cache_dir: Path) -> StandaloneProvider:
        return StandaloneProvider("x86_64", cache_dir, mirror, catalogue=[self.archive], delays=(0,))


def compile_some(python: Path, library: Path) -> None:
    """Compile two modules, of which one changes afterwards, so that both have bytecode of what they were."""
    for name in ("colorsys", "sched"):
        path = library / f"{name}.py"
        text = path.read_text()
        path.write_text(f"{text}\norigin = 'bytecode'\n")
        modified = path.stat().st_mtime_ns
        subprocess.run([python, "-I", "-m", "py_compile", path], check=True)
        path.write_text(f"{text}\norigin = 'the text'\n")
        os.utime(path, ns=(modified, modified + (name == "sched") * 2_000_000_000))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("published")
    path = ":".join(str(executable.parent) for executable in interpreters().values())
    system = SystemProvider({"PATH": path}, folder, folder / "cache", RUNNER, base_prefix="/none")
    candidates = system.candidates()
    if not candidates:
        pytest.skip(f"this machine has no Python that can be packed: {system.looked_in()}")
    candidate = candidates[0]
    version, minor = candidate.version, minor_of(candidate.version)
    source = folder / "source" / "python"
    source.mkdir(parents=True)
    copy_interpreter(Path(candidate.origin), source, minor)
    for file in relocate(source, [candidate.origin, recorded_prefix(source)]):
        file.write_text(file.read_text().replace(str(source), "/install").replace("'gcc ", "'clang "))
    (source / "bin" / "python3").symlink_to(f"python{minor}")
    compile_some(source / "bin" / f"python{minor}", source / "lib" / f"python{minor}")
    (source / "bin" / "pip3").write_text("#!/bin/sh\n")
    pip = source / "lib" / f"python{minor}" / "site-packages" / "pip"
    pip.mkdir(parents=True)
    (pip / "__init__.py").touch()
    name = f"cpython-{version}+20250101-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz"
    (folder / "mirror").mkdir()
    packed = folder / "mirror" / name
    with tarfile.open(packed, "w:gz", compresslevel=1) as archive:
        archive.add(source, "python")
    shutil.rmtree(folder / "source")
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    entry = Archive(version=version, filename=name, url=f"https://example.com/{name}", sha256=digest)
    return Published(folder / "mirror", entry)


@pytest.fixture
def mirror(published: Published) -> Iterator[Mirror]:
    with Mirror(published.folder) as mirror:
        yield mirror


def install(provider: StandaloneProvider, destination: Path) -> Path:
    (candidate,) = provider.candidates()
    destination.mkdir()
    provider.install(candidate, destination, RUNNER, lambda _done, _total: None)
    return destination


def ask(root: Path, script: str) -> str:
    return subprocess.run(
        [root / "bin" / "python", "-I", "-B", "-c", script],
        env={},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_an_archive_becomes_an_interpreter_without_tools(
    published: Published, mirror: Mirror, tmp_path: Path
) -> None:
    root = install(published.provider(mirror.url, tmp_path / "cache"), tmp_path / "layer")
    assert ask(root, "import sys; print(*sys.version_info[:3], sep='.')") == f"{published.archive.version}\n"
    library = root / "lib" / f"python{minor_of(published.archive.version)}"
    assert list((library / "site-packages").iterdir()) == []
    assert all(path.name.startswith("python") for path in (root / "bin").iterdir())
    assert "Layerwright" in (library / "EXTERNALLY-MANAGED").read_text()
    # Its valid bytecode is adopted, and everything else is compiled.
    assert ask(root, "import colorsys, sched; print(colorsys.origin, sched.origin)") == "bytecode the text\n"
    compiled = [path.read_bytes()[4:8] for path in library.rglob("__pycache__/*.pyc")]
    assert len(compiled) > 500
    assert set(compiled) == {b"\x01\0\0\0"}


def test_it_builds_with_the_compiler_of_this_machine_and_against_itself(
    published: Published, mirror: Mirror, tmp_path: Path
) -> None:
    root = install(published.provider(mirror.url, tmp_path / "cache"), tmp_path / "layer")
    names = "'CC', 'LDSHARED', 'prefix', 'LIBDIR'"
    script = f"import json, sysconfig; print(json.dumps(sysconfig.get_config_vars({names})))"
    cc, ldshared, prefix, libdir = json.loads(ask(root, script))
    assert cc.split()[0] == ldshared.split()[0] == "cc"
    assert (prefix, libdir) == (str(root), f"{root}/lib")
    assert "/install/" not in ldshared


def test_it_makes_virtual_environments_with_pip(published: Published, mirror: Mirror, tmp_path: Path) -> None:
    root = install(published.provider(mirror.url, tmp_path / "cache"), tmp_path / "layer")
    subprocess.run([root / "bin/python", "-I", "-B", "-m", "venv", tmp_path / "venv"], env={}, check=True)
    assert (tmp_path / "venv" / "bin" / "pip").exists()


def test_installed_again_at_the_same_place_it_is_the_same_to_the_byte_with_no_mirror(
    published: Published, mirror: Mirror, tmp_path: Path
) -> None:
    provider = published.provider(mirror.url, tmp_path / "cache")
    before = tree(install(provider, tmp_path / "layer"))
    mirror.close()
    shutil.rmtree(tmp_path / "layer")
    assert difference(before, tree(install(provider, tmp_path / "layer"))) == ""


def test_a_directory_does_for_a_mirror(published: Published, tmp_path: Path) -> None:
    provider = published.provider(f"file://{published.folder}", tmp_path / "cache")
    assert (install(provider, tmp_path / "layer") / "bin" / "python3").exists()


def test_a_download_cut_off_half_way_is_resumed_by_the_next_build(
    published: Published, mirror: Mirror, tmp_path: Path
) -> None:
    provider = published.provider(mirror.url, tmp_path / "cache")
    fault = mirror.cut("*", after_bytes=100_000)
    with pytest.raises(SiteError, match="could not be downloaded"):
        install(provider, tmp_path / "first")
    fault.lift()
    install(provider, tmp_path / "second")
    assert mirror.requests[-1].headers["range"].startswith("bytes=")
    assert list((tmp_path / "first").iterdir()) == []


def test_a_damaged_archive_is_refused_before_anything_of_it_is_used(
    published: Published, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.corrupt("*")
    with pytest.raises(SiteError, match="does not match its checksum"):
        install(published.provider(mirror.url, tmp_path / "cache"), tmp_path / "layer")
    assert list((tmp_path / "layer").iterdir()) == []
    assert not list((tmp_path / "cache").glob("*.tar.gz"))


def test_a_mirror_that_lacks_the_archive_is_named_without_its_credentials(
    published: Published, mirror: Mirror, tmp_path: Path
) -> None:
    url = mirror.require_login("me", "secret")
    mirror.fail("*", status=404)
    with pytest.raises(SiteError, match="could not be downloaded") as caught:
        install(published.provider(url, tmp_path / "cache"), tmp_path / "layer")
    assert "404" in caught.value.cause
    assert "secret" not in caught.value.summary


def test_a_mirror_may_ask_for_credentials(published: Published, mirror: Mirror, tmp_path: Path) -> None:
    url = mirror.require_login("me", "secret")
    assert (install(published.provider(url, tmp_path / "cache"), tmp_path / "layer") / "bin/python").exists()
