from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from layerwright import (
    HookContext,
    Interpreter,
    PluginError,
    Project,
    ProposedProcess,
    Target,
    ToolSettings,
    UserError,
)
from layerwright.plugins.blame import blaming
from layerwright.plugins.entry_points import PLUGIN_GROUP, EntryPoint
from layerwright.plugins.loading import load_plugins
from tests.fixtures.plugins import PluginSite, providing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.plugins.host import Plugins

HOOK = (
    "from layerwright import Command, ContributedLayer, NotProposed, Process, ProposedProcess, UserError, hookimpl\n"
    "@hookimpl\n"
)
TABLE = "pyproject.toml [tool.layerwright.package-managers.acme]"
INTERPRETER = Interpreter(version="3.13.2", prefix=Path("/layers/python"))


def context(entry_point: EntryPoint, settings: object) -> HookContext:
    """Return what is known after the install, where gunicorn is installed."""
    return HookContext(
        project=Project(Path("/app")),
        interpreter=INTERPRETER,
        target=Target(os="linux", arch="amd64"),
        venv=Path("/layers/venv"),
        distributions=frozenset({"gunicorn"}),
        environment={"VIRTUAL_ENV": "/layers/venv"},
        layer=Path(f"/layers/plugin-{entry_point.name}"),
        settings=settings,
    )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PluginSite]:
    with PluginSite(tmp_path / "site-packages") as site:
        yield site


def load(site: PluginSite, *disabled: str) -> Plugins:
    return load_plugins(site.entry_points, disabled=disabled)


def managers(body: str) -> str:
    return f"{HOOK}def layerwright_package_managers():\n    {body}\n"


def in_a_table(site: PluginSite, name: str, manager: str) -> EntryPoint:
    """Return the entry point of the table *name*, with the package manager *manager*, which is loaded already."""
    module = import_module(site.install("of_the_table", providing(manager), plugins={}))
    file, key = TABLE.split()
    return EntryPoint(PLUGIN_GROUP, name, key, file, key, module)


def reasons(plugins: Plugins) -> list[tuple[str, str]]:
    return [(broken.entry_point.label, broken.reason) for broken in plugins.broken]


# Loading


def test_a_plugin_provides_package_managers(site: PluginSite) -> None:
    site.install("acme", providing("acme"), version="1.2", evidence=("acme.lock",))
    plugins = load(site)
    assert plugins.package_managers["acme"].display_name == "A manager"
    assert plugins.provider("acme").label == "layerwright-acme 1.2"
    assert [e.name for e in plugins.entry_points] == ["acme"]
    assert plugins.broken == []


def test_a_hook_may_be_a_generator_or_return_nothing(site: PluginSite) -> None:
    site.install("acme", providing("acme").replace("return [Manager()]", "yield Manager()"))
    site.install("none", managers("return None"))
    plugins = load(site)
    assert list(plugins.package_managers) == ["acme"]
    assert plugins.broken == []


@pytest.mark.parametrize("disabled", ["acme", "layerwright-acme"])
def test_a_disabled_plugin_is_not_even_imported(site: PluginSite, disabled: str) -> None:
    module = site.install("acme", "raise RuntimeError")
    site.install("beta", providing("beta"))
    plugins = load(site, disabled, "unknown")
    assert list(plugins.package_managers) == ["beta"]
    assert plugins.broken == []
    assert module not in sys.modules


def test_a_module_with_several_entry_points_is_loaded_once(site: PluginSite) -> None:
    module = "layerwright_acme"
    site.install("acme", providing("acme"), plugins={"acme": module, "acme-too": module})
    plugins = load(site)
    assert list(plugins.package_managers) == ["acme"]
    assert len(plugins.entry_points) == 1


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import absent_module", "ModuleNotFoundError: No module named 'absent_module'"),
        ("this is no Python", "SyntaxError: invalid syntax (layerwright_acme.py, line 1)"),
        ("raise RuntimeError", "RuntimeError."),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("import layerwright.no_such", "ModuleNotFoundError: No module named 'layerwright.no_such'"),
        (
            f"{HOOK}def layerwright_package_mangers(): return []",
            "PluginValidationError: unknown hook 'layerwright_package_mangers' in plugin <module",
        ),
        (
            f"{HOOK}def layerwright_package_managers(config): return []",
            "PluginValidationError: Plugin 'layerwright-acme:layerwright_acme' for hook 'layerwright_package_managers'",
        ),
    ],
)
def test_a_plugin_that_cannot_be_loaded_is_left_out_with_the_reason(
    site: PluginSite, source: str, reason: str
) -> None:
    site.install("acme", source)
    site.install("beta", providing("beta"))
    plugins = load(site)
    assert list(plugins.package_managers) == ["beta"]
    [broken] = plugins.broken
    assert broken.reason.startswith(f"Loading layerwright_acme raised {reason}")
    assert [e.name for e in plugins.entry_points] == ["beta"]


