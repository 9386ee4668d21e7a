"""The grammar of the command line."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from layerwright.cnb.api import SUPPORTED_APIS
from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["build_parser", "parse"]

_CONFIG_SET = "config set"
_PLUGINS_CHECK = "plugins check"
_PLUGINS_NEW = "plugins new"
_APP = "the application directory (default: the current directory)"
_EXEC_ENV = "the execution environment: production or test (default: CNB_EXEC_ENV, else production)"
_LIFECYCLE = "build an image in OCI layout, with the Cloud Native Buildpacks lifecycle in DIR"
_RUN_IMAGE = "the run image, a directory in OCI layout (default: an empty image); needs --lifecycle"
_OUTPUT = "where to write the buildpack: a file if it ends with .cnb, else a directory (default: a file named after it)"
_SOURCE = "the directory of the buildpack.py to package (default: the ready-made buildpack)"
_LAYERS = "the layers directory (default: one for each application, in the user's cache directory)"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the parsed *arguments*, with ``run``, the function that executes them; exits with 2 on misuse."""
    before, separator, after = _split(list(arguments))
    if " ".join(before[:2]) in (_CONFIG_SET, _PLUGINS_CHECK, _PLUGINS_NEW):
        before = [" ".join(before[:2]), *before[2:]]
    parser = build_parser()
    parsed = parser.parse_args(before)
    parsed.arguments = after
    if separator and parsed.command != "run":
        parser.error(f"{parsed.command} takes no arguments after --")
    if parsed.command == "build" and parsed.run_image and not parsed.lifecycle:
        parser.error("--run-image needs --lifecycle")
    return parsed


