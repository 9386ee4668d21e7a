"""A declared package manager answers what core asks, as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from layerwright import (
    Command,
    Detection,
    Index,
    IndexVariables,
    LayerEnv,
    Offline,
    PythonDependence,
)
from layerwright.config.reading import configure
from layerwright.config.sources import Sources
from layerwright.errors import ConfigurationError
from layerwright.plugins.declarative.read import read_table
from layerwright.process.redaction import SecretStr
from layerwright.testing import (
    Application,
    environment_request,
    index_request,
    offline_request,
    project_request,
    tool_request,
)
from tests.unit.plugins.declarative.sample import manager, merged

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
[settings.groups]
type = "array"
help = "groups to install"
option = "--group={value}"
[settings.editable]
type = "boolean"
default = true
otherwise = "--no-editable"
[settings.profile]
type = "string"
option = "--profile={value}"
[settings.with]
type = "string"
default = "nothing"
option = "--with={value}"
[environment]
commands = [["{tool}/bin/acme-tool", "{options}"]]
"""


def configured(more: str, **values: object) -> Any:
    made = manager(more)
    return configure(Sources({"layerwright.toml": {"acme": values}}, {}), {"acme": made.settings_model}).tool(
        "acme"
    )


def test_it_claims_an_application_by_the_first_of_its_files_that_is_there(app: Application) -> None:
    acme = manager('detect.files = ["a.lock", "b.lock"]')
    assert acme.detect(project_request(app)) is None
    app.write("b.lock", "")
    assert acme.detect(project_request(app)) == Detection(evidence="b.lock")
    app.write("a.lock", "")
    assert acme.detect(project_request(app)) == Detection(evidence="a.lock")


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("", False),
        ("[tool.ruff]\n", False),
        ("[tool]\nacme = true\n", False),
        ("[tool.acme]\n", True),
        ("[tool.acme.sources]\n", True),
        ("[dependency-groups]\n", True),
    ],
)
def test_it_claims_an_application_by_a_table_of_its_project_file(
    app: Application, text: str, claims: bool
) -> None:
    acme = manager('detect.tables = ["tool.acme", "dependency-groups"]')
    assert acme.detect(project_request(app)) is None
    app.write("pyproject.toml", text)
    assert acme.detect(project_request(app)) == (Detection(evidence="pyproject.toml") if claims else None)
    app.write("acme.lock", "")
    assert acme.detect(project_request(app)) == Detection(evidence="acme.lock")


def test_it_takes_what_is_no_other_package_managers_as_a_fallback(app: Application) -> None:
    acme = manager('detect.fallback = { files = ["setup.py"], tables = ["project"] }')
    assert acme.detect(project_request(app)) is None
    app.write("pyproject.toml", "[project]\n")
    assert acme.detect(project_request(app)) == Detection(evidence="pyproject.toml", fallback=True)
    app.write("setup.py", "")
    assert acme.detect(project_request(app)) == Detection(evidence="setup.py", fallback=True)
    app.write("acme.lock", "")
    assert acme.detect(project_request(app)) == Detection(evidence="acme.lock")


def test_it_is_called_and_configured_as_declared() -> None:
    acme = manager('name = "acme-two"\nreserved-env = ["ACME_HOME"]\n' + SETTINGS)
    assert (acme.name, acme.display_name) == ("acme-two", "Acme")
    assert acme.reserved_env == {"ACME_HOME"}
    [groups] = [
        setting
        for setting in configure(Sources({}, {}), {"acme-two": acme.settings_model}).settings
        if setting.key == "acme-two.groups"
    ]
    assert (groups.value, groups.help) == ((), "groups to install")


def test_two_declarations_have_settings_of_their_own() -> None:
    assert manager(SETTINGS).settings_model is not manager().settings_model
    assert manager().name == "acme"


def test_a_setting_has_its_default_or_what_is_configured() -> None:
    default = configured(SETTINGS)
    assert [getattr(default, name) for name in ("groups", "editable", "profile", "with_")] == [
        (), True, None, "nothing",
    ]  # fmt: skip
    given = configured(SETTINGS, groups=["a"], editable=False, profile="x", **{"with": "y"})
    assert [getattr(given, name) for name in ("groups", "editable", "profile", "with_")] == [
        ("a",), False, "x", "y",
    ]  # fmt: skip


