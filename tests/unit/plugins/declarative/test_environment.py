"""The virtual environment of a declared package manager: its commands, and all that determines its content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright import EnvironmentInstall, Locked, SecretStr, UserError
from layerwright.build.layers.commands import Places
from layerwright.build.venv.describe import counted
from layerwright.process.failures.diagnosis import diagnoses_of
from layerwright.testing import Application, environment_request, tool_request
from tests.unit.plugins.declarative.sample import manager
from tests.unit.sameness import archives_of, unproved, update_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRY = '[[package]]\nname = "{0}"\nversion = "{1}"\nfiles = [{{ hash = "sha256:{0}{1}" }}]\n'
LOCK = '[environment.lock]\nfile = "acme.lock"\npackages = "package"\nwritten-by = "acme lock"\n'
CONVERGING = f"environment.converges = true\n{LOCK}"


def install(
    app: Application,
    more: str = "",
    *,
    settings: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    exec_env: str = "production",
    layers: Path = Path("/layers"),
) -> EnvironmentInstall:
    acme = manager(more)
    return acme.environment(
        environment_request(
            app,
            name="acme",
            version="1.5",
            settings=acme.settings_model(**(settings or {})),
            environment=environment or {},
            exec_env=exec_env,
            layers=layers,
        )
    )


def counts(app: Application, more: str = "", **given: Any) -> dict[str, str]:
    """Return all inputs of the virtual environment, those that core counts by itself as well."""
    made = install(app, more, **given)
    places = Places(application=app.path, named={str(given.get("layers", "/layers")): "{layers}"})
    settings, environment = given.get("settings", {}), given.get("environment", {})
    acme = manager(more)
    asked = tool_request(app, name="acme", settings=acme.settings_model(**settings), environment=environment)
    return {**made.inputs, **counted(made, [acme.tool_layer(asked).env], environment, places)}


def words(more: str, app: Application, **settings: object) -> tuple[str, ...]:
    [command] = install(app, more, settings=settings).commands
    return command.argv[1:]


SETTINGS = """
[settings]
groups = { type = "array", option = "--group={value}", otherwise = "--none" }
test-groups = { type = "array", option = "--group={value}", otherwise = "--none", exec-env = "test" }
profile = { type = "string", option = "--{{profile}}={value}" }
fast = { type = "boolean", option = "--fast" }
editable = { type = "boolean", default = true, otherwise = "--no-editable" }
[environment]
commands = [["{python}", "{options}", "last"]]
"""


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ("--none",)),
        ({"groups": ("a", "b")}, ("--group=a", "--group=b")),
        ({"groups": ("a", "a")}, ("--group=a",)),
        ({"test_groups": ("a",)}, ("--none",)),
        ({"groups": ("a",), "test_groups": ("b",)}, ("--group=a",)),
        ({"profile": "{venv}"}, ("--none", "--{profile}={venv}")),
        ({"fast": True}, ("--none", "--fast")),
        ({"editable": False}, ("--none", "--no-editable")),
    ],
)
def test_a_setting_becomes_its_option(
    app: Application, settings: dict[str, object], expected: tuple[str, ...]
) -> None:
    assert words(SETTINGS, app, **settings) == (*expected, "last")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ("--none",)),
        ({"groups": ("a",)}, ("--group=a",)),
        ({"test_groups": ("b",)}, ("--group=b",)),
        ({"groups": ("a",), "test_groups": ("b", "a")}, ("--group=a", "--group=b")),
    ],
)
def test_a_setting_may_be_for_one_execution_environment(
    app: Application, settings: dict[str, object], expected: tuple[str, ...]
) -> None:
    [command] = install(app, SETTINGS, settings=settings, exec_env="test").commands
    assert command.argv[1:] == (*expected, "last")


def test_placeholders_stand_for_the_places_of_this_build(app: Application) -> None:
    run = '"{tool}/bin/acme-tool", "{venv}", "{python}", "{project}", "{cache}", "{version}", "{{}}"'
    more = f"environment.commands = [[{run}]]"
    [command] = install(app, more).commands
    assert command.argv == (
        "/layers/tool-acme/bin/acme-tool", "/layers/venv", "/layers/python/bin/python3.13", str(app.path),
        "/layers/cache-acme", "1.5", "{}",
    )  # fmt: skip
    assert command.cwd == app.path
    assert (
        command.words
        == f"acme-tool /layers/venv /layers/python/bin/python3.13 {app.path} /layers/cache-acme 1.5 '{{}}'"
    )


def test_the_inputs_name_no_place_but_the_application_directory(app: Application) -> None:
    more = """
    [environment]
    commands = [["{python}", "--into={venv}", "a b"], ["{tool}/bin/acme-tool"]]
    env.ACME_CACHE = "{cache}"
    """
    here, there = counts(app, more), counts(app, more, layers=Path("/elsewhere"))
    assert here == there
    assert here == {
        "application directory": str(app.path),
        "command python": "{layers}/python/bin/python3.13 --into={layers}/venv 'a b'",
        "command acme-tool": "{layers}/tool-acme/bin/acme-tool",
        "ACME_CACHE": "{layers}/cache-acme",
    }


def test_a_change_of_a_setting_is_a_change_of_the_inputs(app: Application) -> None:
    assert counts(app, SETTINGS) != counts(app, SETTINGS, settings={"fast": True})


INDEXES = """
settings.indexes = { type = "array", option = "--index-url={value}" }
environment.commands = [["{python}", "{options}"]]
environment.env.ACME_EXTRA = "https://me:hunter2@example.com"
"""


def test_no_input_has_the_credentials_of_a_url(app: Application) -> None:
    url = "https://me:hunter2@example.com/simple"
    made = counts(app, INDEXES, settings={"indexes": (url,)})
    assert "hunter2" not in str(made)
    python = "{layers}/python/bin/python3.13"
    assert made["command python"] == f"{python} --index-url=https://****@example.com/simple"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('tool.env.ACME = "1"', 'tool.env.ACME = "2"'),
        ('environment.commands = [["{python}"]]', 'environment.commands = [["{venv}/bin/python"]]'),
        ('environment.env = { A = "1 B=2" }', 'environment.env = { A = "1", B = "2" }'),
    ],
)
def test_whatever_the_commands_are_run_with_counts(app: Application, one: str, other: str) -> None:
    assert counts(app, one) != counts(app, other)


def test_a_pattern_with_many_stars_is_matched_at_once(app: Application) -> None:
    found = install(app, f'environment.secrets = ["{"A*" * 20}B"]', environment={"A" * 200: "1"})
    assert found.commands[0].env == {}


def test_all_commands_get_the_variables_and_none_shows_a_secret(app: Application) -> None:
    more = """
    [environment]
    first = [["{tool}/bin/acme-tool", "check"]]
    commands = [["{tool}/bin/acme-tool"], ["{venv}/bin/python", "-c", ""]]
    secrets = ["ACME_*_TOKEN"]
    env = { ACME_CACHE = "{cache}" }
    """
    environment = {"ACME_HOME": "x", "ACME_A_TOKEN": "secret", "PATH": "/bin"}
    made = install(app, more, environment=environment)
    for command in (*made.first, *made.commands):
        assert command.env == {"ACME_A_TOKEN": SecretStr("secret"), "ACME_CACHE": "/layers/cache-acme"}
    assert {c.reference for c in made.commands} == {"acme-failed"}
    assert [c.words for c in (*made.first, *made.commands)] == [
        "acme-tool check",
        "acme-tool",
        "python -c ''",
    ]
    assert "secret" not in str(made)


@pytest.mark.parametrize(
    ("lock", "first"),
    [
        (LOCK, "If acme.lock does not match the application, run `acme lock` and commit acme.lock."),
        (
            '[environment.lock]\nfile = "acme.lock"',
            "If acme.lock does not match the application, update it and commit acme.lock.",
        ),
        (
            "",
            "If a distribution failed to build, install what it reports as missing, or use a version that has a wheel.",
        ),
    ],
)
def test_a_command_that_fails_has_a_remedy(app: Application, lock: str, first: str) -> None:
    app.write("acme.lock", "")
    [command] = install(app, lock).commands
    assert command.remedy[0] == first
    assert "check Acme's index settings" in command.remedy[-1]


# The lock file


def test_without_a_lock_file_every_environment_is_recreated(app: Application) -> None:
    made = install(app)
    assert unproved(made) == "no lock file records what is installed"


@pytest.mark.parametrize(
    ("written_by", "remedy"),
    [('written-by = "acme lock"', "Run `acme lock`, and commit acme.lock."), ("", "Commit acme.lock.")],
)
def test_a_lock_file_that_is_missing_is_an_error(app: Application, written_by: str, remedy: str) -> None:
    with pytest.raises(UserError, match=r"^There is no acme\.lock\.$") as caught:
        install(app, f'[environment.lock]\nfile = "acme.lock"\n{written_by}')
    assert (caught.value.reference, caught.value.remedy) == ("missing-lock-file", (remedy,))


@pytest.mark.parametrize("name", ["acme.lock", "acme.toml"])
def test_what_the_tool_would_print_of_a_file_outside_of_the_application_is_refused(
    app: Application, name: str
) -> None:
    app.write("acme.lock", "")
    (app.path.parent / "secret").write_text("hunter2\n")
    (app.path / name).unlink(missing_ok=True)
    (app.path / name).symlink_to("../secret")
    declared = 'environment.lock.file = "acme.lock"\nenvironment.inputs.files = ["acme.toml", "~/acme.toml", "/acme"]'
    with pytest.raises(UserError, match="is a link to a file outside") as caught:
        install(app, declared)
    assert "hunter2" not in caught.value.cause


def test_a_lock_file_that_is_not_read_counts_as_a_whole(app: Application) -> None:
    app.write("acme.lock", "anything")
    before = install(app, 'environment.lock.file = "acme.lock"')
    assert before.sameness == Locked()
    app.write("acme.lock", "anything else")
    assert install(app, 'environment.lock.file = "acme.lock"').inputs != before.inputs


def test_each_version_has_an_archive_that_another_pin_makes_another(app: Application) -> None:
    app.write("acme.lock", ENTRY.format("one", "1") + ENTRY.format("one", "2") + ENTRY.format("two", "1"))
    before = install(app, CONVERGING)
    assert unproved(before) == ""
    assert list(archives_of(before)) == ["one==1", "one==2", "two==1"]
    app.write(
        "acme.lock",
        ENTRY.format("one", "1") + ENTRY.format("one", "2") + ENTRY.format("two", "1").replace("two1", "new"),
    )
    after = install(app, CONVERGING)
    assert [key for key in archives_of(after) if archives_of(after)[key] != archives_of(before)[key]] == [
        "two==1"
    ]


def test_one_version_with_several_entries_is_one_archive_in_any_order(app: Application) -> None:
    one, other = ENTRY.format("one", "1"), ENTRY.format("one", "1").replace("one1", "other")
    app.write("acme.lock", one + other)
    before = archives_of(install(app, CONVERGING))
    app.write("acme.lock", other + one)
    assert archives_of(install(app, CONVERGING)) == before
    app.write("acme.lock", one)
    assert archives_of(install(app, CONVERGING)) != before


def test_an_entry_that_nothing_pins_proves_nothing(app: Application) -> None:
    app.write("acme.lock", '[[package]]\nname = "one"\nversion = "1"\n')
    assert unproved(install(app, LOCK)) == "acme.lock does not pin one by hash"
    app.write("acme.lock", '[[package]]\nversion = "1"\n')
    assert unproved(install(app, LOCK)) == "acme.lock has an entry without a name"


@pytest.mark.parametrize("path", ["gone", "https://example.com/lib-1.whl"])
def test_a_path_that_is_missing_proves_nothing(app: Application, path: str) -> None:
    entry = f'[[package]]\nname = "lib"\nversion = "1"\nfiles = [{{path = "a.whl"}}, {{path = "{path}"}}]\n'
    app.write("acme.lock", entry)
    app.write("a.whl", "")
    made = install(app, LOCK)
    assert unproved(made) == "acme.lock does not pin lib by hash"
    assert path not in made.inputs
    app.write("acme.lock", f'{entry}hash = "a"\n')
    assert unproved(install(app, LOCK)) == ""


LOST = '[[package]]\nname = "lib"\nversion = "1"\npath = "../lib"\n'


@pytest.mark.parametrize(
    ("more", "settings"),
    [
        ("", {}),
        ('groups = ["default"]\nmarker = "python_version > \'3\'"\n', {}),
        ('groups = ["dev", "docs"]\n', {"groups": ("docs",)}),
    ],
)
def test_a_path_that_the_source_tree_lacks_is_an_error(
    app: Application, more: str, settings: Mapping[str, Any]
) -> None:
    app.write("acme.lock", LOST + more)
    with pytest.raises(UserError) as raised:
        install(app, LOCK + SETTINGS, settings=settings)
    assert (raised.value.summary, raised.value.reference) == ("../lib does not exist.", "path-outside-tree")
    assert raised.value.cause.startswith("acme.lock names it.")


@pytest.mark.parametrize("more", ['groups = ["dev"]\n', "marker = \"python_version < '3'\"\n"])
def test_a_path_that_is_not_needed_may_be_missing(app: Application, more: str) -> None:
    app.write("acme.lock", LOST + more)
    settings = {"groups": ("docs",), "test_groups": ("dev",)}
    assert install(app, LOCK + SETTINGS, settings=settings).commands


def test_a_lock_file_in_json_does_not_say_which_paths_are_needed(app: Application) -> None:
    app.write("acme.json", '{"develop": {"lib": {"path": "../lib"}}}')
    assert install(app, 'environment.lock.file = "acme.json"').commands


def test_every_file_of_an_entry_counts(app: Application) -> None:
    app.write(
        "acme.lock",
        '[[package]]\nname = "a"\nversion = "1"\nfiles = [{path = "one.whl"}, {path = "two.whl"}]\n',
    )
    app.write("one.whl", "1")
    app.write("two.whl", "1")
    before = install(app, CONVERGING)
    app.write("two.whl", "2")
    after = install(app, CONVERGING)
    assert [key for key in after.inputs if after.inputs[key] != before.inputs[key]] == ["two.whl"]
    assert archives_of(before) != archives_of(after)


PINNED = f"--hash=sha256:{64 * 'a'}"


@pytest.mark.parametrize(
    ("file", "text", "because"),
    [
        ("acme.txt", f"one==1 {PINNED}\n", ""),
        ("acme.txt", "", ""),
        ("acme.txt", f"one==1 {PINNED}\ntwo==2\n", "acme.txt does not pin two by version and hash"),
        ("acme.txt", "-r more.txt\n", "acme.txt does not pin -r more.txt by version and hash"),
        ("acme.json", f'{{"default": {{"one": {{"version": "==1", "hashes": ["{PINNED[7:]}"]}}}}}}', ""),
        (
            "acme.json",
            '{"default": {"one": {"version": "==1"}}}',
            "acme.json does not pin one by hashes or ref",
        ),
    ],
)
def test_a_lock_file_in_another_format_proves_what_it_pins(
    app: Application, file: str, text: str, because: str
) -> None:
    app.write(file, text)
    assert unproved(install(app, f'environment.lock.file = "{file}"')) == because


def test_another_hash_in_a_requirements_file_is_another_archive(app: Application) -> None:
    declared = 'environment = { converges = true, lock.file = "acme.txt" }'
    app.write("acme.txt", f"one==1 {PINNED}\ntwo==1 {PINNED}\n")
    before = archives_of(install(app, declared))
    app.write("acme.txt", f"one==1 {PINNED}\ntwo==1 {PINNED.replace('aaa', 'aab')}\n")
    after = archives_of(install(app, declared))
    assert [key for key in after if after[key] != before[key]] == ["two==1"]


def test_a_lock_file_with_entries_of_another_name_proves_nothing(app: Application) -> None:
    app.write("acme.lock", ENTRY.format("one", "1").replace("package", "packages"))
    assert unproved(install(app, LOCK)) == "acme.lock has no [[package]]"


@pytest.mark.parametrize(
    "empty",
    ["", "package = []", 'version = 1\n[metadata]\n[[metadata.targets]]\nrequires_python = ">=3.9"\n'],
)
def test_the_lock_file_of_an_application_without_dependencies_has_no_entry(
    app: Application, empty: str
) -> None:
    app.write("acme.lock", empty)
    made = install(app, CONVERGING)
    assert (unproved(made), archives_of(made)) == ("", {})


def test_the_content_of_a_directory_of_the_application_counts(app: Application) -> None:
    app.write("acme.lock", '[[package]]\nname = "lib"\nversion = "1"\npath = "lib"\n')
    app.write("lib/a.py", "1")
    before = install(app, CONVERGING)
    app.write("lib/a.py", "2")
    after = install(app, CONVERGING)
    assert unproved(before) == ""
    assert [k for k in after.inputs if after.inputs[k] != before.inputs[k]] == ["lib"]
    assert archives_of(before) != archives_of(after)


# Other inputs


def test_files_of_the_application_and_of_the_user_count_where_they_are_there(
    app: Application, tmp_path: Path
) -> None:
    more = 'environment.inputs.files = ["acme.toml", "~/.acme/config.toml", "missing"]'
    (tmp_path / "home" / ".acme").mkdir(parents=True)
    (tmp_path / "home" / ".acme" / "config.toml").write_text("x")
    app.write("acme.toml", "")
    found = install(app, more, environment={"HOME": str(tmp_path / "home")}).inputs
    assert {"acme.toml", "~/.acme/config.toml"} == found.keys() - {
        "application directory",
    }


def test_of_a_file_only_the_named_tables_may_count(app: Application) -> None:
    more = '[environment.inputs.tables]\n"pyproject.toml" = ["project", "tool.acme"]'
    none = install(app, more).inputs["pyproject.toml"]
    app.write("pyproject.toml", "[tool.other]\na = 1\n")
    assert install(app, more).inputs["pyproject.toml"] == none
    app.write("pyproject.toml", "[tool.acme]\na = 1979-05-27\n")
    assert install(app, more).inputs["pyproject.toml"] != none


def test_the_whole_lock_file_counts_whatever_tables_of_it_are_named(app: Application) -> None:
    more = f'{LOCK}[environment.inputs.tables]\n"acme.lock" = ["metadata"]'
    app.write("acme.lock", ENTRY.format("one", "1"))
    before = install(app, more).inputs
    app.write("acme.lock", ENTRY.format("one", "2"))
    assert install(app, more).inputs != before


def test_variables_count_without_credentials_and_secrets_do_not(app: Application) -> None:
    more = 'environment.inputs.variables = ["ACME_*", "OTHER"]\nenvironment.secrets = ["ACME_TOKEN"]'
    environment = {"ACME_INDEX": "https://me:pw@example.com", "ACME_TOKEN": "x", "MORE": "1", "OTHERS": "1"}
    found = install(app, more, environment=environment).inputs
    assert found.keys() - {"application directory"} == {"ACME_INDEX"}
    assert found["ACME_INDEX"] == "https://****@example.com"


def test_what_configures_the_tool_makes_every_archive_another(app: Application) -> None:
    app.write("acme.lock", ENTRY.format("one", "1"))
    inputs = 'files = ["acme.toml"]\nvariables = ["ACME_*"]\ntables = { "p.toml" = ["a"] }'
    more = f"{CONVERGING}[environment.inputs]\n{inputs}"
    before = archives_of(install(app, more))
    app.write("p.toml", "a = 1")
    assert archives_of(install(app, more)) == before
    assert archives_of(install(app, more, environment={"ACME_NO_BINARY": "1"})) != before
    app.write("acme.toml", "")
    assert archives_of(install(app, more)) != before


# Updates


def test_it_converges_as_declared(app: Application) -> None:
    app.write("acme.lock", ENTRY.format("one", "1"))
    assert install(app, LOCK).sameness == Locked()
    assert update_of(install(app, f"environment.converges = true\n{LOCK}")) is not None


def test_what_the_commands_never_remove_is_for_core_to_look_for(app: Application) -> None:
    app.write("acme.lock", ENTRY.format("one", "1"))
    more = 'environment.converges = true\nenvironment.never-removes = ["pip", "Py.YAML"]'
    update = update_of(install(app, f"{more}\n{LOCK}"))
    assert update is not None
    assert update.keeps == {"pip", "Py.YAML"}


def test_its_own_diagnoses_come_before_those_that_every_installer_has(app: Application) -> None:
    diagnosis = "{ pattern = 'acme (?P<what>.*)', summary = 'No {what}.', reference = 'acme-lacks' }"
    [command] = install(app, f"environment.diagnoses = [{diagnosis}]").commands
    own, *shared = diagnoses_of(command)
    assert (own.summary, own.remedy, own.transient) == ("No {what}.", (), False)
    index = next(each for each in shared if each.reference == "index-login")
    assert index.remedy == ("Correct the credentials: the index settings of Acme.",)
