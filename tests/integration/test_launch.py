"""What ``run`` becomes: the process, in exactly the launch environment, and nothing of the build."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from layerwright.build.layers.names import STAND_INS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.site import Site

pytestmark = [pytest.mark.integration, pytest.mark.measured]


def test_the_application_imports_from_the_standard_library_and_its_venv_alone(site: Site) -> None:
    seen = site.seen()

    minor = ".".join(seen["python"].split(".")[:2])
    standard = f"{site.layers}/python/lib/python{minor}"
    assert [path for path in seen["path"] if not path.endswith(".zip")] == [
        standard,
        f"{standard}/lib-dynload",
        str(site.site_packages),
    ]


def test_settings_of_the_developers_shell_do_not_reach_the_application(site: Site, tmp_path: Path) -> None:
    shell = {
        "PYTHONPATH": str(tmp_path),
        "PYTHONSTARTUP": "/elsewhere",
        "PIP_NO_INPUT": "1",
        "VIRTUAL_ENV": "/elsewhere",
        "SECRET_KEY": "for the application",
    }

    environment = site.seen(env=shell)["environment"]

    assert environment["VIRTUAL_ENV"] == str(site.layers / "venv")
    assert environment["SECRET_KEY"] == "for the application"
    assert environment["PYTHONUNBUFFERED"] == "1"
    unwanted = (
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "PYTHONHOME",
        "PYTHONUSERBASE",
        "PIP_",
        "LAYERWRIGHT_",
        "CPATH",
    )
    assert [name for name in environment if name.startswith(unwanted)] == []
    venv, python, *others = environment["PATH"].split(":")
    assert (venv, python) == (f"{site.layers}/venv/bin", f"{site.layers}/python/bin")
    assert not any(part.startswith(str(site.layers / "tool")) for part in others)


def test_what_explain_says_of_the_launch_environment_is_what_the_application_gets(site: Site) -> None:
    explained = json.loads(site.layerwright("explain", "--json").log)["launch-environment"]

    environment = site.seen()["environment"]

    # What comes before the launch environment is the platform's, and explain is about layers alone.
    assert environment.pop("PATH").startswith(explained.pop("PATH"))
    assert {name: environment[name] for name in explained} == explained


def test_arguments_after_two_dashes_reach_the_process(site: Site) -> None:
    assert site.seen("--", "--layers", "one two", "--")["arguments"] == ["--layers", "one two", "--"]


def test_an_application_is_run_from_elsewhere_in_its_own_directory(site: Site) -> None:
    outcome = site.layerwright("run", "--app", site.app.path, "web", cwd=site.root)

    assert json.loads(outcome.log)["directory"] == str(site.app.path)


def test_a_command_that_is_no_process_type_runs_in_the_launch_environment(site: Site) -> None:
    outcome = site.layerwright(
        "run", "python", "-c", "import acme, sys; sys.exit(acme.__version__)", status=1
    )

    assert outcome.errors == "1.0\n"


def test_the_exit_status_is_that_of_the_process(site: Site) -> None:
    site.layerwright("run", "python", "-c", "raise SystemExit(7)", status=7)


def test_signals_reach_the_process_itself(site: Site) -> None:
    code = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(23)); print('ready'); signal.pause()"
    process = site.start("run", "python", "-c", code)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"

    os.kill(process.pid, signal.SIGTERM)

    assert process.communicate(timeout=60)[0] == ""
    assert process.returncode == 23


def test_a_process_of_several_commands_gets_signals_and_arguments_and_a_build_names_it(site: Site) -> None:
    code = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(23)); print(sys.argv[1:], flush=True)"
    site.app.write("sub/server.py", f"{code}; signal.pause()\n")
    site.app.write("Procfile", "web: export A=1; cd sub && python server.py $A\n")
    site.build()
    process = site.start("run", "--", "x y")
    assert process.stdout is not None
    assert process.stdout.readline() == "['1', 'x y']\n"

    assert f"Warning: PID {process.pid} runs from these layers; restart it afterwards.\n" in site.build().log

    os.kill(process.pid, signal.SIGTERM)
    assert process.communicate(timeout=60)[0] == ""
    assert process.returncode == 23
    assert "runs from these layers" not in site.build().log


def test_layers_on_a_file_system_that_is_read_only_are_run(site: Site) -> None:
    users = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    remount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    before = ("unshare", *users, "--mount", "sh", "-c", remount, str(site.layers))
    if subprocess.run([*before, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine gives no process a read-only file system")

    command = [*before, *site.command("run", "python", "-c", "print('ok')")]
    outcome = subprocess.run(command, env=site.env, cwd=site.app.path, capture_output=True, check=True)
    assert outcome.stdout == b"ok\n"


def test_layers_that_were_copied_are_refused_and_rebuilt(site: Site) -> None:
    there = site.root / "copied"
    shutil.copytree(site.layers, there, symlinks=True)

    assert (
        "These layers were built in another directory."
        in site.layerwright(*("run", "--layers", there), status=1).errors
    )

    site.layerwright("build", "--layers", there)
    code = "import acme, sys; print(sys.base_prefix, acme.__file__)"
    seen = site.layerwright("run", "--layers", there, "python", "-c", code).log
    assert str(site.layers) not in seen
    assert seen.startswith(f"{there}/python ")


def test_a_process_has_its_working_directory_and_its_own_command(site: Site) -> None:
    site.app.write("sub/here.py", "import os; print(os.getcwd())\n")
    site.app.write(
        "layerwright.toml",
        '[processes.worker]\ncommand = ["python", "here.py"]\nworking-directory = "sub"\n',
    )
    site.build()

    assert site.layerwright("run", "worker").log == f"{site.app.path / 'sub'}\n"
    assert site.layerwright("run", "--", "x").log.startswith('{"arguments": ["x"]')


def test_without_a_default_process_the_types_are_named(site: Site) -> None:
    site.app.write("Procfile", "worker: python main.py\nother: python main.py\n")
    site.build()

    errors = site.layerwright("run", status=1).errors

    assert "There is no default process." in errors
    assert "The process types are: other, worker." in errors


def test_what_is_neither_a_process_type_nor_a_command_is_said_to_be_neither(site: Site) -> None:
    errors = site.layerwright("run", "nothing-like-it", status=1).errors

    assert "nothing-like-it is neither a process type nor a command in the launch environment." in errors
    assert "The process types are: web." in errors


def test_what_is_not_built_cannot_be_run(new_site: Site) -> None:
    errors = new_site.layerwright("run", status=1).errors

    assert "The application is not built yet." in errors
    assert f"layerwright build {new_site.app.path}" in errors


def test_a_damaged_list_of_processes_is_no_defect_of_the_application(site: Site) -> None:
    (site.layers / "launch.toml").unlink()
    (site.layers / "launch.toml").write_text("processes = 3\n")

    errors = site.layerwright("run", status=1).errors

    assert "The build is damaged." in errors
    assert "Traceback" not in errors


def test_pip_is_missing_at_launch_and_a_stand_in_says_how_to_get_it(site: Site) -> None:
    outcome = site.layerwright("run", "pip", "list", status=1)

    assert len(outcome.errors.splitlines()) == 3
    assert "python -m ensurepip" in outcome.errors
    assert "launch = true" in outcome.errors
    launch = [site.layers / name for name in ("python", "venv")]
    assert [p for layer in launch for p in layer.glob("bin/pip*")] == []
    assert [p for layer in launch for p in layer.glob("lib/python*/site-packages/pip*")] == []
    assert "No module named pip" in site.layerwright("run", "python", "-m", "pip", status=1).errors


def test_ensurepip_works_at_launch_as_the_stand_in_says(site: Site) -> None:
    site.layerwright("run", "python", "-m", "ensurepip", "--default-pip")

    assert "acme" in site.layerwright("run", "pip", "list").log


def test_with_the_stand_in_off_there_is_no_pip_at_all(site: Site) -> None:
    site.app.write("layerwright.toml", "[pip]\nstand-in = false\n")
    site.build()

    # The machine may have one of its own, which is none of ours.
    assert STAND_INS not in [path.name for path in site.layers.iterdir()]
    folders = [
        folder for folder in site.seen()["environment"]["PATH"].split(":") if str(site.layers) in folder
    ]
    assert shutil.which("pip", path=":".join(folders)) is None


def test_with_launch_on_pip_works_on_the_venv_and_is_not_importable(site: Site) -> None:
    before = site.seen()
    site.app.write("layerwright.toml", "[pip]\nlaunch = true\n")
    outcome = site.build()

    assert outcome.layers["python"] == outcome.layers["tool-pip"] == outcome.layers["venv"] == "kept"
    listed = site.layerwright("run", "pip", "list", "--format=freeze").log
    assert listed == "acme==1.0\nbase==1.0\n"
    index = ["--index-url", site.index.url, "--trusted-host", "127.0.0.1"]
    site.layerwright("run", "pip", "install", *index, "--force-reinstall", "--no-deps", "base==1.0")
    assert site.installed() == {"acme": "1.0", "base": "1.0"}
    after = site.seen()
    assert after["path"] == before["path"]
    assert "PYTHONPATH" not in after["environment"]


def test_a_pip_that_the_application_requires_wins_over_every_other(site: Site) -> None:
    site.app.write("requirements.txt", "acme\npip==24.0\n")
    site.build()

    outcome = site.layerwright("run", "pip", "--version")

    assert outcome.log.startswith(f"pip 24.0 from {site.site_packages}")
