"""The grammar of the command line."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from layerwright.cli.grammar.audit import add_audit
from layerwright.cli.grammar.cache import add_cache
from layerwright.cli.grammar.command import (
    JSON,
    LAYERS,
    PROGRAM,
    Parser,
    add_application,
    add_tree,
    command,
    nearest_word,
)
from layerwright.cli.grammar.config import add_config
from layerwright.cli.grammar.fetch import add_bundle, add_fetch
from layerwright.cli.grammar.guide import add_guide
from layerwright.cli.grammar.image import add_image, add_inspect, add_patch
from layerwright.cli.grammar.package import add_package
from layerwright.cli.grammar.plugins import add_plugins
from layerwright.cli.grammar.sbom import add_sbom
from layerwright.output.verbosity import Verbosity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["build_parser", "commands_of", "parse", "summaries_of"]

_EXEC_ENV: Final = "the execution environment: production or test (default: CNB_EXEC_ENV, else production)"
_LIFECYCLE: Final = "build an image in OCI layout, with the Cloud Native Buildpacks lifecycle in DIR"
_RUN_IMAGE: Final = "the run image, a directory in OCI layout (default: an empty image); needs --lifecycle"
_HTML: Final = "write a page to look at in a browser; - means standard output"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the parsed *arguments*, with ``run``, the function that executes them; exits with 2 on misuse."""
    program, words = build_parser(), list(arguments) or ["help"]
    name, rest = _named(words, program)
    parser = commands_of(program)[name]
    own, others = _own_words(rest, parser) if name == "run" else (rest, [])
    if "--" in own:
        parser.error("Only run takes arguments after --.")
    parsed, unknown = parser.parse_known_args(own, argparse.Namespace(command=name))
    if unknown:
        parser.refuse(unknown)
    if name == "run":
        _add_process(parsed, others)
    if name == "patch" and not parsed.python and not parsed.base:
        parser.error("--python or --base is needed.")
    if name == "build" and parsed.run_image and not parsed.lifecycle:
        parser.error("--run-image needs --lifecycle.")
    if name == "build" and parsed.json and parsed.lifecycle:
        parser.error("--json cannot be used with --lifecycle.")
    return parsed


def _named(words: Sequence[str], program: Parser) -> tuple[str, Sequence[str]]:
    """Return the command that *words* begin with, which may have two words, and the words after it."""
    commands, first, two = commands_of(program), words[0], " ".join(words[:2])
    if two in commands:
        return two, words[2:]
    if first not in commands:
        _refuse(words, commands, program)
    below = [name.removeprefix(f"{first} ") for name in commands if name.startswith(f"{first} ")]
    if below and len(words) > 1 and not words[1].startswith("-") and not Path(words[1]).exists():
        meant = nearest_word(words[1], below)
        if meant != "." or not commands[first].takes_arguments:
            program.error(f"There is no command {two}{meant}")
    return first, words[1:]


def _refuse(words: Sequence[str], commands: Mapping[str, Parser], program: Parser) -> NoReturn:
    """Exit: with 2, unless *words* begin with an option that only shows something."""
    if words[0] in program.options:
        program.parse_args(words[:1])
    if words[0].startswith("-"):
        program.refuse(words)
    program.error(f"There is no command {words[0]}{nearest_word(words[0], commands)}")


def _own_words(words: Sequence[str], parser: Parser) -> tuple[Sequence[str], Sequence[str]]:
    """Return the options of ``run`` among *words*, and the words from the process on, which are not parsed."""
    at = 0
    while at < len(words) and words[at] != "--" and words[at].startswith("-"):
        at += 2 if parser.takes_value(words[at]) else 1
    return words[:at], words[at:]


def _add_process(parsed: argparse.Namespace, words: Sequence[str]) -> None:
    # A path cannot be a process type, and a directory cannot be a command.
    if words and (os.sep in words[0] or words[0] in (".", "..")) and Path(words[0]).is_dir():
        parsed.app, *words = words
        if words[1:2] == ["--"]:
            del words[1]
    parsed.process = None
    if words[:1] == ["--"]:
        parsed.arguments = list(words[1:])
    elif words:
        parsed.process, *parsed.arguments = words


