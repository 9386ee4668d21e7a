"""The manifests of deploy/ are what the platforms accept, and fit to each other and to the code.

kpack's resources keep unknown fields, so that a cluster would accept a misspelt one and do without it.
"""

from __future__ import annotations

import copy
import os
import re
import runpy
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

import layerwright_pdm
from layerwright.build.indexes.entries import BINDING_ENTRIES, BINDING_TYPES, INDEX
from layerwright.config.processes import processes
from layerwright.config.reading import configure
from layerwright.config.sources import Sources, read_sources, variable
from layerwright.files.project import Project
from layerwright.plugins.declarative.read import read_package_manager
from layerwright_pip.manager import Pip
from layerwright_pipenv.manager import Pipenv
from layerwright_poetry.manager import Poetry
from layerwright_uv.manager import Uv
from tests.fixtures.manifests import SCHEMAS, fields, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
TASKS: Final = SCHEMAS["tekton-tasks"]["tasks"]
SHIPWRIGHT: Final = SCHEMAS["shipwright"]
READY_MADE: Final = ROOT / "core/src/layerwright/buildpack/ready_made/buildpack.py"
PDM: Final = read_package_manager(Path(layerwright_pdm.__file__).with_name("package-manager.toml"))
MANAGERS: Final = (PDM, Pip(), Pipenv(), Poetry(), Uv())
MODELS: Final = {manager.name: manager.settings_model for manager in MANAGERS}
SETTINGS: Final = {
    variable(tuple(setting.key.split("."))) for setting in configure(Sources({}, {}), MODELS).settings
}


def wrong_builder(document: dict[str, Any]) -> list[str]:
    schema = SCHEMAS["builder"]
    return list(fields(document, schema["kinds"]["builder.toml"], schema["types"], "builder.toml"))


def misspelt(document: Any) -> Iterator[Any]:
    """Yield copies of *document*, each with one field misspelt; a map's keys are free."""
    for path, key in keys(document):
        changed = copy.deepcopy(document)
        within = changed
        for step in path:
            within = within[step]
        within[key + "x"] = within.pop(key)
        yield pytest.param(changed, id="/".join(map(str, (*path, key))))


def keys(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if path and path[-1] in ("requests", "limits", "stringData"):
                continue
            yield path, key
            yield from keys(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from keys(item, (*path, number))


MANIFESTS: Final = sorted(DEPLOY.rglob("*.yaml"))
DOCUMENTS: Final = [
    (file, document) for file in MANIFESTS for document in yaml.safe_load_all(file.read_text())
]
BUILDER: Final = tomllib.loads((DEPLOY / "builder.toml").read_text())
EVERY: Final = [
    pytest.param(
        document,
        id=f"{file.parent.name}/{file.name}:{document['kind']}",
    )
    for file, document in DOCUMENTS
]


def of_kind(kind: str, directory: str = "") -> list[dict[str, Any]]:
    return [d for file, d in DOCUMENTS if d["kind"] == kind and directory in ("", file.parent.name)]


def named(kind: str) -> set[tuple[str, str]]:
    return {(d["metadata"].get("namespace", ""), d["metadata"]["name"]) for d in of_kind(kind)}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


@pytest.mark.parametrize("document", EVERY)
def test_a_manifest_has_the_fields_that_its_platform_publishes(document: dict[str, Any]) -> None:
    assert wrong(document) == []


def test_the_builder_has_the_fields_that_pack_publishes() -> None:
    assert wrong_builder(BUILDER) == []


@pytest.mark.parametrize("changed", [c for _, document in DOCUMENTS for c in misspelt(document)])
def test_a_misspelt_field_is_found(changed: dict[str, Any]) -> None:
    assert wrong(changed)


@pytest.mark.parametrize("changed", list(misspelt(BUILDER)))
def test_a_misspelt_field_of_the_builder_is_found(changed: dict[str, Any]) -> None:
    assert wrong_builder(changed)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tag", 1),
        ("source", []),
        ("failedBuildHistoryLimit", True),
        ("successBuildHistoryLimit", "3"),
        ("imageTaggingStrategy", "none"),
        ("additionalTags", "latest"),
        ("cache", {"volume": {"size": "2 GB"}}),
        ("build", {"env": [{"name": "A", "value": 1}]}),
        ("build", {"nodeSelector": {"disk": True}}),
    ],
)
def test_a_value_of_another_type_is_found(field: str, value: object) -> None:
    document = copy.deepcopy(of_kind("Image", "kpack")[0])
    document["spec"][field] = value
    assert wrong(document)