def test_a_broken_plugin_is_blamed_by_distribution_and_version(site: PluginSite) -> None:
    site.install("acme", "raise RuntimeError('oops')", version="1.2")
    error = load(site).broken[0].error
    assert error.summary == "This is a defect in layerwright-acme 1.2, not in your application."
    assert error.cause == "Loading layerwright_acme raised RuntimeError: oops"
    assert "LAYERWRIGHT_DISABLE_PLUGINS" in error.remedy[1]
    assert error.reference == "plugin-defect"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise RuntimeError('oops')", "layerwright_package_managers raised RuntimeError: oops"),
        ("yield 1 / 0", "layerwright_package_managers raised ZeroDivisionError: division by zero"),
        ("return 5", "layerwright_package_managers raised TypeError: 'int' object is not iterable"),
        ("return [5, 6]", "layerwright_package_managers returned 5, not PackageManager."),
        ("return 'acme'", "layerwright_package_managers returned 'a', not PackageManager."),
        (
            "return [int]",
            "layerwright_package_managers returned <class 'int'>, not PackageManager.",
        ),
        ("raise UserError('On purpose.', cause='Why.', reference='r')", "Why."),
        ("raise UserError('On purpose.', reference='r')", "On purpose."),
    ],
)
def test_a_plugin_whose_package_managers_cannot_be_had_is_among_the_broken_ones(
    site: PluginSite, body: str, reason: str
) -> None:
    site.install("acme", managers(body))
    site.install("beta", providing("beta"))
    plugins = load(site)
    assert list(plugins.package_managers) == ["beta"]
    assert reasons(plugins) == [("layerwright-acme 1.0", reason)]


@pytest.mark.parametrize("name", ["", "Acme", "acme_pip", "-acme", "acme-", "a/b", None, 5])
def test_a_package_manager_needs_a_name_that_can_name_a_layer(site: PluginSite, name: object) -> None:
    site.install("acme", providing(name))
    plugins = load(site)
    assert plugins.package_managers == {}
    assert reasons(plugins) == [
        ("layerwright-acme 1.0", "Its package manager Manager has no valid name or display name.")
    ]


def test_a_package_manager_needs_a_name_for_people_too(site: PluginSite) -> None:
    site.install("acme", providing("acme", display_name=""))
    assert load(site).package_managers == {}


def test_two_plugins_with_one_package_manager_are_both_named_and_the_rest_go_on(site: PluginSite) -> None:
    site.install("acme", providing("acme"), version="1.2")
    site.install("beta", providing("beta"))
    site.install("copy", providing("acme"), version="0.1")
    plugins = load(site)
    assert list(plugins.package_managers) == ["beta"]
    words = "They are layerwright-acme 1.2 and layerwright-copy 0.1."
    assert reasons(plugins) == [
        ("layerwright-acme 1.2", f'Two plugins provide the package manager "acme". {words}'),
        ("layerwright-copy 0.1", f'Two plugins provide the package manager "acme". {words}'),
    ]
    plugins.refuse_broken(["beta"])
    for broken in ("acme", "copy"):
        with pytest.raises(PluginError) as caught:
            plugins.refuse_broken([broken])
        assert caught.value.reference == "plugin-conflict"
    with pytest.raises(PluginError) as caught:
        plugins.package_manager("acme")
    assert caught.value.summary == 'Two plugins provide the package manager "acme".'
    assert caught.value.cause == words
    assert list(load(site, "copy").package_managers) == ["acme", "beta"]


def test_a_table_that_declares_what_a_plugin_provides_can_be_renamed(site: PluginSite) -> None:
    site.install("acme", providing("acme"))
    with pytest.raises(PluginError) as caught:
        load_plugins([*site.entry_points, in_a_table(site, "acme", "acme")]).package_manager("acme")
    assert caught.value.cause == f"They are layerwright-acme 1.0 and {TABLE}."
    assert caught.value.remedy == ("Rename or remove that table.",)


