"""The pages about images in CI, on a server and on Kubernetes: what they show is read, parsed and run."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from layerwright.cli.parser import parse
from layerwright.image.reference import Reference
from layerwright.image.registry.credentials import Credentials, find_credentials
from tests.fixtures.manifests import wrong
from tests.fixtures.pages import DOCS, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

GITHUB: Final[dict[Any, Any]] = yaml.safe_load(blocks(DOCS / "image-github-actions.md", "yaml")[0])
[(JOB, GITLAB)] = yaml.safe_load(blocks(DOCS / "image-gitlab-ci.md", "yaml")[0]).items()
# https://docs.gitlab.com/ci/jobs/#job-names
NOT_A_JOB: Final = {
    *("after_script", "before_script", "cache", "default", "image", "include", "services", "spec"),
    *("stages", "types", "variables", "workflow"),
}
KUBERNETES: Final[list[dict[str, Any]]] = [
    *yaml.safe_load_all(blocks(DOCS / "image-kubernetes.md", "yaml")[0])
]
UNIT, QUADLET = blocks(DOCS / "image-server.md", "ini")
STEPS: Final[list[dict[str, Any]]] = GITHUB["jobs"]["image"]["steps"]
LOGIN: Final = "config.json"
USER: Final = "robot"
PASSWORD: Final = "p%s\"a\\ss' word: $HOME"  # no script may read anything into it


def commands() -> Iterator[str]:
    yield from (line for step in STEPS for line in step.get("run", "").splitlines())
    yield from GITLAB["script"]


def credentials_after(script: str, variables: Mapping[str, str], home: Path) -> Credentials | None:
    """Return what the registry gets after *script*, which ran for a user with the directory *home*."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), **variables}
    subprocess.run(["/bin/sh", "-eu", "-c", script], env=environment, check=True)
    found = find_credentials("registry.example.com", "team/app", environment)
    return found and found._replace(source="")


def ini(text: str) -> dict[str, list[tuple[str, str]]]:
    """Return the sections of a unit, in which a key may be there more than once."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in filter(None, text.splitlines()):
        if line.startswith("["):
            pairs = found.setdefault(line.strip("[]"), [])
        else:
            key, separator, value = line.partition("=")
            assert separator, line
            pairs.append((key, value))
    return found


def test_a_job_of_github_has_steps_that_either_run_a_script_or_use_an_action() -> None:
    # In YAML 1.1, which this library reads, the key "on" is a truth value.
    assert GITHUB.keys() == {"name", True, "jobs"}
    assert all(len(step.keys() & {"run", "uses"}) == 1 for step in STEPS)
    assert all(step.keys() <= {"name", "run", "uses", "with", "env"} for step in STEPS)
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]) for step in STEPS if "uses" in step)


def test_an_expression_of_github_is_closed_and_has_a_secret_or_the_commit() -> None:
    text = blocks(DOCS / "image-github-actions.md", "yaml")[0]
    found = re.findall(r"\$\{\{ ([\w.]+) \}\}", text)
    assert len(found) == text.count("${{")
    assert all(name == "github.sha" or name.startswith("secrets.") for name in found)


def test_no_script_of_github_contains_a_secret_itself() -> None:
    assert not [step for step in STEPS if "secrets." in step.get("run", "")]


def test_the_job_of_gitlab_has_a_name_that_is_no_keyword() -> None:
    assert JOB not in NOT_A_JOB


def test_a_job_of_gitlab_keeps_the_cache_directory_that_it_builds_in() -> None:
    assert GITLAB.keys() <= {"stage", "image", "variables", "cache", "script"}
    assert all(isinstance(line, str) for line in GITLAB["script"])
    [path] = GITLAB["cache"]["paths"]
    assert GITLAB["variables"]["LAYERWRIGHT_CACHE_DIR"] == f"$CI_PROJECT_DIR/{path}"


def test_each_job_pushes_an_image_with_the_command_of_this_release() -> None:
    given = [
        parse(shlex.split(re.sub(r"\$\{\{.*?\}\}", "sha", line))[1:])
        for line in commands()
        if line.startswith("layerwright ")
    ]
    assert [(options.command, options.base) for options in given] == [("image", "debian:13-slim")] * 2
    assert all(options.push for options in given)


def test_a_job_of_github_logs_in_with_any_password(tmp_path: Path) -> None:
    [step] = [step for step in STEPS if LOGIN in step.get("run", "")]
    variables = {"REGISTRY_USER": USER, "REGISTRY_PASSWORD": PASSWORD}
    assert step["env"].keys() == variables.keys()
    assert credentials_after(step["run"], variables, tmp_path) == Credentials(USER, PASSWORD)


def test_a_job_of_gitlab_logs_in_with_any_password(tmp_path: Path) -> None:
    lines = [line for line in GITLAB["script"] if not line.startswith(("pip ", "layerwright "))]
    variables = {
        "CI_REGISTRY": "registry.example.com",
        "CI_REGISTRY_USER": USER,
        "CI_REGISTRY_PASSWORD": PASSWORD,
    }
    assert credentials_after("\n".join(lines), variables, tmp_path) == Credentials(USER, PASSWORD)


@pytest.mark.parametrize("document", KUBERNETES, ids=lambda document: document["kind"])
def test_a_manifest_has_the_fields_that_kubernetes_publishes(document: dict[str, Any]) -> None:
    assert wrong(document) == []


def test_a_deployment_selects_its_own_pods_and_mounts_its_own_volumes() -> None:
    deployment, service = KUBERNETES
    template = deployment["spec"]["template"]
    labels = template["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels == service["spec"]["selector"]
    [container] = template["spec"]["containers"]
    assert [m["name"] for m in container["volumeMounts"]] == [v["name"] for v in template["spec"]["volumes"]]
    ports = {port["name"] for port in container["ports"]}
    assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports
    assert container["readinessProbe"]["httpGet"]["port"] in ports
    assert [e["value"] for e in container["env"] if e["name"] == "PORT"] == ["8000"]
    assert Reference.parse(container["image"]).digest


def test_both_units_of_a_server_start_the_same_container() -> None:
    unit, quadlet = ini(UNIT), ini(QUADLET)
    assert unit.keys() == {"Unit", "Service", "Install"}
    assert quadlet.keys() == unit.keys() | {"Container"}
    [start] = [value for key, value in unit["Service"] if key == "ExecStart"]
    container = dict(quadlet["Container"])
    options = shlex.split(start)
    assert options[-2:] == [container["Image"], container["Exec"]]
    assert {
        f"--publish={container['PublishPort']}",
        f"--env={container['Environment']}",
        f"--env-file={container['EnvironmentFile']}",
        f"--tmpfs={container['Tmpfs']}",
        "--read-only",
    } <= {*options}


def test_a_unit_of_a_server_stops_the_container_that_it_has_started() -> None:
    service = ini(UNIT)["Service"]
    [file] = re.findall(r"--cidfile=(\S+)", dict(service)["ExecStart"])
    ends = [value for key, value in service if key in ("ExecStop", "ExecStopPost")]
    assert all(f"--cidfile={file}" in end or end.endswith(f" {file}") for end in ends)
    [seconds] = re.findall(r"--time=(\d+)", dict(service)["ExecStop"])
    assert int(seconds) < int(dict(service)["TimeoutStopSec"])