def test_a_required_field_that_is_missing_is_found() -> None:
    document = copy.deepcopy(of_kind("Image", "kpack")[0])
    del document["spec"]["source"]["git"]["revision"]
    assert wrong(document) == ["kpack.io/v1alpha2 Image.spec.source.git has no revision"]


def test_a_kind_without_a_schema_is_found() -> None:
    assert wrong({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}) == ["no schema for v1 Pod"]


def test_every_host_is_an_example() -> None:
    contents = [{k: v for k, v in d.items() if k not in ("apiVersion", "type")} for _, d in DOCUMENTS]
    for text in (*texts(contents), *texts(BUILDER)):
        for host in re.findall(r"(?:^|//|@)((?:[\w-]+\.)+[a-z]{2,})(?=[/:])", text):
            assert host.endswith(".example.com")


def test_what_a_kpack_resource_refers_to_is_there() -> None:
    buildpacks, stacks, builders = named("ClusterBuildpack"), named("ClusterStack"), named("ClusterBuilder")
    for builder in of_kind("ClusterBuilder"):
        assert ("", builder["spec"]["stack"]["name"]) in stacks
        for entry in builder["spec"]["order"]:
            assert {("", reference["name"]) for reference in entry["group"]} <= buildpacks
    for kind in ("ClusterBuildpack", "ClusterStack", "ClusterBuilder"):
        for document in of_kind(kind):
            reference = document["spec"]["serviceAccountRef"]
            assert (reference["namespace"], reference["name"]) in named("ServiceAccount")
    for image in of_kind("Image"):
        namespace, spec = image["metadata"]["namespace"], image["spec"]
        assert ("", spec["builder"]["name"]) in builders
        assert (namespace, spec["serviceAccountName"]) in named("ServiceAccount")


def test_a_service_binding_has_a_type_and_entries_that_a_build_reads() -> None:
    secrets = {d["metadata"]["name"]: d for d in of_kind("Secret")}
    bound = [s["name"] for image in of_kind("Image") for s in image["spec"]["build"].get("services", ())]
    assert set(bound) == set(secrets)
    known = {entry for entries in BINDING_ENTRIES.values() for entry in entries}
    for secret in secrets.values():
        entries = secret["stringData"]
        assert secret["type"] == f"service.binding/{entries['type']}"
        assert BINDING_TYPES[entries["type"]] == INDEX
        assert entries.keys() <= known | {"type"}
        assert "uri" in entries


def test_every_platform_builds_with_the_same_buildpack_and_base_images() -> None:
    [buildpack], [stack], [builder] = map(of_kind, ("ClusterBuildpack", "ClusterStack", "ClusterBuilder"))
    assert [b["uri"] for b in BUILDER["buildpacks"]] == [f"docker://{buildpack['spec']['source']['image']}"]
    assert BUILDER["build"]["image"] == stack["spec"]["buildImage"]["image"]
    assert [image["image"] for image in BUILDER["run"]["images"]] == [stack["spec"]["runImage"]["image"]]
    order = [[reference["id"] for reference in entry["group"]] for entry in builder["spec"]["order"]]
    assert [[reference["id"] for reference in entry["group"]] for entry in BUILDER["order"]] == order


def test_the_buildpack_is_the_ready_made_one() -> None:
    buildpack = runpy.run_path(str(READY_MADE))["buildpack"]
    [[reference]] = [entry["group"] for entry in BUILDER["order"]]
    assert reference["id"] == buildpack.id
    assert BUILDER["buildpacks"][0]["uri"].endswith(f":{buildpack.version}")