def test_a_table_whose_package_manager_cannot_be_used_is_no_plugin_to_update(site: PluginSite) -> None:
    plugins = load_plugins([in_a_table(site, "acme", "python")])
    with pytest.raises(PluginError) as caught:
        plugins.package_manager("acme")
    assert caught.value.summary == f"The package manager of {TABLE} cannot be used."
    assert caught.value.cause == 'Its package manager Manager has the name "python", which is already taken.'
    assert caught.value.remedy == ("Rename or remove that table.",)
    assert caught.value.reference == "plugin-defect"


def test_of_several_plugins_with_one_package_manager_all_are_named(site: PluginSite) -> None:
    for name in ("acme", "beta", "copy"):
        site.install(name, providing("acme"))
    with pytest.raises(PluginError) as caught:
        load(site).package_manager("acme")
    assert caught.value.summary == 'Several plugins provide the package manager "acme".'
    assert (
        caught.value.cause
        == "They are layerwright-acme 1.0 and layerwright-beta 1.0 and layerwright-copy 1.0."
    )


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("[Manager()]", "[Manager(), Manager()]", 'It provides two package managers with the name "acme".'),
        (
            "    name = 'acme'",
            "    name = 'python'",
            'Its package manager Manager has the name "python", which is already taken.',
        ),
        (
            "    name = 'acme'",
            "    name = 'acme'\n    settings_model = dict",
            "The settings_model of its package manager Manager is not a subclass of ToolSettings.",
        ),
        (
            "    name = 'acme'",
            "    name = property(lambda self: 1 / 0)",
            "name, display_name or settings_model raised ZeroDivisionError: division by zero",
        ),
    ],
)
def test_a_package_manager_that_cannot_be_used_is_its_plugins_defect(
    site: PluginSite, before: str, after: str, reason: str
) -> None:
    site.install("acme", providing("acme").replace(before, after))
    site.install("beta", providing("beta"))
    plugins = load(site)
    assert list(plugins.package_managers) == ["beta"]
    assert reasons(plugins) == [("layerwright-acme 1.0", reason)]


def test_a_plugin_for_another_plugin_api_is_left_out_and_not_even_imported(site: PluginSite) -> None:
    module = site.install("acme", "raise RuntimeError", apis=("3",))
    site.install("beta", providing("beta"), apis=("1", "2"))
    plugins = load(site)
    assert list(plugins.package_managers) == ["beta"]
    assert module not in sys.modules
    [broken] = plugins.broken
    assert broken.reason.startswith("It supports plugin API 3, but this Layerwright ")
    with pytest.raises(PluginError) as caught:
        plugins.package_manager("acme")
    assert caught.value.reference == "plugin-api"


def test_a_plugin_is_asked_by_whichever_of_its_names_it_is_wanted(site: PluginSite) -> None:
    module = "layerwright_acme"
    site.install("acme", providing("acme-too"), plugins={"acme": module, "acme-too": module})
    site.install("beta", providing("beta"))
    plugins = load_plugins(site.entry_points, only=["acme-too"])
    assert list(plugins.package_managers) == ["acme-too"]


def test_what_is_to_be_disabled_and_is_missing_is_reported(site: PluginSite) -> None:
    site.install("acme", providing("acme"))
    assert load(site, "acme", "amce").disabled_without_effect == (
        "LAYERWRIGHT_DISABLE_PLUGINS names amce, which is not installed.",
    )


def test_every_plugin_has_a_table_in_the_configuration(site: PluginSite) -> None:
    site.install("acme", providing("acme"))
    assert load(site).tables == {"acme": ToolSettings}


# Hooks that are told to all


def test_every_plugin_may_propose_processes(site: PluginSite) -> None:
    body = (
        "def layerwright_processes(context):\n"
        "    for t in {}: yield ProposedProcess(process=Process(type=t, command=(t,)), because='it is good')\n"
    )
    site.install("acme", HOOK + body.format("['web', 'worker']"))
    site.install("beta", HOOK + body.format("sorted(context.distributions)"))
    site.install("none", "")
    found = load(site).processes(context, {})
    assert {proposed.because for proposed, _ in found} == {"it is good"}
    assert [
        (proposed.process.type, plugin.label)
        for proposed, plugin in found
        if isinstance(proposed, ProposedProcess)
    ] == [
        ("web", "layerwright-acme 1.0"),
        ("worker", "layerwright-acme 1.0"),
        ("gunicorn", "layerwright-beta 1.0"),
    ]


def test_a_hook_that_no_plugin_implements_needs_no_context(site: PluginSite) -> None:
    def refused(_plugin: EntryPoint, _settings: object) -> NoReturn:
        raise AssertionError

    site.install("acme", providing("acme"))
    assert load(site).processes(refused, {}) == ()


