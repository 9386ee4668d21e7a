"""The command line: exit statuses, what each command prints, and what it leaves alone."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import layerwright_pdm
from layerwright.cnb.package.oci_layout import read_image
from layerwright.testing.distributions import source_tree, wheel
from layerwright.testing.tree import difference, tree
from tests.fixtures.lifecycle import write_lifecycle
from tests.integration.test_bad_input import build_with_plugin

if TYPE_CHECKING:
    from tests.integration.site import SharedIndex, Site

pytestmark = [pytest.mark.integration, pytest.mark.measured]


def test_detect_names_the_package_manager_and_the_evidence(site: Site) -> None:
    assert site.layerwright("detect").log == "pip, because requirements.txt exists\n"
    assert (
        site.layerwright("detect", site.app.path, cwd=site.root).log
        == "pip, because requirements.txt exists\n"
    )


def test_detect_ends_with_100_where_nothing_is_pythons(new_site: Site) -> None:
    for name in ("main.py", "requirements.txt"):
        new_site.app.remove(name)

    assert "looks like a Python application" in new_site.layerwright("detect", status=100).log


def test_detect_says_what_is_missing_from_what_looks_like_python(new_site: Site) -> None:
    new_site.app.remove("requirements.txt")
    new_site.app.remove("main.py")
    new_site.app.write("tool.py", "")

    assert "No package manager claims this application." in new_site.layerwright("detect", status=100).errors


def test_detect_ends_with_1_where_it_cannot_tell(site: Site) -> None:
    site.app.write("layerwright.toml", "[pip\n")

    assert "layerwright.toml is not valid TOML." in site.layerwright("detect", status=1).errors


def test_explain_changes_nothing_anywhere(site: Site, index: SharedIndex) -> None:
    index.add(wheel("extra", "2.0"))
    site.app.write("requirements.txt", "acme\nextra\n")
    site.app.write("layerwright.toml", "[pip]\nlaunch = true\n")
    requests = len(index.requests)
    before = tree(site.root)

    outcome = site.layerwright("explain")

    assert difference(before, tree(site.root)) == ""
    assert len(index.requests) == requests
    assert "Layers to remove" in outcome.log


def test_explain_before_the_first_build_leaves_only_what_it_learnt_about_this_machine(new_site: Site) -> None:
    before = tree(new_site.root)

    outcome = new_site.layerwright("explain")

    assert "create: first build" in outcome.log
    assert difference(before, tree(new_site.root)) == "+ cache/interpreters.json (file)"


def test_explain_as_json_is_the_same_every_time_and_holds_what_is_promised(site: Site) -> None:
    first, second = (site.layerwright("explain", "--json").log for _ in range(2))

    assert first == second
    explained = json.loads(first)
    assert list(explained) == [
        "application-directory",
        "package-manager",
        "python",
        "policy",
        "layers",
        "dropped",
        "launch-environment",
        "processes",
        "not-proposed",
        "post-install",
        "asked-by-what-is-installed",
        "asked-by-what-is-expected",
        "recovers",
        "refused",
        "warnings",
    ]
    assert explained["application-directory"] is None
    assert explained["package-manager"] == {"name": "pip", "reason": "requirements.txt exists"}
    assert [s["wins"] for s in explained["python"]["sources"]] == [True]
    assert {layer["action"] for layer in explained["layers"]} == {"keep"}
    assert explained["processes"] == [
        {"type": "web", "command": ["python", "main.py"], "default": True, "origin": "Procfile"}
    ]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({}, id="nothing changed"),
        pytest.param({"requirements.txt": "base\n"}, id="requirements changed"),
        pytest.param({"layerwright.toml": "[pip]\nlaunch = true\n"}, id="launch changed"),
        pytest.param({"requirements.txt": "./local\n"}, id="a local directory"),
        pytest.param({"requirements.txt": "-e ./local\n"}, id="not provable"),
    ],
)
def test_what_explain_says_is_what_the_build_then_does(site: Site, files: dict[str, str]) -> None:
    for name, content in source_tree("local", "1.0").items():
        site.app.write(f"local/{name}", content)
    for name, content in files.items():
        site.app.write(name, content)
    explained = json.loads(site.layerwright("explain", "--json").log)

    outcome = site.build()

    done = {"keep": "kept", "update": "updated", "create": "created"}
    assert outcome.layers == {layer["name"]: done[layer["action"]] for layer in explained["layers"]}
    for layer in explained["layers"]:
        if layer["name"] != "venv":
            assert outcome.reasons(layer["name"]) == "; ".join(layer["reasons"])


def test_after_a_change_of_pip_the_build_keeps_what_the_explanation_says_it_may_keep(site: Site) -> None:
    site.app.write("layerwright.toml", '[pip]\nversion = "25.3"\n')
    explained = json.loads(site.layerwright("explain", "--json").log)
    [venv] = [layer for layer in explained["layers"] if layer["name"] == "venv"]
    assert venv["reasons"] == [
        "pip version: 26.3 → 25.3",
        "kept if it resolves to the same and writes the same files, otherwise updated or created",
    ]
    assert site.build().layers["venv"] == "kept"


def test_config_shows_each_value_with_its_origin(site: Site) -> None:
    site.app.write("layerwright.toml", "[pip]\nlaunch = true\n")
    site.app.write("pyproject.toml", '[tool.layerwright.pip]\nlaunch = false\nversion = "25.3"\n')

    log = site.layerwright("config").log

    assert re.search(r"^  python\.provider +system +LAYERWRIGHT_PYTHON_PROVIDER$", log, re.MULTILINE)
    assert re.search(r"^  pip\.launch +true +layerwright\.toml: pip\.launch$", log, re.MULTILINE)
    assert re.search(
        r"^  pip\.version +25\.3 +pyproject\.toml: tool\.layerwright\.pip\.version$", log, re.MULTILINE
    )
    assert re.search(r"^  pip\.requirements +requirements\.txt +default$", log, re.MULTILINE)


def test_config_set_and_use_keep_comments_and_say_what_they_wrote(site: Site) -> None:
    site.app.write("layerwright.toml", "# Why.\n[pip]  # the tool\nversion = '25.3' # old\n")

    assert (
        site.layerwright("config", "set", "pip.launch", "true").log
        == "pip.launch = true in layerwright.toml\n"
    )
    assert site.layerwright("use", "pip").log == 'package-manager = "pip" in layerwright.toml\n'

    text = (site.app.path / "layerwright.toml").read_text()
    assert "# Why." in text
    assert "[pip]  # the tool\nversion = '25.3' # old\nlaunch = true\n" in text
    assert "pip, because" in site.layerwright("detect").log


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("config", "set", "pip.launch", "maybe"), "pip.launch must be"),
        (("config", "set", "pip.lunch", "true"), "did you mean pip.launch?"),
        (("use", "pipp"), "did you mean pip?"),
    ],
)
def test_a_value_that_is_none_is_refused_and_nothing_is_written(
    site: Site, arguments: tuple[str, ...], words: str
) -> None:
    before = site.app.snapshot()

    assert words in site.layerwright(*arguments, status=1).errors

    assert site.app.snapshot() == before


def test_plugins_are_listed_with_what_they_provide(site: Site) -> None:
    assert re.search(
        r"^  layerwright-pip +\S+ +pip +requirements\.txt \(conclusive\), .*pylock\.toml.*$",
        site.layerwright("plugins").log,
        re.MULTILINE,
    )
    listed = json.loads(site.layerwright("plugins", "--json").log)
    declared = str(Path(layerwright_pdm.__file__).with_name("package-manager.toml"))
    assert [one for one in listed if one["package-managers"]] == [
        {
            "distribution": f"layerwright-{name}",
            "version": "0.1.0",
            "api": [2],
            "package-managers": [name],
            "hooks": [] if name == "pdm" else ["layerwright_package_managers"],
            "kind": "declarative" if name == "pdm" else "programmed",
            "declaration": declared if name == "pdm" else None,
            "conclusive": conclusive,
            "evidence": evidence,
            "refines": [],
            "problem": None,
            "disabled": False,
        }
        for name, conclusive, evidence in (
            ("pdm", ["pdm.lock"], ["pyproject.toml"]),
            ("pip", ["requirements.txt"], ["*.py", "pylock.toml", "pyproject.toml", "setup.cfg", "setup.py"]),
            ("pipenv", ["Pipfile.lock"], ["Pipfile"]),
            ("poetry", ["poetry.lock"], ["pyproject.toml"]),
            ("uv", ["uv.lock"], ["*.py.lock", "pyproject.toml"]),
        )
    ]


def test_with_every_plugin_off_nothing_is_claimed_and_the_list_says_so(site: Site) -> None:
    env = {"LAYERWRIGHT_DISABLE_PLUGINS": "pdm pip pipenv poetry uv"}

    assert site.layerwright("detect", status=100, env=env).errors.startswith("\nError: ")
    assert re.search(r"layerwright-pip .* disabled$", site.layerwright("plugins", env=env).log, re.MULTILINE)


@pytest.mark.parametrize("on_path", [True, False])
def test_a_build_ends_with_words_that_run_it(site: Site, on_path: bool) -> None:
    script = Path(sys.executable).with_name("layerwright")
    if not script.exists():
        pytest.skip("Layerwright's script is not installed beside the interpreter")
    env = {**site.env, "PATH": f"{script.parent}:{site.env['PATH']}"} if on_path else site.env

    log = subprocess.check_output([script, "build", site.app.path], env=env, text=True)

    words = log.splitlines()[-1].removeprefix("  Run it: ")
    assert words.startswith("layerwright run" if on_path else str(script))
    seen = json.loads(subprocess.check_output(words.split(), env=env, text=True))
    assert seen["distributions"] == {"acme": "1.0", "base": "1.0"}


def test_a_build_without_processes_says_how_to_name_one(site: Site) -> None:
    site.app.remove("Procfile")
    assert (
        "web (default): python main.py  [layerwright-frameworks 0.1.0, because main.py exists"
        in site.build().log
    )
    (site.app.path / "main.py").rename(site.app.path / "shop.py")

    log = site.build().log

    assert (
        "  None: neither the configuration nor a Procfile defines one, and no plugin proposes one.\n" in log
    )
    assert log.splitlines()[-1].startswith("  Define one in a Procfile")
    assert "/errors.html#no-process\n" in site.layerwright("run", status=1).errors


def test_what_reads_only_the_beginning_of_a_log_ends_it_quietly(site: Site) -> None:
    build = subprocess.Popen(
        site.command("build"),
        env=site.env,
        cwd=site.app.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert build.stdout is not None
    assert build.stderr is not None
    with build.stdout, build.stderr:
        assert build.stdout.readline() == "Package manager\n"
        build.stdout.close()
        assert build.stderr.read() == ""
    assert build.wait(60) == 141
    assert site.seen()["distributions"] == {"acme": "1.0", "base": "1.0"}


def test_an_application_that_is_missing_is_named(site: Site) -> None:
    assert "nowhere does not exist." in site.layerwright("build", "nowhere", status=1).errors
    assert "Procfile is neither a directory nor a Python script." in (
        site.layerwright("build", "Procfile", status=1).errors
    )


def test_layers_cannot_be_where_a_file_is(site: Site) -> None:
    errors = site.layerwright("build", "--layers", "main.py", status=1).errors

    assert "cannot be used for layers." in errors
    assert "Choose another directory with --layers" in errors


def test_a_lifecycle_builds_an_image_in_a_place_of_its_own(new_site: Site, tmp_path: Path) -> None:
    lifecycle = write_lifecycle(tmp_path / "lifecycle")

    log = new_site.build("--lifecycle", lifecycle).log

    image = new_site.layers.parent / "image-build" / "image" / "localhost" / "app" / "latest"
    digest = read_image(image).digest
    assert re.search(
        rf"^  layerwright +\d+ B  sha256:[0-9a-f]{{12}}\n  {image}: {digest}\n", log, re.MULTILINE
    )
    assert log.endswith(f"  Use it: skopeo copy oci:{image} docker-daemon:app:latest\n")
    assert not new_site.layers.exists()

    chosen = tmp_path / "layers"
    for more in ((), ("--clean",)):
        (chosen / "a-strangers").mkdir(parents=True, exist_ok=True)
        new_site.build("--lifecycle", lifecycle, "--layers", chosen, "--run-image", image, *more)
        assert read_image(chosen / "image" / "localhost" / "app" / "latest").digest == digest
        arguments = (chosen / ".layerwright" / "lifecycle" / "arguments").read_text().splitlines()
        assert ("-skip-restore" in arguments) is bool(more)
        assert (chosen / "a-strangers").exists()


def test_a_broken_plugin_is_in_the_list_with_the_reason(site: Site) -> None:
    build_with_plugin(site, "1 / 0\n")
    folder = site.root / "site-packages"

    log = site.layerwright("plugins", env={"PYTHONPATH": str(folder)}).log

    assert re.search(r"layerwright-other +1\.0 +.*ZeroDivisionError", log)


def test_a_terminal_gets_colours_unless_it_asks_for_none(site: Site) -> None:
    def shown(**more: str) -> bytes:
        reader, writer = pty.openpty()
        pid = os.fork()
        if pid == 0:
            os.dup2(writer, 1)
            os.dup2(writer, 2)
            os.close(reader)
            environment = {**site.env, "TERM": "xterm", **more}
            os.chdir(site.app.path)
            os.execve(sys.executable, site.command("explain"), environment)
        os.close(writer)
        output = b""
        while True:
            try:
                data = os.read(reader, 65536)
            except OSError:
                break
            if not data:
                break
            output += data
        os.close(reader)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        return output

    assert b"\033[1mPackage manager\033[0m" in shown()
    assert b"\033" not in shown(NO_COLOR="1")


def test_verify_finds_what_no_build_notices_and_a_repair_recreates_it(site: Site) -> None:
    assert "  venv: unchanged, " in site.layerwright("verify").log
    [library] = (site.layers / "python" / "lib").glob("python3.*")
    [bytecode] = library.glob("json/__pycache__/tool.*.pyc")
    for file in (bytecode, library / "LICENSE.txt"):
        damage_unnoticed(file)
    assert set(site.build().layers.values()) == {"kept"}

    outcome = site.layerwright("verify", status=1)

    assert f"{bytecode.relative_to(site.layers)} has other content" in outcome.log
    assert f"{library.relative_to(site.layers)}/LICENSE.txt has other content" in outcome.log
    assert "Modified or damaged: python." in outcome.errors
    repaired = site.layerwright("verify", "--repair")
    assert {name for name, action in repaired.layers.items() if action == "created"} == {"python"}
    assert repaired.reasons("python") == "--repair"
    site.layerwright("verify")


def damage_unnoticed(file: Path) -> None:
    """Cut *file* in half, as if in its place: the site that other tests start from has the same file."""
    content, before = file.read_bytes(), file.parent.stat()
    file.unlink()
    file.write_bytes(content[: len(content) // 2])
    os.utime(file.parent, ns=(before.st_atime_ns, before.st_mtime_ns))