@pytest.mark.parametrize("task", of_kind("Pipeline")[0]["spec"]["tasks"], ids=lambda task: task["name"])
def test_a_tekton_task_gets_the_parameters_and_workspaces_that_it_has(task: dict[str, Any]) -> None:
    published = TASKS[task["taskRef"]["name"]]
    params = {name.rstrip("!"): kind for name, kind in published["params"].items()}
    given = {param["name"]: param["value"] for param in task["params"]}
    assert given.keys() <= params.keys()
    assert {name.rstrip("!") for name in published["params"] if name.endswith("!")} <= given.keys()
    for name, value in given.items():
        assert isinstance(value, list) == (params[name] == "array"), name
    bound = {workspace["name"] for workspace in task["workspaces"]}
    assert bound <= {name.rstrip("!") for name in published["workspaces"]}
    assert {name.rstrip("!") for name in published["workspaces"] if name.endswith("!")} <= bound


def test_what_a_tekton_pipeline_uses_is_declared_and_what_it_needs_is_given() -> None:
    [pipeline], [run] = of_kind("Pipeline"), of_kind("PipelineRun")
    spec = pipeline["spec"]
    declared = {param["name"]: param for param in spec["params"]}
    used = {name for text in texts(spec) for name in re.findall(r"\$\(params\.([\w-]+)", text)}
    assert used == declared.keys()
    given = {param["name"]: param["value"] for param in run["spec"]["params"]}
    assert given.keys() <= declared.keys()
    assert {name for name, param in declared.items() if "default" not in param} <= given.keys()
    for name, value in given.items():
        assert isinstance(value, list) == (declared[name].get("type") == "array"), name
    workspaces = {workspace["name"] for workspace in spec["workspaces"]}
    assert {w["workspace"] for task in spec["tasks"] for w in task["workspaces"]} == workspaces
    assert {w["name"] for w in run["spec"]["workspaces"]} == workspaces
    tasks = {task["name"]: task["taskRef"]["name"] for task in spec["tasks"]}
    assert {name for task in spec["tasks"] for name in task.get("runAfter", ())} <= tasks.keys()
    for result in spec["results"]:
        [(task, name)] = re.findall(r"^\$\(tasks\.([\w-]+)\.results\.([\w-]+)\)$", result["value"])
        assert name in TASKS[tasks[task]]["results"]


def test_what_a_tekton_run_refers_to_is_there() -> None:
    [run] = of_kind("PipelineRun")
    namespace, spec = run["metadata"]["namespace"], run["spec"]
    assert (namespace, spec["pipelineRef"]["name"]) in named("Pipeline")
    assert (namespace, spec["taskRunTemplate"]["serviceAccountName"]) in named("ServiceAccount")
    claims = {
        w["persistentVolumeClaim"]["claimName"] for w in spec["workspaces"] if "persistentVolumeClaim" in w
    }
    assert {(namespace, claim) for claim in claims} == named("PersistentVolumeClaim")


def test_a_variable_for_tekton_has_no_second_equals_sign() -> None:
    [run] = of_kind("PipelineRun")
    [env] = [param["value"] for param in run["spec"]["params"] if param["name"] == "env"]
    assert [text for text in env if text.count("=") != 1] == []


def test_what_a_shipwright_strategy_uses_is_declared_and_what_is_declared_is_used() -> None:
    [strategy] = of_kind("ClusterBuildStrategy")
    spec = strategy["spec"]
    declared = {parameter["name"] for parameter in spec["parameters"]}
    used = {name for text in texts(spec["steps"]) for name in re.findall(r"\$\(params\.([\w-]+)\)", text)}
    assert used - declared <= set(SHIPWRIGHT["system-parameters"])
    assert declared <= used
    results = {n for text in texts(spec["steps"]) for n in re.findall(r"\$\(results\.([\w-]+)\.path\)", text)}
    assert results <= set(SHIPWRIGHT["system-results"])
    mounted = {mount["name"] for step in spec["steps"] for mount in step["volumeMounts"]}
    assert mounted == {volume["name"] for volume in spec["volumes"]}


