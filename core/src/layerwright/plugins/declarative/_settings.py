"""The settings of a declared package manager, as the model of its table in the configuration."""

from __future__ import annotations

from dataclasses import field, make_dataclass
from keyword import iskeyword
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from layerwright.config.reading import ToolSettings, checked
from layerwright.contract.tool_versions import version_setting

if TYPE_CHECKING:
    from layerwright.plugins.declarative._model import Declaration, SettingTable

__all__ = ["DEFAULTS", "attribute", "settings_model"]


class _Type(NamedTuple):
    """The type of a setting in the model, and its default."""

    hint: Any
    value: str | bool | tuple[str, ...]


DEFAULTS: Final = {
    "string": _Type(str | None, ""),
    "boolean": _Type(bool, False),
    "array": _Type(tuple[str, ...], ()),
}
"""The types of settings."""


def settings_model(declaration: Declaration, version: str) -> type[ToolSettings]:
    """Return the model of the table: the common settings, and the declared ones.

    *version* is the default one, which serves as an example of a version.
    """
    tool = declaration.tool
    supported = version_setting(version, oldest=tool.oldest or "0", because=tool.because or "")
    oldest = f", at least {tool.oldest}" if tool.oldest else ""
    help_ = f"version of {declaration.display_name}{oldest}"
    own: list[tuple[str, Any, Any]] = [
        (
            "version",
            Annotated[str | None, checked(supported)],
            field(default=None, metadata={"help": help_}),
        )
    ]
    own += [
        (
            attribute(name),
            DEFAULTS[setting.type].hint,
            field(default=_default(setting), metadata={"help": setting.help}),
        )
        for name, setting in declaration.settings.items()
    ]
    namespace = {"__module__": __name__, "__doc__": f"The table ``[tool.layerwright.{declaration.name}]``."}
    return make_dataclass(
        "DeclaredSettings", own, bases=(ToolSettings,), namespace=namespace, frozen=True, kw_only=True
    )


def attribute(name: str) -> str:
    """Return the attribute of the setting *name*: ``test_groups`` for ``test-groups``, ``with_`` for ``with``."""
    found = name.replace("-", "_")
    return f"{found}_" if iskeyword(found) else found


def _default(setting: SettingTable) -> Any:
    if setting.default is None:
        return None if setting.type == "string" else DEFAULTS[setting.type].value
    return setting.default
