"""A sample that is installed again: chosen, packed, compared."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from layerwright.build.sample.choose import choose_sample, pack
from layerwright.build.sample.compare import different_files
from layerwright.build.sample.examine import why_written_otherwise
from layerwright.contract.sameness import Resolved
from layerwright.process.command import Command
from tests.unit.build.samples import Site

if TYPE_CHECKING:
    from pathlib import Path

SITE = "lib/python3.13/site-packages"


def install(
    environment: Path,
    name: str,
    *,
    script: str = "",
    modules: int = 1,
    wheel: str = "Tag: py3-none-any\n",
    more: str = "",
    entry_points: str | None = None,
    url: bool = False,
) -> Path:
    """Install ``name`` 1.0; return its metadata directory."""
    site = environment / SITE
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    files = {f"{name}{n}.py,sha256=x,4": "pass" for n in range(modules)}
    files |= {f"{info.name}/METADATA,sha256=m,9": "Name: x\n", f"{info.name}/INSTALLER,sha256=i,4": "pip\n"}
    if wheel:
        files[f"{info.name}/WHEEL,sha256=w,9"] = wheel
    if script or entry_points is not None:
        text = f"[console_scripts]\n{script} = {name}0:main\n" if entry_points is None else entry_points
        files[f"{info.name}/entry_points.txt,sha256=e,9"] = text
    if script:
        (environment / "bin").mkdir(exist_ok=True)
        files[f"../../../bin/{script},sha256=s,9"] = f"#!{environment}/bin/python\nmain()\n"
    for row, content in files.items():
        (site / row.partition(",")[0]).write_text(content)
    if script:
        (environment / "bin" / script).chmod(0o755)
    if url:
        (info / "direct_url.json").write_text("{}")
    rows = [
        *files,
        f"{name}.pyc,,",
        f"{info.name}/REQUESTED,,",
        *filter(None, [more]),
        f"{info.name}/RECORD,,",
    ]
    (info / "RECORD").write_text("".join(f"{row}\n" for row in rows))
    return info


def test_the_smallest_distribution_with_a_script_is_the_sample(tmp_path: Path) -> None:
    install(tmp_path, "a")
    install(tmp_path, "b", script="b", modules=3)
    install(tmp_path, "c", script="c", modules=2)
    sample = choose_sample(tmp_path / SITE)
    assert sample is not None
    assert sample.directory.name == "c-1.0.dist-info"
    assert sample.scripts == ("../../../bin/c",)
    assert sample.packed == (
        "c0.py", "c1.py", "c-1.0.dist-info/METADATA", "c-1.0.dist-info/WHEEL", "c-1.0.dist-info/entry_points.txt",
    )  # fmt: skip


def test_without_scripts_the_smallest_distribution_is_the_sample(tmp_path: Path) -> None:
    install(tmp_path, "a", modules=2)
    install(tmp_path, "b")
    sample = choose_sample(tmp_path / SITE)
    assert sample is not None
    assert sample.directory.name == "b-1.0.dist-info"


@pytest.mark.parametrize(
    "unusual",
    [
        {"url": True},
        {"wheel": ""},
        {"more": "../../../share/man/a.1,,"},
        {"script": "a", "entry_points": "not an INI file"},
        {"script": "a", "entry_points": "[other]\na = a:main\n"},
    ],
)
def test_what_is_not_from_an_ordinary_wheel_is_no_sample(tmp_path: Path, unusual: Any) -> None:
    install(tmp_path, "a", **unusual)
    assert choose_sample(tmp_path / SITE) is None


def test_a_sample_is_packed_with_the_hashes_of_its_files(tmp_path: Path) -> None:
    install(tmp_path / "venv", "a", script="a")
    sample = choose_sample(tmp_path / "venv" / SITE)
    assert sample is not None
    wheel = pack(sample, tmp_path)
    assert wheel.name == "a-1.0-py3-none-any.whl"
    with ZipFile(wheel) as archive:
        assert archive.namelist() == [*sample.packed, "a-1.0.dist-info/RECORD"]
        assert archive.read("a-1.0.dist-info/RECORD").decode() == (
            "a0.py,sha256=x,4\na-1.0.dist-info/METADATA,sha256=m,9\na-1.0.dist-info/WHEEL,sha256=w,9\n"
            "a-1.0.dist-info/entry_points.txt,sha256=e,9\n"
        )


def test_a_sample_for_several_pythons_is_packed_for_all_of_them(tmp_path: Path) -> None:
    install(tmp_path / "venv", "a", wheel="Tag: py2-none-any\nTag: py3-none-any\n")
    sample = choose_sample(tmp_path / "venv" / SITE)
    assert sample is not None
    assert pack(sample, tmp_path).name == "a-1.0-py2.py3-none-any.whl"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (":", ()),
        # The script has the path of its environment, so its hash is another one.
        ("sed -i 's/sha256=s/sha256=t/' $site/a-1.0.dist-info/RECORD", ()),
        ("sed -i /REQUESTED/d $site/a-1.0.dist-info/RECORD", ()),
        ("echo 1 > $site/a-1.0.dist-info/REQUESTED", ()),
        ("echo 1 > $site/a0.pyc", ()),
        ("echo 1 >> bin/a", ("bin/a",)),
        ("chmod 644 bin/a", ("bin/a",)),
        ("rm bin/a", ("bin/a",)),
        ("echo uv > $site/a-1.0.dist-info/INSTALLER", (f"{SITE}/a-1.0.dist-info/INSTALLER",)),
        ("echo 1 > $site/a-1.0.dist-info/more.json", (f"{SITE}/a-1.0.dist-info/more.json",)),
        ("sed -i s/sha256=x/sha256=y/ $site/a-1.0.dist-info/RECORD", (f"{SITE}/a-1.0.dist-info/RECORD",)),
        ("echo 1 > $site/b.py", (f"{SITE}/b.py",)),
    ],
)
def test_every_file_of_the_sample_is_compared(tmp_path: Path, change: str, expected: tuple[str, ...]) -> None:
    place = Site(tmp_path)
    old, new = tmp_path / "old", tmp_path / "new"
    for environment in (old, new):
        install(environment, "a", script="a")
    sample = choose_sample(old / SITE)
    assert sample is not None
    place.runner.run(Command(argv=("sh", "-euc", f"site={SITE}; {change}"), cwd=new))
    assert different_files(sample, old, new) == expected


class Examined:
    """Examines an environment with ``a``, whose package manager now copies *directory* instead."""

    def __init__(self, path: Path, **changes: Any) -> None:
        self.site = Site(path)
        self.path = path
        self.environment = path / "venv"
        install(self.environment, "a", script="a", **changes)
        self.place = path / "sample"

    def why(self, script: str, archive: str = "a-1.0-py3-none-any.whl") -> str:
        def reinstall(wheel: Path, environment: Path) -> Command:
            assert wheel.name == "a-1.0-py3-none-any.whl"
            return Command(argv=("sh", "-euc", script, "sh", str(self.path / "new"), str(environment)))

        found = why_written_otherwise(
            self.environment,
            [Resolved(name="a", version="1.0", archive=archive)],
            reinstall,
            interpreter=self.site.interpreter,
            runner=self.site.runner,
            place=self.place,
        )
        assert not self.place.exists()
        return found


def test_another_version_that_writes_the_same_files_has_nothing_against_it(tmp_path: Path) -> None:
    examined = Examined(tmp_path)
    new = tmp_path / "sample" / "environment"
    install(new, "a", script="a")
    new.rename(tmp_path / "new")
    shutil.rmtree(tmp_path / "sample")
    assert examined.why('cp -r "$1"/. "$2"') == ""
    assert examined.why('cp -r "$1"/. "$2"; echo 1 >> "$2/bin/a"') == "it writes bin/a differently"


def test_a_failure_to_install_the_sample_proves_nothing(tmp_path: Path) -> None:
    assert Examined(tmp_path).why("exit 1") == "it cannot install a distribution again to compare it"


@pytest.mark.parametrize("archive", ["a-1.0.tar.gz", ""])
def test_what_is_built_here_may_be_built_differently(tmp_path: Path, archive: str) -> None:
    assert Examined(tmp_path).why("exit 1", archive) == "it may build a differently"


def test_without_a_sample_nothing_is_proved(tmp_path: Path) -> None:
    assert (
        Examined(tmp_path, url=True).why("exit 1") == "no distribution can be installed again to compare it"
    )