def test_a_setting_of_the_wrong_type_is_reported_as_any_other() -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured(SETTINGS, groups="a", version="1.0", editabel=True)
    assert caught.value.problems == (
        "layerwright.toml: acme.editabel is an unknown key; did you mean editable?",
        'layerwright.toml: acme.groups must be an array of strings, not "a"',
    )


def test_a_version_before_the_oldest_is_refused_with_the_reason() -> None:
    more = 'tool.oldest = "1.2"\ntool.because = "which has sync"'
    with pytest.raises(ConfigurationError, match="problem") as caught:
        configured(more, version="1.1")
    assert caught.value.problems == (
        'layerwright.toml: acme.version is "1.1": must be at least 1.2, which has sync',
    )
    assert configured(more, version="1.2").version == "1.2"


# The tool


def test_the_default_version_is_installed_by_the_hashes_of_its_lock(tmp_path: Path, app: Application) -> None:
    (tmp_path / "acme.txt").write_text(f"# comment\nAcme_Tool[fast]==1.6 \\\n    --hash=sha256:{64 * 'a'}\n")
    acme = manager('tool = { lock = "acme.txt", version = "1.6" }', directory=tmp_path)
    layer = acme.tool_layer(tool_request(app, name="acme", settings=acme.settings_model()))
    assert layer.version == "1.6"
    assert list(layer.inputs) == ["lock"]
    assert [c.shown for c in layer.install] == [
        "python -m venv", "pip install acme-tool==1.6", "put acme-tool on PATH",
    ]  # fmt: skip
    assert "--require-hashes" in layer.install[1].argv


def test_the_default_version_may_be_the_one_that_the_lock_pins(tmp_path: Path, app: Application) -> None:
    (tmp_path / "acme.txt").write_text(f"acme==2.1 --hash=sha256:{64 * 'a'}\n")
    declared = merged('tool = { distribution = "acme", lock = "acme.txt", scripts = ["acme-tool"] }')
    del declared["tool"]["version"]
    read = read_table(declared, prefix="", directory=tmp_path)
    assert read.manager is not None
    assert read.manager.version == "2.1"


def test_the_lock_may_pin_another_default_version_for_an_older_python(
    tmp_path: Path, app: Application
) -> None:
    (tmp_path / "acme.txt").write_text(
        f"acme-tool==1.3 ; python_full_version < '3.10' --hash=sha256:{64 * 'a'}\n"
        f"acme-tool==1.5 ; python_full_version >= '3.10' --hash=sha256:{64 * 'b'}\n"
    )
    acme = manager('tool.lock = "acme.txt"', directory=tmp_path)
    for python, version in (("3.9.25", "1.3"), ("3.13.1", "1.5")):
        request = tool_request(app, name="acme", settings=acme.settings_model(), python=python)
        layer = acme.tool_layer(request)
        assert (layer.version, list(layer.inputs)) == (version, ["lock"])


def test_without_a_lock_the_index_counts_and_the_log_says_so(app: Application) -> None:
    acme = manager('tool.distribution = "acme-tool[fast]"')
    environment = {"PIP_INDEX_URL": "https://me:secret@example.com/simple", "PIP_TIMEOUT": "1"}
    request = tool_request(app, name="acme", settings=acme.settings_model(), environment=environment)
    layer = acme.tool_layer(request)
    assert layer.inputs == {
        "not hash-pinned": "acme-tool[fast]==1.5",
        "PIP_INDEX_URL": "https://****@example.com/simple",
    }
    assert layer.install[1].shown == "pip install acme-tool[fast]==1.5 (not hash-pinned)"
    assert layer.install[2].shown == "put acme-tool on PATH"


def test_another_version_than_the_locked_one_is_resolved(tmp_path: Path, app: Application) -> None:
    (tmp_path / "acme.txt").write_text(f"acme-tool==1.5 --hash=sha256:{64 * 'a'}\n")
    acme = manager('tool.lock = "acme.txt"', directory=tmp_path)
    layer = acme.tool_layer(tool_request(app, name="acme", settings=acme.settings_model(version="1.4")))
    assert (layer.version, layer.inputs) == ("1.4", {"not hash-pinned": "acme-tool==1.4"})