def test_every_plugin_may_have_commands_run_after_the_install(site: PluginSite) -> None:
    site.install(
        "acme",
        f"{HOOK}def layerwright_post_install(context):\n"
        "    yield Command(argv=('echo', context.environment['VIRTUAL_ENV']))",
    )
    [(command, plugin)] = load(site).post_install(context, {})
    assert command.argv == ("echo", "/layers/venv")
    assert plugin.label == "layerwright-acme 1.0"


def test_every_plugin_may_contribute_layers_that_it_has_the_paths_of(site: PluginSite) -> None:
    site.install(
        "acme",
        f"{HOOK}def layerwright_layers(context):\n"
        "    data = context.named_layer('data')\n"
        "    for layer in (context.named_layer(''), data):\n"
        "        yield ContributedLayer(commands=(Command(argv=('fill', str(layer))),))",
    )
    found = load(site).layers(context, {})
    assert [layer.commands[0].argv[1] for layer, _ in found] == [
        "/layers/plugin-acme",
        "/layers/plugin-acme-data",
    ]
    assert {plugin.label for _, plugin in found} == {"layerwright-acme 1.0"}


def test_a_layer_with_a_part_of_the_wrong_type_is_the_plugins_defect(site: PluginSite) -> None:
    site.install(
        "acme",
        f"{HOOK}def layerwright_layers(context): yield ContributedLayer(commands=[], inputs={{'a': 1}})",
    )
    with pytest.raises(PluginError) as caught:
        load(site).layers(context, {})
    assert caught.value.cause.splitlines() == [
        "layerwright_layers returned values of the wrong type:",
        "ContributedLayer.commands is a list: []",
        "ContributedLayer.inputs['a'] is 1",
    ]


def test_a_command_with_a_part_of_the_wrong_type_is_the_plugins_defect(site: PluginSite) -> None:
    site.install(
        "acme", f"{HOOK}def layerwright_post_install(context): yield Command(argv=('echo', context.venv))"
    )
    with pytest.raises(PluginError) as caught:
        load(site).post_install(context, {})
    assert caught.value.cause.splitlines() == [
        "layerwright_post_install returned values of the wrong type:",
        f"Command.argv[1] is {Path('/layers/venv')!r}",
    ]


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("raise RuntimeError('oops')", "layerwright_processes raised RuntimeError: oops"),
        ("return ['web']", "layerwright_processes returned 'web', not ProposedProcess or NotProposed."),
        (
            "yield NotProposed(because='', type='web')",
            "layerwright_processes raised ValueError: the process web that is not proposed has no reason",
        ),
        (
            "yield NotProposed(because='it is missing', remedy=None)",
            "layerwright_processes returned values of the wrong type:\nNotProposed.remedy is None",
        ),
        (
            "yield ProposedProcess(process=Process(type='web', command=('web',)), because=' ')",
            "layerwright_processes raised ValueError: the proposed process web has no reason",
        ),
    ],
)
def test_a_plugin_that_fails_while_taking_part_ends_the_build(
    site: PluginSite, body: str, cause: str
) -> None:
    site.install("acme", f"{HOOK}def layerwright_processes(context): {body}")
    with pytest.raises(PluginError) as caught:
        load(site).processes(context, {})
    assert caught.value.summary == "This is a defect in layerwright-acme 1.0, not in your application."
    assert caught.value.cause == cause


def test_a_plugin_may_refuse_an_application_in_its_own_words(site: PluginSite) -> None:
    site.install(
        "acme",
        f"{HOOK}def layerwright_processes(context): raise UserError('Not so.', reference='acme-not-so')",
    )
    with pytest.raises(UserError, match=r"^Not so\.$"):
        load(site).processes(context, {})


# Blame


def test_what_a_plugin_raises_is_its_defect() -> None:
    with pytest.raises(PluginError) as caught, blaming("layerwright-acme 1.0", "detect"):
        raise KeyError("x")
    assert caught.value.cause == "detect raised KeyError: 'x'"
    assert isinstance(caught.value.__cause__, KeyError)


def test_what_a_plugin_raises_on_purpose_is_left_as_it_is() -> None:
    error = UserError("Not so.", reference="acme-not-so")
    with pytest.raises(UserError) as caught, blaming("layerwright-acme 1.0", "detect"):
        raise error
    assert caught.value is error


def test_nobody_is_blamed_for_nothing() -> None:
    with blaming("layerwright-acme 1.0", "detect"):
        pass
