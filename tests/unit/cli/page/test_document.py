from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from layerwright import __version__
from layerwright.build.explain import explain
from layerwright.cli.page.document import page
from layerwright.config.application import Choice
from tests.unit.cli.page.looking import read
from tests.unit.cli.page.sample import HOSTILE, MANY, built, explained, make_hostile
from tests.unit.small import LOCK, small_request, write_lock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.page.looking import Read


FOOTER = f"Explained, not built, by layerwright {__version__}."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_lock(tmp_path / "app", "acme", converges=True)
    return tmp_path


def looked_at(root: Path, *more: object) -> Read:
    return read(page(explained(root, *more), root / "app"))  # type: ignore[arg-type]


def test_a_page_is_one_file_that_loads_and_runs_nothing(root: Path) -> None:
    seen = looked_at(root)

    assert seen.metas["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert seen.metas["generator"] == f"layerwright explain {__version__}"
    assert seen.metas["viewport"] == "width=device-width, initial-scale=1"
    assert not re.search(r"url\(|@import|@font-face|//", seen.style)
    assert "@media screen and (prefers-color-scheme: dark)" in seen.style
    assert "@media print" in seen.style


def test_equal_explanations_give_equal_pages(root: Path) -> None:
    built(root, MANY)
    assert page(explained(root, MANY), root / "app") == page(explained(root, MANY), root / "app")


def test_it_begins_with_what_a_build_would_do_and_the_choices_for_it(root: Path) -> None:
    seen = looked_at(root)

    assert seen.title == "app: what a build would do"
    assert seen.lines[:2] == ["app", "A build would create all 5 layers."]
    assert seen.between("Package manager", "Python") == ["Small, because small.lock exists"]
    assert seen.between("Python", "Layers directory") == [
        "Python 3.13.0 from small: /smalldefault: >=3.11 (decides)"
    ]
    assert seen.between("Layers directory", "Layers") == [str(root / "layers")]


def test_an_application_at_the_root_of_the_file_system_has_a_name(root: Path) -> None:
    assert read(page(explained(root), type(root)("/"))).title == "/: what a build would do"


@pytest.mark.parametrize(
    ("lock", "words"),
    [
        ({"converges": True}, "keep all 5 layers"),
        ({"converges": True, "installed": ["acme", "extra"]}, "update 1 layer and keep 4 layers"),
        ({"installed": ["acme", "extra"]}, "create 1 layer and keep 4 layers"),
        ({"resolves": True}, "keep 4 layers and decide about 1 layer after a resolution"),
        ({"converges": True, "keeps-cache": False}, "update 1 layer, keep 3 layers and remove 1 layer"),
    ],
)
def test_its_first_sentence_counts_the_decisions(root: Path, lock: dict[str, object], words: str) -> None:
    before = {key: value for key, value in lock.items() if key not in ("installed", "keeps-cache")}
    write_lock(root / "app", "acme", **before)
    built(root)
    installed = lock.pop("installed", ["acme"])
    write_lock(root / "app", *installed, **lock)  # type: ignore[misc]
    assert looked_at(root).lines[1] == f"A build would {words}."


def test_layers_that_are_not_built_are_not_drawn(root: Path) -> None:
    seen = looked_at(root)
    assert seen.widths == []
    assert "Not built yet. After the first build, the layers are drawn here to scale." in seen.lines
    assert seen.text.count("not built yet") == 5


def test_built_layers_are_drawn_to_size(root: Path) -> None:
    built(root)
    explanation = explained(root)
    sizes = {layer.spec.name: layer.size or 0 for layer in explanation.layers}
    image = sizes["python"] + sizes["absent-tools"] + sizes["venv"]

    seen = read(page(explanation, root / "app"))

    drawn = [float(width.removeprefix("width:").removesuffix("%")) for width in seen.widths]
    wanted = [100 * sizes[name] / image for name in ("python", "absent-tools", "venv")]
    assert drawn[:3] == pytest.approx(wanted, abs=0.001)
    assert sum(drawn[:3]) == pytest.approx(100, abs=0.002)


def test_what_is_not_built_beside_built_layers_is_named(root: Path) -> None:
    built(root)
    seen = looked_at(root, MANY)
    assert (
        "Widths are to scale: the sizes after the last build, on disk. Not built yet: plugin-many."
        in seen.lines
    )


def test_a_layer_has_its_inputs_by_what_their_change_leads_to(root: Path) -> None:
    built(root)
    write_lock(root / "app", "extra", converges=True)

    venv = looked_at(root).between("A change of one of these updates the layer", "What a change would touch")

    assert venv[0] == f"{LOCK} changed"
    assert re.fullmatch("sha256:[0-9a-f]{64}", venv[1])
    assert venv.index("Commands") < venv.index("download") < venv.index("Environment")
    assert venv[-2:] == ["VIRTUAL_ENVbuild and launch, always", str(root / "layers" / "venv")]


def test_new_inputs_and_those_that_are_gone_are_marked(root: Path) -> None:
    built(root)
    metadata = root / "layers" / "venv.toml"
    metadata.write_text(metadata.read_text().replace("execution environment", "another input"))

    seen = looked_at(root)

    assert "execution environment new" in seen.lines
    assert "No input any more: another input" in seen.lines


def test_a_resolution_that_decides_is_told_of(root: Path) -> None:
    write_lock(root / "app", "acme", resolves=True)
    built(root)
    seen = looked_at(root)
    told = "resolved first, then kept if the resolution is unchanged, otherwise updated"
    assert f"A change of one of these: {told}" in seen.lines
    assert seen.lines[seen.lines.index("Keep:") + 1 :][:2] == ["unchanged", told]
    assert f"venv perhaps{told}" in seen.lines


def test_layers_that_are_removed_are_named(root: Path) -> None:
    (root / "layers" / "cache-other").mkdir(parents=True)
    assert "No longer needed, and removed by the build: cache-other" in looked_at(root).lines


def test_a_change_is_shown_with_what_it_touches_and_what_stays(root: Path) -> None:
    seen = looked_at(root).between("What a change would touch", "Launch")
    at = seen.index(LOCK)
    assert seen[at : at + 3] == [LOCK, "venv updated", "python, tool-small, absent-tools, cache-small"]
    at = seen.index("Nothing, or only files that no layer depends on")
    assert seen[at + 1 :][:2] == ["nothing", "python, tool-small, absent-tools, cache-small, venv"]
    at = seen.index("The minor version of Python")
    assert seen[at + 1 :][:2] == ["python createdtool-small createdvenv created", "absent-tools, cache-small"]


def test_path_has_the_layer_of_each_directory_in_order(root: Path) -> None:
    seen = looked_at(root)
    path = seen.between("PATH", "the PATH of the image")
    assert path[1:] == ["venv/bin", "python/bin", "absent-tools/bin"]


def test_a_directory_of_path_that_is_in_no_layer_is_shown_as_it_is(root: Path) -> None:
    explanation = replace(explained(root), launch_environment={"PATH": "/opt/acme/bin"})
    assert "/opt/acme/bin" in read(page(explanation, root / "app")).lines
    explanation = replace(explanation, launch_environment={"ACME": "1"})
    assert read(page(explanation, root / "app")).lines.count("ACME") == 1


def test_variables_say_which_layers_set_them(root: Path) -> None:
    built(root, MANY)
    seen = looked_at(root, MANY)
    environment = seen.between("the PATH of the image", "After the install")
    assert environment[0] == "Environment"
    assert environment[environment.index("PYTHONUNBUFFEREDby python") + 1] == "1"
    assert environment[environment.index("ACME_EMPTYby plugin-many") + 1] == "(empty)"
    assert "LD_LIBRARY_PATHby python and venv" in environment


def test_processes_have_their_origin_and_place(root: Path) -> None:
    (root / "app" / "layerwright.toml").write_text(
        '[processes.web]\ncommand = "acme serve"\nworking-directory = "site"\n'
    )
    seen = looked_at(root).between("Processes", "PATH")
    assert seen == ["web default", "acme serve", "in site; layerwright.toml: processes.web"]


def test_without_processes_it_says_why(root: Path) -> None:
    write_lock(root / "app", "no-web", expected=["no-web"])
    seen = looked_at(root).between("Processes", "PATH")
    assert seen == [
        "None: neither the configuration nor a Procfile defines one, and no plugin proposes one.",
        "layerwright-small 1.0 proposes no process web, because no-web is installed.Install another.",
    ]


def test_what_plugins_add_is_shown_with_what_it_is_based_on(root: Path) -> None:
    write_lock(root / "app", "after", expected=["after"])
    seen = looked_at(root)
    assert seen.between("After the install", "What plugins add") == [
        "These commands run in every build.",
        "look here",
        "layerwright-small 1.0",
        "look there",
        "layerwright-small 1.0",
    ]
    assert seen.between("What plugins add", FOOTER) == [
        "The layers, commands and processes of layerwright-small 1.0 are based on what small.lock will install."
    ]


def test_what_is_not_known_before_the_build_is_said_to_be_unknown(root: Path) -> None:
    assert looked_at(root).between("Not known before the build", FOOTER) == [
        "Nothing is installed yet. Once it is, layerwright-small 1.0 may add layers, commands and processes."
    ]


def test_if_plugins_add_nothing_there_is_no_section_about_them(root: Path) -> None:
    built(root)
    assert not {"After the install", "What plugins add", "Not known before the build"} & {
        *looked_at(root).lines
    }


def test_the_choice_of_the_directory_is_told_with_the_application(root: Path) -> None:
    choice = Choice("app", "--app")
    explanation = replace(explained(root), choice=choice)
    seen = read(page(explanation, root / "app"))
    assert seen.between("Application", "Package manager") == [f"{root / 'app'}{choice.words}"]


def test_warnings_come_before_the_layers(root: Path) -> None:
    (root / "app" / "Procfile").write_text("web: small run acme\n")
    seen = looked_at(root)
    [warning] = explained(root).warnings
    assert seen.between("Warning", "Layers") == [warning.replace("\n", "")]

    request = small_request(root, today=date(2040, 1, 1))
    explanation = replace(explain(request), recovers=True)
    seen = read(page(explanation, root / "app"))
    first, second, *_ = seen.between("Warnings", "Layers")
    assert first.startswith("The last build was interrupted")
    assert second.startswith("Python 3.13 has had no security fixes")


def test_ignored_variables_are_named(root: Path) -> None:
    request = replace(
        small_request(root, environment={"PYTHONPATH": "/elsewhere"}), inherited=frozenset({"PYTHONPATH"})
    )
    seen = read(page(explain(request), root / "app"))
    assert "Variables ignored, because the user did not set them: PYTHONPATH" in seen.text


def test_hostile_text_stays_text(root: Path) -> None:
    make_hostile(root / "app")
    built(root, MANY)

    seen = read(page(explained(root, MANY), root / HOSTILE.replace("/", "")))

    assert seen.headings[0] == (1, HOSTILE.replace("/", ""))
    assert f"setting {HOSTILE}" in seen.lines
    assert HOSTILE in seen.lines
    assert f"collect {HOSTILE}" in seen.lines
    assert any("<img src=x onerror=alert(2)>" in line for line in seen.between("Processes", "PATH"))
