"""Builds after the first: each ends with what a fresh install would have, and does no more than it takes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from layerwright.build.layers.names import STAND_INS
from layerwright.testing.distributions import wheel
from layerwright.testing.tree import tree

if TYPE_CHECKING:
    from tests.integration.site import SharedIndex, Site

pytestmark = [pytest.mark.integration, pytest.mark.measured]

KEPT = dict.fromkeys(("python", "tool-pip", STAND_INS, "cache-pip", "venv"), "kept")
UPDATED = {**KEPT, "venv": "updated"}
CREATED = {**KEPT, "venv": "created"}

# What only a change, an error or another command needs, and the most modules of Layerwright that the rest may have.
UNNEEDED = (
    "argparse",
    "importlib.metadata",
    "layerwright.build.installed.secretless",
    "layerwright.build.notices.unclaimed",
    "layerwright.cnb.context",
    "layerwright.cnb.layers.view",
    "layerwright.files.trees.linking",
    "layerwright.local._processes",
    "layerwright.process._group",
    "layerwright.process.failures",
    "layerwright.process.shell.script",
    "layerwright.process.shell.tokens",
    "logging",
    "optparse",
    "packaging",
    "pbs_installer",
    "pydantic",
    "random",
    "rich",
    "shutil",
    "subprocess",
    "tempfile",
    "typing_extensions",
)
MODULES = 185

# What follows the audit hook is the whole of Layerwright, and of its forks: what starts a program is told and ended.
# What the measurement of the coverage has imported before does not count.
NO_PROCESS = """\
import os, signal, sys
before = {*sys.modules}
most, *needless = sys.argv[1:]
STARTING = {"os.exec", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"}
first = os.getpid()
def end(event, arguments):
    if event in STARTING:
        os.write(2, f"{event} {arguments}\\n".encode())
        if os.getpid() != first:
            os.kill(first, signal.SIGKILL)
        os._exit(99)
sys.addaudithook(end)
from layerwright.cli.main import main
status = main(["build"])
new = sys.modules.keys() - before
ours = [name for name in new if name.startswith("layerwright")]
found = sorted(new.intersection(needless)) + ([f"{len(ours)} modules"] if len(ours) > int(most) else [])
os.write(2, ", ".join(found).encode())
# The standard library compiles the methods of a dataclass from a string.
for module in [module for name, module in sys.modules.items() if name.startswith("layerwright")]:
    for name, value in vars(module).items():
        code = getattr(vars(value).get("__init__"), "__code__", None) if isinstance(value, type) else None
        if code and code.co_filename == "<string>":
            os.write(2, f"{module.__name__}.{name} has generated methods\\n".encode())
sys.exit(status)
"""


def without_process(site: Site) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", NO_PROCESS, str(MODULES), *UNNEEDED],
        env=site.env,
        cwd=site.app.path,
        capture_output=True,
        text=True,
        check=False,
    )


def lock(index: SharedIndex) -> str:
    return f"{index.requirement('acme', '1.0')}\n{index.requirement('base', '1.0')}\n"


def test_every_module_that_a_build_with_nothing_changed_does_without_exists() -> None:
    assert [name for name in UNNEEDED if find_spec(name) is None] == []


def test_a_first_build_makes_every_layer_and_a_process_that_runs(new_site: Site) -> None:
    outcome = new_site.build()

    assert outcome.layers == dict.fromkeys(KEPT, "created")
    assert new_site.installed() == {"acme": "1.0", "base": "1.0"}
    assert new_site.seen()["distributions"] == {"acme": "1.0", "base": "1.0"}


def test_nothing_changed_and_unlocked_means_that_pip_resolves_and_does_no_more(site: Site) -> None:
    before = tree(site.layers / "venv")

    outcome = site.build()

    assert outcome.layers == KEPT
    assert outcome.commands == ["pip install --dry-run -r requirements.txt"]
    assert tree(site.layers / "venv") == before


def test_nothing_changed_and_locked_by_hash_means_that_no_process_is_started(
    site: Site, index: SharedIndex
) -> None:
    site.app.write("requirements.txt", lock(index))
    site.build()
    requests = len(index.requests)

    done = without_process(site)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "Layer venv kept" in done.stdout
    assert len(index.requests) == requests


def test_the_proof_that_no_process_is_started_notices_one(site: Site) -> None:
    done = without_process(site)

    assert done.returncode == 99
    assert done.stderr.startswith("subprocess.Popen")


def test_a_comment_in_a_lock_file_changes_nothing(site: Site, index: SharedIndex) -> None:
    site.app.write("requirements.txt", lock(index))
    site.build()

    site.app.write("requirements.txt", f"# A comment.\n{lock(index)}")

    assert site.build().layers == KEPT
    assert without_process(site).returncode == 0


def test_a_requirement_that_is_added_is_installed_and_the_rest_stays(site: Site, index: SharedIndex) -> None:
    index.add(wheel("extra", "2.0"))
    site.app.write("requirements.txt", "acme\nextra\n")
    before = (site.site_packages / "acme" / "__init__.py").stat()

    outcome = site.build()

    assert outcome.layers == UPDATED
    assert "requirements.txt changed" in outcome.reasons("venv")
    assert site.installed() == {"acme": "1.0", "base": "1.0", "extra": "2.0"}
    after = (site.site_packages / "acme" / "__init__.py").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_requirement_that_is_gone_is_removed_with_its_files(site: Site) -> None:
    site.app.write("requirements.txt", "base\n")

    assert site.build().layers == UPDATED
    assert site.installed() == {"base": "1.0"}
    assert list(site.site_packages.glob("acme*")) == []


def test_without_requirements_nothing_is_left(site: Site) -> None:
    site.app.write("requirements.txt", "")

    site.build()

    assert site.installed() == {}


def test_what_the_index_has_anew_is_picked_up_where_nothing_is_locked(site: Site, index: SharedIndex) -> None:
    index.add(wheel("acme", "1.1", requires=["base"]))

    outcome = site.build()

    assert outcome.layers == UPDATED
    assert outcome.reasons("venv") == "the resolution changed"
    assert site.installed() == {"acme": "1.1", "base": "1.0"}


def test_a_version_that_is_no_longer_allowed_is_replaced_by_an_older_one(
    site: Site, index: SharedIndex
) -> None:
    index.add(wheel("base", "0.9"), wheel("acme", "0.5", requires=["base<1"]))
    site.app.write("requirements.txt", "acme<1\n")

    site.build()

    assert site.installed() == {"acme": "0.5", "base": "0.9"}


def test_a_dependency_that_nothing_requires_any_more_is_removed(site: Site, index: SharedIndex) -> None:
    index.add(wheel("acme", "2.0"))

    site.build()

    assert site.installed() == {"acme": "2.0"}


def test_several_changes_at_once_are_reported_and_all_made(site: Site, index: SharedIndex) -> None:
    index.add(wheel("extra", "2.0"))
    site.app.write("requirements.txt", "extra\n")
    site.app.write("layerwright.toml", "[pip]\nlaunch = true\n")

    outcome = site.build()

    assert outcome.layers == {name: what for name, what in UPDATED.items() if name != STAND_INS}
    assert "To install: extra 2.0" in outcome.log
    assert "To remove: acme, base" in outcome.log
    assert f"Removed, no longer needed: {STAND_INS}" in outcome.log
    assert not (site.layers / STAND_INS).exists()
    assert site.installed() == {"extra": "2.0"}


def test_clean_recreates_every_layer(site: Site) -> None:
    outcome = site.build("--clean")

    assert outcome.layers == dict.fromkeys(KEPT, "created")
    assert {outcome.reasons(layer) for layer in KEPT} == {"--clean"}
    assert site.installed() == {"acme": "1.0", "base": "1.0"}


def test_a_distribution_that_was_removed_by_hand_comes_back(site: Site) -> None:
    for path in site.site_packages.glob("base*"):
        shutil.rmtree(path)

    outcome = site.build()

    assert outcome.reasons("venv").endswith(" and 2 more")
    assert site.installed() == {"acme": "1.0", "base": "1.0"}


def test_a_distribution_that_was_added_by_hand_goes(site: Site) -> None:
    metadata = site.site_packages / "stray-3.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: stray\nVersion: 3\n\n")
    (metadata / "RECORD").write_text("".join(f"stray-3.dist-info/{n},,\n" for n in ("METADATA", "RECORD")))

    site.build()

    assert site.installed() == {"acme": "1.0", "base": "1.0"}


@pytest.mark.parametrize("content", ["{", "[1]", '{"a": 1}'])
def test_a_damaged_list_of_what_was_resolved_costs_time_and_nothing_else(
    site: Site, index: SharedIndex, content: str
) -> None:
    record = site.layers / "venv" / "resolved.json"
    record.unlink()
    record.write_text(content)
    index.add(wheel("extra", "2.0"))
    site.app.write("requirements.txt", "acme\nextra\n")

    site.build()

    assert site.installed() == {"acme": "1.0", "base": "1.0", "extra": "2.0"}
    assert {d["name"] for d in json.loads(record.read_text())} == {"acme", "base", "extra"}


@pytest.mark.parametrize(
    ("layer", "content"),
    [
        pytest.param("venv", "\0", id="not TOML"),
        pytest.param("venv", "metadata = 3\n", id="metadata not a table"),
        pytest.param("venv", '[metadata]\nschema = "0"\n', id="of another version"),
        pytest.param("venv", '[metadata]\nschema = "2"\ninputs = 3\ncontent-inputs = [1]\n', id="no tables"),
        pytest.param("venv", None, id="absent"),
        pytest.param("tool-pip", "[", id="of the tool layer"),
    ],
)
def test_a_layer_whose_record_was_damaged_by_hand_is_recreated(
    site: Site, layer: str, content: str | None
) -> None:
    record = site.record(layer)
    record.unlink()
    if content is not None:
        record.write_text(content)

    outcome = site.build()

    assert outcome.layers == {**KEPT, layer: "created"}
    assert site.installed() == {"acme": "1.0", "base": "1.0"}
    assert site.build().layers == KEPT


def test_a_layer_whose_contents_are_gone_is_recreated(site: Site) -> None:
    shutil.rmtree(site.layers / "venv")

    assert site.build().layers == CREATED
    assert site.installed() == {"acme": "1.0", "base": "1.0"}


def test_an_interpreter_that_was_damaged_is_recreated(site: Site) -> None:
    [interpreter] = (site.layers / "python" / "bin").glob("python3.*[0-9]")
    content = interpreter.read_bytes()
    # Replaced and not written into, because the site that other tests start from has the same file.
    interpreter.unlink()
    interpreter.write_bytes(content[:100])
    interpreter.chmod(0o755)

    outcome = site.build()

    assert outcome.layers["python"] == "created"
    assert f"bin/{interpreter.name}" in outcome.reasons("python")
    assert site.seen()["distributions"]["acme"] == "1.0"


def test_another_set_of_requirements_files_is_a_reason(site: Site) -> None:
    site.app.write("requirements/web.txt", "base\n")
    site.app.write("layerwright.toml", '[pip]\nrequirements = ["requirements/web.txt"]\n')

    outcome = site.build()

    assert "command pip install: requirements.txt → requirements/web.txt" in outcome.reasons("venv")
    assert site.installed() == {"base": "1.0"}


def test_a_requirement_that_is_not_met_is_a_warning_in_pips_words(site: Site) -> None:
    outcome = site.build(env={"PIP_NO_DEPS": "1"})

    assert site.installed() == {"acme": "1.0"}
    assert "Warning: pip check finds:\n  acme 1.0 requires base, which is not installed." in outcome.log
