"""What the plugin contributes, and to which applications."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright import ContributedLayer, LayerEnv, PythonDependence, UserError
from layerwright.testing import hook_context
from layerwright_nltk import download_script, layerwright_layers, layerwright_settings
from layerwright_nltk.data import diagnoses
from layerwright_nltk.settings import NltkSettings

if TYPE_CHECKING:
    from layerwright.testing import Application

LAYER = "/layers/plugin-nltk"


def layers(app: Application, *data: str, nltk: bool = True, **more: Any) -> tuple[ContributedLayer, ...]:
    context = hook_context(
        app, distributions=["nltk"] if nltk else [], settings=NltkSettings(data=data), name="nltk", **more
    )
    return tuple(layerwright_layers(context))


def test_the_data_that_the_configuration_names_are_a_layer(application: Application) -> None:
    [layer] = layers(application, "stopwords", "punkt_tab")
    [command] = layer.commands
    assert layer == ContributedLayer(
        commands=(command,),
        depends_on=("nltk",),
        depends_on_python=PythonDependence.NONE,
        depends_on_target=False,
        env=LayerEnv().prepend("NLTK_DATA", LAYER),
    )
    script = str(Path(download_script.__file__))
    assert command.argv == ("/layers/venv/bin/python", script, LAYER, "punkt_tab", "stopwords")
    assert command.words == "python -m nltk.downloader punkt_tab stopwords"


@pytest.mark.parametrize(
    ("output", "reference"),
    [
        (
            "[nltk_data] Error loading no-such-words: Package 'no-such-words' not\n[nltk_data]     found in index\n",
            "nltk-unknown-data",
        ),
        (
            "[nltk_data] Error loading words: <urlopen error [Errno 111]\n[nltk_data]     Connection refused>\n",
            "nltk-server-unreachable",
        ),
    ],
)
def test_what_nltk_prints_says_what_went_wrong(output: str, reference: str) -> None:
    # As core searches output: a blank matches any white space.
    found = [d for d in diagnoses() if re.search(d.pattern.replace(" ", r"\s+"), output)]
    assert [d.reference for d in found] == [reference]


def test_nltk_txt_names_data_unless_the_configuration_does(application: Application) -> None:
    application.write("nltk.txt", "words\npunkt_tab words\n")
    [layer] = layers(application)
    assert layer.commands[0].argv[-2:] == ("punkt_tab", "words")
    [layer] = layers(application, "stopwords")
    assert layer.commands[0].argv[3:] == ("stopwords",)


def test_applications_without_nltk_or_data_get_no_layer(application: Application) -> None:
    assert layers(application, "punkt_tab", nltk=False) == ()
    assert layers(application) == ()
    application.write("nltk.txt", "\n")
    assert layers(application) == ()


def test_a_mirror_is_an_input_without_its_password(application: Application) -> None:
    mirror = {"NLTK_DOWNLOAD_URL": "https://me:hunter2@example.com/index.xml"}
    [layer] = layers(application, "words", environment=mirror)
    assert layer.inputs == {"NLTK_DOWNLOAD_URL": "https://****@example.com/index.xml"}


@pytest.mark.parametrize("data", [("--help",), ("../words",)])
def test_what_is_no_name_is_refused(application: Application, data: tuple[str, ...]) -> None:
    with pytest.raises(UserError) as caught:
        layers(application, *data)
    assert caught.value.summary == (
        f"nltk.data in the configuration contains a name that is not valid for NLTK's data: {data[0]}"
    )
    application.write("nltk.txt", data[0])
    with pytest.raises(UserError, match=r"^nltk\.txt contains a name that is not valid for NLTK's data"):
        layers(application)


def test_the_table_has_one_setting() -> None:
    assert layerwright_settings() is NltkSettings
    assert NltkSettings() == NltkSettings(data=())