def test_the_layer_has_its_variables(app: Application) -> None:
    acme = manager("""
        [tool.env]
        ACME_HOME = "{tool}/home/{{x}}"
        ACME_PYTHON = "{python}"
        ACME_VENV = "{venv}:{project}"
        ACME_LEVEL = "{version}"
    """)
    layer = acme.tool_layer(tool_request(app, name="acme", settings=acme.settings_model()))
    expected = LayerEnv().override("ACME_HOME", "/layers/tool-acme/home/{x}")
    expected = expected.override("ACME_PYTHON", "/layers/python/bin/python3.13")
    expected = expected.override("ACME_VENV", f"/layers/venv:{app.path}")
    assert layer.env == expected.override("ACME_LEVEL", "1.5")


def test_the_tool_serves_every_patch_release_of_its_python(app: Application) -> None:
    assert manager().tool_layer(tool_request(app, name="acme")).depends_on_python is PythonDependence.MINOR


def test_a_stand_in_says_how_to_do_without_the_tool_and_how_to_have_it(app: Application) -> None:
    acme = manager('tool.scripts = ["acme-tool", "acmex"]\ntool.launchers = ["acme-tool run"]')
    layer = acme.tool_layer(tool_request(app, name="acme", settings=acme.settings_model()))
    assert layer.launchers == ("acme-tool run",)
    assert layer.stand_ins == {
        "acme-tool": "acme-tool is a build-time tool of this image. A command of the application runs without it: "
        "instead of `acme-tool run COMMAND`, run COMMAND.\nTo get acme-tool at every launch, set `launch = true` in "
        "[tool.layerwright.acme] of pyproject.toml,\nand build again.",
        "acmex": "acmex is a build-time tool of this image. A command of the application runs without it.\nTo get "
        "acmex at every launch, set `launch = true` in [tool.layerwright.acme] of pyproject.toml,\nand build again.",
    }


def test_asking_twice_gives_equal_values(app: Application) -> None:
    acme = manager(SETTINGS)
    request = tool_request(app, name="acme", settings=acme.settings_model())
    assert acme.tool_layer(request) == manager(SETTINGS).tool_layer(request)
    assert all(isinstance(command, Command) for command in acme.tool_layer(request).install)


@pytest.mark.parametrize(
    ("lock", "names"),
    [
        (
            "[[package]]\nname = 'flask'\ngroups = ['default']\n"
            "[[package]]\nname = 'colorama'\nmarker = \"sys_platform == 'win32'\"\n"
            "[[package]]\nname = 'tzdata'\nmarkers = \"sys_platform == 'win32'\"\n"
            "[[package]]\nname = 'gunicorn'\nmarker = \"python_version >= '3.9'\"\n"
            "[[package]]\nversion = '1.0'\n",
            {"flask", "gunicorn"},
        ),
        ("package = [1]\n", set()),
        ("package = 1\n", set()),
        ("", set()),
    ],
)
def test_the_entries_of_the_lock_file_for_this_machine_are_expected(
    app: Application, lock: str, names: set[str]
) -> None:
    acme = manager('environment.lock = { file = "acme.lock", packages = "package" }')
    app.write("acme.lock", lock)
    found = acme.expects(environment_request(app))
    assert (found.names if found else set()) == names
    assert not found or (found.source, bool(found.uncertain)) == ("acme.lock", True)


def asked(app: Application, declared: str, **variables: str) -> tuple[str | SecretStr, ...]:
    acme = manager(declared)
    return acme.index_urls(environment_request(app, settings=acme.settings_model(), environment=variables))


def test_the_indexes_that_are_asked_are_in_the_declared_variables_and_the_declared_table(
    app: Application,
) -> None:
    terms = (
        'indexes = { url = "ACME_URL", username = "ACME_USER", password = "ACME_PASSWORD", extra = "ACME_MORE",'
        ' declared = "tool.acme.source", default-name = "main" }\n'
    )
    first, second = "https://a.example.com/simple", "https://b.example.com/simple"
    assert asked(app, "") == ("",)
    assert asked(app, terms) == ("",)
    assert asked(app, terms, ACME_URL=first, ACME_MORE=f"{second} https://c.example.com") == (
        first,
        second,
        "https://c.example.com",
    )
    login = {"ACME_URL": first, "ACME_USER": "me", "ACME_PASSWORD": "s3cret-4711"}
    assert asked(app, terms, **login) == (SecretStr("https://me:s3cret-4711@a.example.com/simple"),)
    app.write(
        "pyproject.toml", f'[[tool.acme.source]]\nname = "main"\nurl = "{second}"\nusername = "${{USER}}"\n'
    )
    assert asked(app, terms, USER="token-4711", ACME_URL=first) == (
        SecretStr("https://token-4711@b.example.com/simple"),
    )
    app.write(
        "pyproject.toml",
        '[[tool.acme.source]]\nurl = "https://${USER}@c.example.com"\n[[tool.acme.source]]\n',
    )
    assert asked(app, terms, USER="token-4711") == ("", SecretStr("https://token-4711@c.example.com"))