def test_what_a_shipwright_build_refers_to_is_there() -> None:
    [strategy], [build], [run] = map(of_kind, ("ClusterBuildStrategy", "Build", "BuildRun"))
    assert build["spec"]["strategy"] == {"kind": strategy["kind"], "name": strategy["metadata"]["name"]}
    given = {value["name"] for value in build["spec"]["paramValues"]}
    assert given <= {parameter["name"] for parameter in strategy["spec"]["parameters"]}
    assert (run["metadata"]["namespace"], run["spec"]["build"]["name"]) in named("Build")


def test_a_variable_of_ours_is_one_that_is_read() -> None:
    lists = [*texts([d for _, d in DOCUMENTS])]
    names = {name for text in lists for name in re.findall(r"\bLAYERWRIGHT_[A-Z_]*[A-Z]\b", text)}
    assert names
    assert names <= SETTINGS


@pytest.mark.skipif(shutil.which("bash") is None, reason="the script of the strategy is for bash")
@pytest.mark.parametrize("cache_image", ["", "registry.example.com/caches/flask"])
def test_the_script_of_the_shipwright_strategy_runs_the_phases_with_the_variables_as_they_are(
    tmp_path: Path, cache_image: str
) -> None:
    [strategy] = of_kind("ClusterBuildStrategy")
    [step] = strategy["spec"]["steps"]
    script = step["args"][1].replace("$(results.shp-image-digest.path)", f"{tmp_path}/digest")
    for place in ("/cnb/lifecycle", "/platform/env", "/layers"):
        (tmp_path / place[1:]).mkdir(parents=True)
        script = script.replace(place, f"{tmp_path}{place}")
    for phase in ("analyzer", "detector", "restorer", "builder", "exporter"):
        program = tmp_path / "cnb/lifecycle" / phase
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "{phase} $*" >> {tmp_path}/calls\n')
        program.chmod(0o755)
    (tmp_path / "layers/report.toml").write_text('[image]\n  tags = ["a"]\n  digest = "sha256:1234"\n')
    environment = {
        "PATH": os.environ["PATH"],
        "KUBERNETES_SERVICE_HOST": "10.0.0.1",
        "LAYERWRIGHT_PYTHON_VERSION": ">=3.12, <3.14",
        "PIP_EXTRA_INDEX_URL": "https://packages.example.com/simple?a=b\nhttps://mirror.example.com/simple",
        "PARAM_SOURCE": "/workspace/source",
        "PARAM_IMAGE": "registry.example.com/apps/flask",
        "PARAM_CACHE_IMAGE": cache_image,
    }
    subprocess.run([*step["command"], step["args"][0], script], env=environment, check=True)
    written = {file.name: file.read_text() for file in (tmp_path / "platform/env").iterdir()}
    assert written == {n: v for n, v in environment.items() if n.startswith(("LAYERWRIGHT_", "PIP_"))}
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [call.split()[0] for call in calls] == ["analyzer", "detector", "restorer", "builder", "exporter"]
    with_cache = {call.split()[0] for call in calls if f"-cache-image={cache_image}" in call.split()}
    assert with_cache == ({"analyzer", "restorer", "exporter"} if cache_image else set())
    assert calls[-1].endswith(" registry.example.com/apps/flask")
    assert (tmp_path / "digest").read_text() == "sha256:1234"


@pytest.mark.parametrize(
    "example", [d for d in (ROOT / "examples").iterdir() if d.is_dir()], ids=lambda d: d.name
)
def test_a_process_has_no_arguments_that_a_platform_could_replace(example: Path) -> None:
    """Before Platform API 0.10 the launcher adds the user's arguments to a process's own; now they replace those."""
    project = Project(example)
    configured = configure(read_sources(project, {}), MODELS).processes
    assert [process.type for process, _ in processes(configured, project, ()) if process.args] == []
