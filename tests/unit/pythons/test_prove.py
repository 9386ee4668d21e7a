from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from layerwright.errors import SiteError
from layerwright.process.runner import Runner
from layerwright.pythons._prove import prove
from layerwright.pythons._relocate import relocate
from tests.unit.pythons.samples import elf_file, prefix

OLD = "/opt/a/rather/long/prefix"
RUNNER = Runner(env={"PATH": "/invalid", "PYTHONHOME": "/invalid"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a prefix that is at home, but whose executable says whatever a test has it say."""
    root = prefix(tmp_path / "python", configured_for=OLD)
    (root / "bin" / "pip3.13").unlink()
    relocate(root, [OLD])
    says(root)
    return root


def says(root: Path, **report: Any) -> None:
    whole = {"version": "3.13.1", "prefix": str(root), "mapped": [], "failed": {}, **report}
    script(root, f"echo noise\ncat <<'END'\n{json.dumps(whole)}\nEND\n")


def script(root: Path, text: str) -> None:
    (root / "bin" / "python3.13").write_text(f"#!/bin/sh\nPATH=/bin:/usr/bin\n{text}")


def fault(root: Path, original: Path | None = None, old: str = OLD) -> str:
    with pytest.raises(SiteError, match=r"Python 3\.13\.1 does not work from") as caught:
        prove(root, version="3.13.1", old=[old], modules=["ssl"], runner=RUNNER, original=original)
    assert caught.value.reference == "python-not-proved"
    return caught.value.cause


def test_an_interpreter_at_home_passes(root: Path) -> None:
    says(root, mapped=[f"{root}/lib/libpython3.13.so.1.0", "/lib/x86_64-linux-gnu/libc.so.6"])
    prove(root, version="3.13.1", old=[OLD], modules=[], runner=RUNNER)


def test_it_runs_in_an_empty_environment(root: Path) -> None:
    script(root, 'test -z "$PYTHONHOME" || exit 1; ' + (root / "bin/python3.13").read_text())
    prove(root, version="3.13.1", old=[OLD], modules=[], runner=RUNNER)


def test_another_version_is_a_fault(root: Path) -> None:
    says(root, version="3.13.2")
    assert fault(root) == "It is Python 3.13.2."


def test_another_prefix_is_a_fault(root: Path) -> None:
    says(root, prefix="/usr")
    assert fault(root) == "Its prefix is /usr."


def test_a_file_mapped_from_the_old_prefix_is_a_fault(root: Path) -> None:
    says(root, mapped=[f"{OLD}/lib/libssl.so.3", f"{OLD}er/lib/libssl.so.3"])
    assert fault(root).splitlines()[0] == f"It loads {OLD}/lib/libssl.so.3."
    assert f"{OLD}er" not in fault(root)


def test_a_libpython_of_any_other_place_is_a_fault(root: Path) -> None:
    says(root, mapped=["/usr/lib/libpython3.13.so.1.0"])
    assert fault(root) == "It loads /usr/lib/libpython3.13.so.1.0."


def test_a_file_of_its_own_is_none_where_the_old_prefix_holds_the_new_one(root: Path) -> None:
    says(root, mapped=[f"{root}/lib/libssl.so.3"])
    old = str(root.parent)
    (root / "lib/pkgconfig/python-3.13.pc").write_text(f"prefix={root}")
    prove(root, version="3.13.1", old=[old], modules=[], runner=RUNNER, original=Path(old))


def test_each_module_that_cannot_be_imported_is_a_fault(root: Path) -> None:
    says(root, failed={"ssl": "ImportError: libssl.so.3", "zlib": "ImportError: libz.so.1"})
    assert fault(root).splitlines() == [
        "It cannot import ssl: ImportError: libssl.so.3.",
        "It cannot import zlib: ImportError: libz.so.1.",
    ]


def test_an_interpreter_that_ends_before_it_reports_is_a_fault_with_its_own_words(root: Path) -> None:
    script(root, "echo libpython: cannot open >&2; exit 127")
    assert "ended with status 127: libpython: cannot open" in fault(root)


def test_an_interpreter_that_says_nothing_is_a_fault(root: Path) -> None:
    script(root, "exit 0")
    assert "it printed nothing" in fault(root)


@pytest.mark.parametrize(
    "name", ["bin/pip", "lib/pkgconfig/python-3.13.pc", "lib/python3.13/_sysconfigdata__linux_.py"]
)
def test_a_file_that_mentions_the_old_prefix_is_a_fault(root: Path, name: str) -> None:
    (root / name).write_text(f"#!{OLD}/bin/python3\n")
    assert fault(root) == f"{root / name} mentions {OLD}."


def test_a_link_into_the_old_prefix_is_a_fault(root: Path) -> None:
    (root / "bin" / "python3").unlink()
    (root / "bin" / "python3").symlink_to(f"{OLD}/bin/python3.13")
    assert fault(root) == f"{root}/bin/python3 mentions {OLD}."


def test_a_binary_that_searches_the_old_prefix_is_a_fault(root: Path) -> None:
    (root / "lib" / "libssl.so.3").write_bytes(elf_file(runpath=f"$ORIGIN:{OLD}/lib"))
    assert fault(root) == f"{root}/lib/libssl.so.3 mentions {OLD}."


def test_the_prefix_compiled_into_a_binary_is_not_a_fault(root: Path) -> None:
    (root / "lib" / "libpython3.13.so.1.0").write_bytes(elf_file() + OLD.encode() + b"\0")
    prove(root, version="3.13.1", old=[OLD], modules=[], runner=RUNNER)


def test_sources_that_have_the_old_prefix_for_a_word_of_their_own_are_not_a_fault(root: Path) -> None:
    (root / "lib/python3.13/os.pyc").write_bytes(b"/usr/local")
    prove(root, version="3.13.1", old=[OLD, "/usr/local"], modules=[], runner=RUNNER)


def test_the_original_is_hidden_where_this_machine_lets_us(root: Path, tmp_path: Path) -> None:
    original = tmp_path / "original"
    original.mkdir()
    (original / "marker").touch()
    script(
        root, f"ls {original}; " + (root / "bin/python3.13").read_text() + f"\ntest ! -e {original}/marker"
    )
    users = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    permitted = subprocess.run(
        ["unshare", *users, "--mount", "mount", "-t", "tmpfs", "none", original], check=False
    )
    if permitted.returncode:
        pytest.skip("this machine does not let us hide a directory")
    prove(root, version="3.13.1", old=[OLD], modules=[], runner=RUNNER, original=original)
    assert (original / "marker").exists()


def test_what_cannot_be_hidden_does_not_stop_the_proof(root: Path, tmp_path: Path) -> None:
    prove(root, version="3.13.1", old=[OLD], modules=[], runner=RUNNER, original=tmp_path / "not-there")


def original_says(tmp_path: Path, **report: Any) -> Path:
    original = tmp_path / "original"
    (original / "bin").mkdir(parents=True)
    says(original, **report)
    (original / "bin" / "python3.13").chmod(0o755)
    return original


def test_a_module_that_the_original_cannot_import_either_is_no_fault(root: Path, tmp_path: Path) -> None:
    says(root, failed={"_crypt": "ImportError: libcrypt.so.1"})
    original = original_says(tmp_path, failed={"_crypt": "ImportError: libcrypt.so.1"})
    prove(root, version="3.13.1", old=[OLD], modules=["_crypt"], runner=RUNNER, original=original)


def test_a_module_that_only_the_original_can_import_is_a_fault(root: Path, tmp_path: Path) -> None:
    says(root, failed={"_crypt": "ImportError: libcrypt.so.1", "_ssl": "ImportError: libssl.so.3"})
    original = original_says(tmp_path, failed={"_crypt": "ImportError: libcrypt.so.1"})
    assert fault(root, original) == "It cannot import _ssl: ImportError: libssl.so.3."


def test_an_original_that_does_not_work_excuses_everything(root: Path, tmp_path: Path) -> None:
    says(root, failed={"_ssl": "ImportError: libssl.so.3"})
    original = original_says(tmp_path)
    script(original, "exit 1")
    prove(root, version="3.13.1", old=[OLD], modules=["_ssl"], runner=RUNNER, original=original)


def test_the_original_is_not_started_if_the_copy_imports_everything(root: Path, tmp_path: Path) -> None:
    original = original_says(tmp_path)
    script(original, f"touch {tmp_path}/started")
    prove(root, version="3.13.1", old=[OLD], modules=["_ssl"], runner=RUNNER, original=original)
    assert not (tmp_path / "started").exists()