def test_entries_of_groups_that_are_not_chosen_are_not_expected(app: Application) -> None:
    acme = manager(
        'environment.lock = { file = "acme.lock", packages = "package" }\n'
        'environment.commands = [["{tool}/bin/acme-tool", "sync", "{options}"]]\n'
        'settings.groups = { type = "array", option = "--group={value}" }'
    )
    app.write(
        "acme.lock",
        "".join(
            f"[[package]]\nname = '{name}'\ngroups = {groups}\n"
            for name, groups in {"flask": ["default"], "ruff": ["lint"], "pytest": ["test", "lint"]}.items()
        ),
    )
    settings = acme.settings_model(groups=("test",))  # type: ignore[call-arg]
    found = acme.expects(environment_request(app, settings=settings))
    assert found is not None
    assert (found.names, found.uncertain) == ({"flask", "pytest"}, "")


def test_the_entries_of_a_lock_file_in_another_format_are_expected_for_this_machine(app: Application) -> None:
    app.write("acme.txt", "flask==3\ncolorama==1; sys_platform == 'win32'\n-r more.txt\n./lib\n")
    app.write(
        "acme.json", '{"default": {"flask": {"version": "==3"}, "six": {"markers": "os_name == \'nt\'"}}}'
    )
    for file, uncertain in {"acme.txt": False, "acme.json": True}.items():
        found = manager(f'environment.lock.file = "{file}"').expects(environment_request(app))
        assert found is not None
        assert (found.names, found.source, bool(found.uncertain)) == ({"flask"}, file, uncertain)


@pytest.mark.parametrize("more", ['environment.lock = { file = "acme.lock" }', ""])
def test_nothing_is_expected_where_no_entries_are_declared(app: Application, more: str) -> None:
    app.write("acme.lock", "[[package]]\nname = 'flask'\n")
    assert manager(more).expects(environment_request(app)) is None


def test_it_takes_indexes_only_where_its_variables_are_declared(app: Application) -> None:
    index = Index(name="acme", url="https://packages.example.com/simple", default=True)
    request = index_request(app, index)
    assert manager().index_variables(request) is None
    found = manager('indexes.url = "ACME_URL"').index_variables(request)
    assert found == IndexVariables(variables={"ACME_URL": index.url})


@pytest.mark.parametrize(
    ("declared", "offline"),
    [
        ("", Offline(cache=True)),
        ('indexes = { extra = "ACME_MORE" }\n', Offline(cache=True)),
        ('indexes = { url = "ACME_URL" }\n', Offline(env={"ACME_URL": "file:///bundle/simple"})),
    ],
)
def test_without_a_network_it_asks_the_index_of_the_bundle_or_its_cache(
    app: Application, declared: str, offline: Offline
) -> None:
    acme = manager(declared)
    asked = environment_request(app, settings=acme.settings_model())
    assert acme.offline(offline_request(asked)) == offline


def test_an_index_that_the_application_names_itself_is_refused_for_a_bundle(app: Application) -> None:
    acme = manager('indexes = { url = "ACME_URL", declared = "tool.acme.source" }\n')

    def offline(text: str) -> Offline:
        app.write("pyproject.toml", text)
        return acme.offline(offline_request(environment_request(app, settings=acme.settings_model())))

    assert offline("").env == {"ACME_URL": "file:///bundle/simple"}
    assert offline('[[tool.acme.source]]\nname = "own"\nurl = "https://example.com"\n').refused == (
        "Acme asks the indexes in [[tool.acme.source]] of pyproject.toml in every build.\n"
        "Name the index outside the application: in ACME_URL, or in LAYERWRIGHT_INDEX_…."
    )
