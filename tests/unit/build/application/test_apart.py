"""The bytecode of a source tree that cannot be written to, which a process finds in a directory of its own."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from layerwright.build.application.apart import keep_apart, variables
from layerwright.build.application.in_place import write_files
from layerwright.cnb.layers.layer import LayersDirectory
from layerwright.files.project import Project
from layerwright.output.log import Log
from tests.unit.build.application.samples import Tree
from tests.unit.small import small_request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class ReadOnly(Tree):
    """A source tree that is only read, and the layers of its last build; ``log`` is what that build wrote."""

    log = ""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self.layers = place / "layers"
        for name in ("python", "venv"):
            (self.layers / name / "lib").mkdir(parents=True)
            (self.layers / f"{name}.toml").touch()
        self.library = self.layers / "venv" / "lib"
        (self.library / "acme.py").write_text("NAME = 'acme'\n")
        self._compile_layer()

    @property
    def place(self) -> Path:
        """The directory with the bytecode."""
        return self.layers / ".layerwright" / "bytecode"

    def build(self, *, root: Path | None = None, script: str = "") -> str:
        """Keep the bytecode apart; return the log."""
        stream = io.StringIO()
        log = Log(stream, stream)
        request = replace(
            small_request(self.path.parent, environment={"TMPDIR": str(self.temporary)}),
            project=Project(root or self.path, script=script),
            layers=LayersDirectory(self.layers),
        )
        keep_apart(self.place, request, self.interpreter, runner=self.runner, log=log)
        return stream.getvalue()

    def starts(self, statement: str, *paths: Path) -> list[str]:
        """Execute *statement* as a process of the application; return the modules that it compiles, and its output."""
        return self.imported(statement, *(paths or (self.path, self.library)), env=variables(self.place))

    def _compile_layer(self) -> None:
        tree = Tree.__new__(Tree)
        tree.__dict__.update(self.__dict__, path=self.library)
        write_files(self.library, tree.compile().files())
        self.commands.clear()


@pytest.fixture
def app(tmp_path: Path) -> ReadOnly:
    app = ReadOnly(tmp_path)
    app.write("shop/__init__.py", "import acme\n")
    app.write("shop/cart.py", "PRICE = 1\n")
    return app


@pytest.fixture(autouse=True)
def unchanged(app: ReadOnly) -> Iterator[None]:
    """Check that the source tree has got no bytecode."""
    yield
    assert [path for path in app.path.rglob("__pycache__") if app.layers not in path.parents] == []


def test_a_process_compiles_nothing_of_the_application_nor_of_the_layers(app: ReadOnly) -> None:
    assert variables(app.place) == {}
    assert app.build().splitlines()[-1] == "  With bytecode: 2 (2 compiled now)"
    assert variables(app.place)["PYTHONPYCACHEPREFIX"].startswith(str(app.place))
    assert app.starts("import shop.cart; print(shop.acme.NAME)") == ["acme"]


def test_a_process_writes_nothing_there(app: ReadOnly) -> None:
    app.build()
    app.write("shop/later.py", "NEW = 1\n")
    before = sorted(app.place.rglob("*"))
    assert app.starts("import later", app.path / "shop") == ["compiled later.py"]
    assert sorted(app.place.rglob("*")) == before


def test_what_changed_after_the_build_runs_as_it_is(app: ReadOnly) -> None:
    app.build()
    app.write("shop/cart.py", "PRICE = 2\n")
    assert app.starts("import cart; print(cart.PRICE)", app.path / "shop") == ["compiled cart.py", "2"]


def test_nothing_is_read_or_run_if_nothing_changed_and_only_what_changed_is_compiled(app: ReadOnly) -> None:
    app.build()
    made = app.place.stat().st_ino
    assert app.build() == ""
    assert (app.place.stat().st_ino, len(app.commands)) == (made, 1)
    app.write("shop/cart.py", "PRICE = 22\n")
    assert app.build().splitlines()[-1] == "  With bytecode: 2 (1 compiled now)"
    assert app.starts("import cart; print(cart.PRICE)", app.path / "shop") == ["22"]


def test_links_follow_a_changed_layer_without_a_process(app: ReadOnly) -> None:
    app.build()
    (app.library / "more.py").write_text("NAME = 'more'\n")
    app._compile_layer()
    app.layers.joinpath("venv.toml").write_text("[types]\n")
    assert app.build().splitlines()[-1] == "  With bytecode: 2 (0 compiled now)"
    assert app.commands == []
    assert app.starts("import more; print(more.NAME)", app.library) == ["more"]


def test_modules_that_do_not_compile_are_named_as_seen_from_the_application(app: ReadOnly) -> None:
    app.write("shop/template.py", "print 'old'\n")
    assert app.build().splitlines()[-1].endswith("so without bytecode: shop/template.py")


def test_layers_in_the_source_tree_are_no_modules_and_editable_distributions_elsewhere_are(
    app: ReadOnly, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "money"
    elsewhere.mkdir()
    (elsewhere / "money.py").write_text("COIN = 1\n")
    inside = app.path / "layers"
    app.layers.rename(inside)
    app.layers, app.library = inside, inside / "venv" / "lib"
    site_packages = app.interpreter.site_packages(inside / "venv")
    info = site_packages / "money-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "direct_url.json").write_text(
        json.dumps({"url": elsewhere.as_uri(), "dir_info": {"editable": True}})
    )
    assert app.build().splitlines()[-1] == "  With bytecode: 3 (3 compiled now)"
    assert app.starts("import money", elsewhere) == []


def test_the_tree_and_the_layers_are_found_by_their_names_and_by_those_that_links_lead_to(
    app: ReadOnly, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(app.path)
    home = tmp_path / "home"
    home.symlink_to(app.layers)
    real, app.layers = app.library, home
    app.build(root=link)
    for library in (real, home / "venv" / "lib"):
        assert app.starts("import acme", library) == []
    for path in (link, app.path):
        assert app.starts("import cart", path / "shop") == []


def test_a_script_has_none_and_what_an_earlier_build_kept_is_removed(app: ReadOnly) -> None:
    app.build()
    assert app.build(script="hello.py") == ""
    assert not app.place.exists()
    assert app.build(script="hello.py") == ""


def test_what_a_killed_build_left_is_removed(app: ReadOnly) -> None:
    for end in (".new", ".old"):
        left = app.place.with_name(f"bytecode{end}")
        left.mkdir(parents=True)
        (left / "half").touch()
    app.build()
    assert [path.name for path in app.place.parent.iterdir()] == ["bytecode"]


def test_a_missing_record_of_a_layer_is_a_warning(app: ReadOnly) -> None:
    (app.layers / "venv.toml").unlink()
    assert "Warning: Modules of the application have no bytecode" in app.build()


def test_a_failure_is_a_warning_and_leaves_what_the_last_build_kept(app: ReadOnly, tmp_path: Path) -> None:
    app.build()
    app.write("shop/cart.py", "PRICE = 22\n")
    app.interpreter = replace(app.interpreter, prefix=tmp_path / "python")
    assert "Warning: Modules of the application have no bytecode" in app.build()
    assert variables(app.place) != {}
