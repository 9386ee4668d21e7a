"""Creates and updates the virtual environment, and verifies it."""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Final, TypeVar

from layerwright.build._contribute import Filled
from layerwright.build.installed.checkouts import CHECKOUTS
from layerwright.build.installed.compiling import Compiled, look_for_bytecode, remove_stray
from layerwright.build.installed.dist_info import installed_in
from layerwright.build.installed.places import refuse_misplaced_files
from layerwright.build.installed.secretless import hide_in_metadata, new_report, read_report, without_secrets
from layerwright.build.installed.sources import list_files
from layerwright.build.installed.startup import set_aside, startup_words
from layerwright.build.installed.uninstall import uninstall
from layerwright.build.patches.skeleton import settle_application
from layerwright.build.venv._archives import outdated, record_archives
from layerwright.build.venv.resolved import change, digest_of, read_record, write_record
from layerwright.contract.names import normalised_name
from layerwright.contract.sameness import Resolved, resolution_of, update_of
from layerwright.errors import CommandFailed, UserError
from layerwright.files.frozen import frozen
from layerwright.files.removal import remove_tree
from layerwright.files.trees.tree import tree_of
from layerwright.plugins.blame import blaming, checked_value
from layerwright.process.command import Command
from layerwright.process.forks import forked
from layerwright.pythons.bytecode import compile_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from layerwright.build.installed.sources import Listing
    from layerwright.build.store.bytecode import BytecodeStore
    from layerwright.contract.sameness import Change, Resolution
    from layerwright.contract.values.environment import EnvironmentInstall
    from layerwright.files.trees.tree import Tree
    from layerwright.output.log import Log
    from layerwright.process.runner import Runner
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["Making"]

T = TypeVar("T")
# The times of files are slightly behind the clock.
_BEHIND: Final = 1_000_000_000


