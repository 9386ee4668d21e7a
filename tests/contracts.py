"""The contract of import-linter that it does not bring: what begins with an underscore belongs to its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importlinter import Contract, ContractCheck, fields, output

if TYPE_CHECKING:
    from grimp import ImportGraph

__all__ = ["PrivateContract"]


class PrivateContract(Contract):
    """No module outside of a folder, or of the folders in it, imports one of the folder's private modules."""

    type_name = "private"

    package = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Return each import of a private module from outside of its folder, as ``importer -> imported``."""
        wrong = [
            f"{importer} -> {module}"
            for module in sorted(graph.modules)
            if module.startswith(f"{self.package}.") and _is_private(module)
            for importer in sorted(graph.find_modules_that_directly_import(module))
            if not _is_within(importer, module.rpartition(".")[0])
        ]
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each wrong import on a line of its own."""
        for line in check.metadata["wrong"]:
            output.print_error(f"- {line}", bold=False)


def _is_private(module: str) -> bool:
    name = module.rpartition(".")[2]
    return name.startswith("_") and not name.startswith("__")


def _is_within(module: str, folder: str) -> bool:
    return module == folder or module.startswith(f"{folder}.")