def _add_verbosity(parser: Parser) -> None:
    either = parser.add_mutually_exclusive_group()
    for option, value, shown in (
        ("--quiet", Verbosity.QUIET, "print nothing but errors"),
        ("--verbose", Verbosity.VERBOSE, "also print the commands and their output"),
    ):
        either.add_argument(
            option[1:3], option, action="store_const", const=value, dest="verbosity", help=shown
        )


def commands_of(program: Parser) -> Mapping[str, Parser]:
    """Return the parser of each command of *program*, by its name: one word or two."""
    return {
        name: parser
        for action in program._actions
        if isinstance(action, argparse._SubParsersAction)
        for name, parser in action.choices.items()
    }


def summaries_of(program: Parser) -> Mapping[str, str]:
    """Return what each command of *program* does, in a line, by its name."""
    return {
        choice.dest: choice.help or ""
        for action in program._actions
        if isinstance(action, argparse._SubParsersAction)
        for choice in action._choices_actions
    }


def build_parser() -> Parser:
    """Return the parser of the whole command line."""
    from layerwright import __version__

    program = Parser(
        prog=PROGRAM,
        description="Turn a Python application directory into layers: the interpreter, the package manager and the "
        "application's virtual environment.",
        epilog=f"{PROGRAM} help COMMAND describes a command.",
    )
    version = f"{PROGRAM} {__version__}"
    program.add_argument("-V", "--version", action="version", version=version, help="show the version")
    commands = program.add_subparsers(
        prog=PROGRAM, dest="command", required=True, title="commands", metavar="COMMAND"
    )

    detect = command(commands, "detect", "show which package manager would be used, and why")
    add_tree(detect)

    explain = command(commands, "explain", "show what a build would do, and why, without doing it")
    add_tree(explain)
    form = explain.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help=JSON)
    form.add_argument("--html", metavar="FILE", help=_HTML)
    explain.add_argument("--layers", metavar="DIR", help=LAYERS)
    explain.add_argument("--exec-env", metavar="NAME", default="", help=_EXEC_ENV)
    add_bundle(explain)

    build = command(commands, "build", "build the application into layers")
    add_tree(build)
    build.add_argument("--layers", metavar="DIR", help=LAYERS)
    build.add_argument("--exec-env", metavar="NAME", default="", help=_EXEC_ENV)
    add_bundle(build)
    build.add_argument("--clean", action="store_true", help="recreate every layer")
    _add_verbosity(build)
    build.add_argument(
        "--json", action="store_true", help="print the build record as JSON, and the log on standard error"
    )
    build.add_argument("--lifecycle", metavar="DIR", help=_LIFECYCLE)
    build.add_argument("--run-image", metavar="DIR", help=_RUN_IMAGE)

    _add_verbosity(add_image(commands))
    add_inspect(commands)
    add_patch(commands)

    run = command(
        commands, "run", "run a process of the built application, or a command in its launch environment"
    )
    add_application(run)
    run.add_argument("--layers", metavar="DIR", help=LAYERS)
    run.add_argument(
        "process",
        nargs="?",
        metavar="PROCESS",
        help="a process type, or a command of the launch environment (default: the default process)",
    )
    run.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGS", help="passed on as they are")

    verify = command(commands, "verify", "check every layer for changes since the last build")
    add_tree(verify)
    verify.add_argument("--layers", metavar="DIR", help=LAYERS)
    verify.add_argument("--exec-env", metavar="NAME", default="", help=_EXEC_ENV)
    verify.add_argument("--repair", action="store_true", help="rebuild the layers that changed")
    _add_verbosity(verify)

    _add_verbosity(add_fetch(commands))
    add_sbom(commands)
    add_audit(commands)
    add_config(commands)
    add_cache(commands)
    add_plugins(commands)
    add_package(commands)
    add_guide(commands)
    return program