@frozen
class Making:
    """Makes the virtual environment in *layer* match *install*, of the plugin with the label *plugin*.

    *report* is the file to which a resolution writes its result. *bytecode* is the store to take bytecode from.
    """

    install: EnvironmentInstall
    plugin: str
    interpreter: Interpreter
    layer: Path
    report: Path
    runner: Runner
    log: Log
    bytecode: BytecodeStore | None = None

    def first(self) -> None:
        """Run the commands that come first, in the environment of the last build: they may run code of it."""
        self._run(self.runner.without_secrets(), [c.without_secrets for c in self.install.first])

    def resolve(self) -> tuple[Resolved, ...] | None:
        """Run the command that resolves, and return its result."""
        self._run(self.runner, () if self._resolved_by is None else (self._resolved_by.command,))
        return self._reported()

    def create(self, *, afresh: bool = False) -> Filled:
        """Create the virtual environment; return the digest of the resolved set, if there is one, and what is there.

        *afresh*: take nothing from the store of bytecode.
        """
        from layerwright.build.venv._verify import verify_fresh

        make = (str(self.interpreter.executable), "-I", "-m", "venv", "--without-pip", str(self.layer))
        self.runner.run(Command(argv=make, shown="python -m venv --without-pip", reference="venv-failed"))
        settle_application(self.layer)
        with self._leaving_no_credentials():
            self._run(self.runner, self.install.commands, self._creating)
        hide_in_metadata(self._site_packages)
        self._check()
        resolved = self._reported()
        tree, shared = verify_fresh(self.layer, self._site_packages, resolved)
        for words in shared:
            # Tools that install in parallel leave the result to chance.
            self.log.note(f"{words}: the distribution installed last overwrites the others.")
        return self._complete(tree, resolved, afresh=afresh)

    def update(self, wanted: tuple[Resolved, ...] | None, before: Path | None) -> Filled:
        """Change it in place to *wanted*, or by the commands; return the same as :meth:`create`.

        *before* is a copy of the old environment, if there is one.
        """
        from layerwright.build.venv._verify import Updating

        resolution, by_commands = self._resolved_by, update_of(self.install.sameness)
        compiled = None if before is None else Compiled(before, time.time_ns() - _BEHIND)
        begun = Updating(self.layer, self._site_packages)
        commands = self.install.commands
        if resolution is not None and wanted is not None:
            found = change(read_record(self.layer) or (), wanted, installed_in(self._site_packages))
            self._tell(found)
            commands = self._values("Resolution.converge", Command, lambda: resolution.converge(found))
        else:
            self._remove_outdated(by_commands.archives if by_commands else {})
        with self._leaving_no_credentials():
            self._change(commands)
        begun.settle()
        hide_in_metadata(self._site_packages)
        self._check()
        tree = tree_of(self.layer)
        # Verified meanwhile, on another core: later steps add or remove nothing that it checks.
        with self.log.still():
            looked = forked(lambda: begun.look(tree, wanted))
        try:
            filled = self._complete(tree, wanted, compiled)
        finally:
            seen = looked()
        begun.accept(*(begun.look(tree, wanted) if seen is None else seen))
        return filled

    def _change(self, commands: tuple[Command, ...]) -> None:
        """Run *commands*; if a fresh environment would fail too, the error is the user's to fix."""
        update = update_of(self.install.sameness)
        diagnosis = update.diagnosis if update else ()
        try:
            self._run(self.runner, commands, self._updating)
        except CommandFailed as error:
            if error.transient:
                raise
            with set_aside(self._site_packages):
                fails_as_well = any(self.runner.try_run(command).returncode for command in diagnosis)
            if not fails_as_well:
                raise
            raise UserError(
                error.summary, cause=error.cause, remedy=error.remedy, reference=error.reference
            ) from error

    def _complete(
        self,
        tree: Tree,
        resolved: tuple[Resolved, ...] | None,
        before: Compiled | None = None,
        *,
        afresh: bool = False,
    ) -> Filled:
        """Record and compile what changed; return the digest of the resolved set, if there is one, and *tree*.

        *tree* is the layer, and *before* is what it was. *afresh*: take no bytecode from the store.
        """
        from layerwright.build.installed.links import refuse_links_to_caches

        listing = list_files(tree, f"{self._site_packages.relative_to(self.layer)}/")
        refuse_links_to_caches(self.layer, self._site_packages, listing.links)
        if resolved is not None:
            write_record(self.layer, resolved)
        update = update_of(self.install.sameness)
        if update and update.archives:
            record_archives(self.layer, update.archives)
        self._compile(tree, listing, before, afresh)
        for words in startup_words(self._site_packages):
            self.log.note(f"Runs code at every start of the interpreter: {words}")
        return Filled(None if resolved is None else digest_of(resolved), tree)

    def _compile(self, tree: Tree, listing: Listing, before: Compiled | None, afresh: bool) -> None:
        roots = [name for name in ("lib", CHECKOUTS) if f"{name}/" in tree.folders]
        suffix = f".cpython-{self.interpreter.minor.replace('.', '')}.pyc"
        found = look_for_bytecode(tree, roots, suffix, before)
        remove_stray(tree, found)
        valid: tuple[str, ...] = ()
        if self.bytecode is not None:
            valid, altered = self.bytecode.take(listing, self._site_packages, afresh=afresh)
            for label in altered:
                self.log.note(
                    f"The stored bytecode of {label} was changed or damaged, so it is compiled again."
                )
        due = {f"{self.layer}/{name}" for name in found.stale}.difference(valid)
        if due:
            below = [self.layer / root for root in roots]
            self.runner.run(compile_command(self.interpreter.executable, below, listed=sorted(due)))

    def _check(self) -> None:
        """Run the checks, which need no secrets, and warn of their findings."""
        for command in self.install.checks:
            with set_aside(self._site_packages, imports=True):
                completed = self.runner.without_secrets().try_run(command.without_secrets)
            if completed.returncode:
                self.log.warning(f"{command.words} finds:\n{completed.output}")

    def _remove_outdated(self, archives: Mapping[str, str]) -> None:
        """Remove distributions that the package manager would keep, because it compares only names and versions."""
        installed = {d.name for d in installed_in(self._site_packages)}
        found = {key: normalised_name(key.partition("==")[0]) for key in outdated(self.layer, archives)}
        again = {key: name for key, name in found.items() if name in installed}
        if again:
            self.log.detail(
                f"To reinstall, from other archives: {', '.join(key.removesuffix('==') for key in again)}"
            )
            uninstall(self.layer, self._site_packages, again.values())

    def _tell(self, found: Change) -> None:
        if found.install:
            self.log.detail(f"To install: {', '.join(d.words for d in found.install)}")
        if found.remove:
            self.log.detail(f"To remove: {', '.join(found.remove)}")

    def _run(
        self,
        runner: Runner,
        commands: Iterable[Command],
        protect: Callable[[int], AbstractContextManager[None]] = lambda _number: nullcontext(),
    ) -> None:
        """Run *commands*, each in the context that *protect* returns for its number."""
        # The report of an earlier command must not be read as the result of these.
        new_report(self.report)
        for number, command in enumerate(commands):
            with protect(number):
                runner.run(command)

    @contextmanager
    def _leaving_no_credentials(self) -> Iterator[None]:
        """Remove what may contain credentials if a command fails: checkouts, and URLs in metadata."""
        try:
            yield
        except BaseException:
            # Nothing uses an incomplete environment, but it stays on the disk until the next build.
            if (self.layer / CHECKOUTS).is_dir():
                remove_tree(self.layer / CHECKOUTS)
            hide_in_metadata(self._site_packages)
            raise

    @contextmanager
    def _creating(self, number: int) -> Iterator[None]:
        # A command may install build requirements of the next one, which must be able to import them.
        with set_aside(self._site_packages, imports=True) if number else nullcontext():
            yield
        refuse_misplaced_files(self.layer)

    @contextmanager
    def _updating(self, _number: int) -> Iterator[None]:
        with set_aside(self._site_packages):
            yield
        # Before the next command, which may start an interpreter that obeys these files.
        refuse_misplaced_files(self.layer)

    def _reported(self) -> tuple[Resolved, ...] | None:
        resolution = self._resolved_by
        if resolution is None:
            return None
        resolved = self._values(
            "Resolution.read", Resolved, lambda: resolution.read(read_report(self.report))
        )
        return without_secrets(resolved)

    def _values(self, what: str, kind: type[T], call: Callable[[], Iterable[T]]) -> tuple[T, ...]:
        """Return the values that *what* of the plugin returns, each a *kind*; anything else is its defect."""
        with blaming(self.plugin, what):
            values = tuple(call())
        return tuple(checked_value(value, kind, self.plugin, what) for value in values)

    @property
    def _resolved_by(self) -> Resolution | None:
        return resolution_of(self.install.sameness)

    @property
    def _site_packages(self) -> Path:
        return self.interpreter.site_packages(self.layer)