class _Parser(argparse.ArgumentParser):
    """A parser whose error messages contain no secrets."""

    def error(self, message: str) -> NoReturn:
        super().error(redacted(message))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    from layerwright import __version__

    parser = _Parser(
        prog="layerwright",
        description="Turn a Python application directory into layers: the interpreter, the package manager and the "
        "application's virtual environment.",
    )
    parser.add_argument("--version", action="version", version=f"layerwright {__version__}")
    commands = parser.add_subparsers(prog="layerwright", dest="command", required=True, metavar="COMMAND")

    detect = _command(commands, "detect", "show which package manager would be used, and why")
    _app(detect)

    explain = _command(commands, "explain", "show what a build would do, and why, without doing it")
    _app(explain)
    explain.add_argument("--json", action="store_true", help="print JSON")
    explain.add_argument("--layers", metavar="DIR", help=_LAYERS)
    explain.add_argument("--exec-env", metavar="NAME", default="", help=_EXEC_ENV)

    build = _command(commands, "build", "build the application into layers")
    _app(build)
    build.add_argument("--layers", metavar="DIR", help=_LAYERS)
    build.add_argument("--exec-env", metavar="NAME", default="", help=_EXEC_ENV)
    build.add_argument("--clean", action="store_true", help="recreate every layer")
    build.add_argument("--lifecycle", metavar="DIR", help=_LIFECYCLE)
    build.add_argument("--run-image", metavar="DIR", help=_RUN_IMAGE)

    run = _command(commands, "run", "run a process of the built application")
    run.add_argument("app", nargs="?", metavar="APP", help=_APP)
    run.add_argument(
        "process",
        nargs="?",
        metavar="PROCESS",
        help="a process type, or a command (default: the default process)",
    )
    run.add_argument("--layers", metavar="DIR", help=_LAYERS)
    run.usage = "layerwright run [-h] [--layers DIR] [APP] [PROCESS] [-- ARGS …]"

    verify = _command(commands, "verify", "check every layer for changes since the last build")
    _app(verify)
    verify.add_argument("--layers", metavar="DIR", help=_LAYERS)
    verify.add_argument("--exec-env", metavar="NAME", default="", help=_EXEC_ENV)
    verify.add_argument("--repair", action="store_true", help="rebuild the layers that changed")

    config = _command(commands, "config", "show the effective configuration and where each value comes from")
    _app(config)

    change = _command(
        commands, _CONFIG_SET, "set a value in the application's configuration file", "config", "change"
    )
    change.add_argument("key", metavar="KEY", help="for example pip.launch")
    change.add_argument("value", metavar="VALUE", help="for example true")
    _app_option(change)

    use = _command(
        commands,
        "use",
        "set the package manager in the application's configuration file",
        "config",
        "use",
    )
    use.add_argument("manager", metavar="MANAGER", help="for example pip")
    _app_option(use)

    plugins = _command(commands, "plugins", "list the installed plugins", "plugins.listing")
    plugins.add_argument("--json", action="store_true", help="print JSON")
    plugins.add_argument(
        "other", nargs="?", metavar="COMMAND", type=_no_command_of_plugins, help=argparse.SUPPRESS
    )
    plugins.usage = "layerwright plugins [-h] [--json]"

    check = _command(commands, _PLUGINS_CHECK, "check the declaration of a package manager", "plugins.check")
    check.add_argument("file", metavar="FILE", help="the declaration, usually package-manager.toml")

    new = _command(
        commands,
        _PLUGINS_NEW,
        "create a plugin: a complete distribution that passes its tests",
        "plugins.new",
    )
    new.add_argument("name", metavar="NAME", help="the plugin's name, for example acme")
    kind = new.add_mutually_exclusive_group()
    kind.add_argument(
        "--declarative",
        action="store_const",
        const="declarative",
        default="programmed",
        dest="kind",
        help="declare the package manager in TOML instead of Python",
    )
    kind.add_argument(
        "--hooks",
        action="store_const",
        const="hooks",
        dest="kind",
        help="create a plugin that adds layers to applications instead of a package manager",
    )
    new.add_argument("--output", metavar="DIR", help="where to create it (default: layerwright-NAME)")

    package = _command(commands, "package", "create a self-contained buildpack, as a directory or a file")
    package.add_argument("source", nargs="?", metavar="SOURCE", help=_SOURCE)
    package.add_argument("--output", metavar="PATH", help=_OUTPUT)
    package.add_argument(
        "--python",
        metavar="VERSION",
        default="",
        help="the Python that runs the buildpack, not that of applications (default: the newest minor version known)",
    )
    package.add_argument(
        "--api",
        metavar="VERSION",
        choices=SUPPORTED_APIS,
        help="the Buildpack API (default: the one the source names, else 0.10); 0.12 supports execution environments",
    )
    package.add_argument(
        "--target",
        metavar="OS/ARCH",
        default="",
        help="the target: linux/amd64 or linux/arm64 (default: this machine)",
    )
    package.add_argument(
        "--plugin",
        metavar="DISTRIBUTION",
        action="append",
        default=[],
        help="a plugin to add to those that the source names; can be repeated",
    )
    package.add_argument(
        "--requirements",
        metavar="FILE",
        action="append",
        default=[],
        help="a requirements file that locks the dependencies of plugins with hashes; can be repeated",
    )
    return parser


def _command(
    commands: Any, name: str, summary: str, module: str = "", function: str = "run"
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
    )
    parser.set_defaults(run=_late(module or name, function))
    return parser


def _app(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("app", nargs="?", default=".", metavar="APP", help=_APP)


def _app_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--app", default=".", metavar="APP", help=_APP)


def _no_command_of_plugins(word: str) -> NoReturn:
    # Existing subcommands never get here, because each is its own command.
    raise argparse.ArgumentTypeError(f"{word!r} is unexpected here (check or new must follow plugins)")


def _late(module: str, function: str) -> Callable[..., int]:
    """Return a function that imports its target only when it is called."""

    def run(*arguments: Any) -> int:
        return int(getattr(import_module(f"layerwright.cli.{module}"), function)(*arguments))

    return run


def _split(arguments: list[str]) -> tuple[list[str], bool, list[str]]:
    if "--" not in arguments:
        return arguments, False, []
    at = arguments.index("--")
    return arguments[:at], True, arguments[at + 1 :]
