"""What is given for indexes, joined with the user's variables, and who gets it."""

from __future__ import annotations

import base64
import io
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright import Command, EnvironmentInstall, IndexVariables
from layerwright.build.choose.prepare import prepare
from layerwright.build.explain import explain
from layerwright.build.indexes.join import joined
from layerwright.build.phase import build
from layerwright.config.models import ToolSettings
from layerwright.errors import PluginError, SiteError, UserError
from layerwright.output.log import Log
from layerwright.output.verbosity import Verbosity
from tests.unit.small import Small, small_request, write_lock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright import EnvironmentRequest, IndexRequest
    from layerwright.build.indexes.join import Joined
    from layerwright.build.request import BuildRequest
    from layerwright.config.reading import PythonSettings
    from layerwright.pythons.provider import Provider

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
LISTED = {
    "LAYERWRIGHT_INDEX_ACME_URL": "https://packages.example.com/simple",
    "LAYERWRIGHT_INDEX_ACME_USERNAME": "reader",
    "LAYERWRIGHT_INDEX_ACME_PASSWORD": "hunter22",
    "LAYERWRIGHT_INDEX_ACME_DEFAULT": "true",
}


class Taking(Small):
    takes_indexes = True


@pytest.fixture(autouse=True)
def takes_indexes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Small, "takes_indexes", True)


def bind(root: Path, name: str, **entries: str) -> None:
    (root / "bindings" / name).mkdir(parents=True)
    for entry, value in entries.items():
        (root / "bindings" / name / entry.replace("_", "-")).write_text(value)


def given(root: Path, environment: Mapping[str, str] | None = None, manager: Small | None = None) -> Joined:
    """Return what is joined for the bindings below *root* and *environment*."""
    (root / "app").mkdir(exist_ok=True)
    request = replace(
        small_request(root, environment={"HOME": str(root), **(environment or {})}), platform=root
    )
    return joined(request, manager or Taking(), ToolSettings(), "layerwright-small 1.0")


def test_an_index_is_in_the_variables_of_the_package_manager_and_of_pip(tmp_path: Path) -> None:
    found = given(tmp_path, LISTED)
    netrc = tmp_path / "temporary" / "netrc"
    assert {name: value for name, value in found.environment.items() if name not in ("HOME", "PATH")} == {
        "NETRC": str(netrc),
        "PIP_INDEX_URL": "https://reader:hunter22@packages.example.com/simple",
        "SMALL_INDEX": "https://packages.example.com/simple",
        "SMALL_KEY": "hunter22",
        "SMALL_USER": "reader",
    }
    assert found.files == {netrc: "machine packages.example.com\nlogin reader\npassword hunter22\n"}
    assert found.notes == (
        "the default index acme: https://packages.example.com/simple with credentials, from LAYERWRIGHT_INDEX_ACME_…",
    )
    assert found.warnings == ()
    assert [index.in_netrc for index in found.indexes] == [True]


def test_an_extra_index_is_for_the_package_manager_alone_and_why_it_is_not_used_is_a_warning(
    tmp_path: Path,
) -> None:
    bind(tmp_path, "acme", type="python-index", uri="https://packages.example.com/simple")
    found = given(tmp_path)
    assert not found.environment.keys() & {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "NETRC"}
    assert found.warnings == ("Small does not use the index acme.\nIt has one index.",)
    assert found.notes == ("index acme: https://packages.example.com/simple, from the binding acme",)


def test_a_variable_that_the_user_has_set_stays_and_the_log_says_so(tmp_path: Path) -> None:
    users = {"PIP_INDEX_URL": "https://mine.example.com/simple", "SMALL_INDEX": "mine"}
    found = given(tmp_path, {**LISTED, **users})
    assert users.items() <= found.environment.items()
    assert found.notes[-1] == (
        "PIP_INDEX_URL, SMALL_INDEX stay as set in the environment, and not as the indexes above say"
    )
    one = given(tmp_path, {**LISTED, "SMALL_INDEX": "mine"})
    assert one.notes[-1].startswith("SMALL_INDEX stays as set")


def test_certificates_are_in_one_file_with_those_that_the_user_trusts(tmp_path: Path) -> None:
    (tmp_path / "mine.pem").write_text("MINE")
    bind(tmp_path, "acme", type="pypi", uri="https://packages.example.com/simple", certificates=PEM)
    found = given(
        tmp_path, {"SSL_CERT_FILE": str(tmp_path / "mine.pem"), "LAYERWRIGHT_INDEX_ACME_KEYRING": "1"}
    )
    place = tmp_path / "temporary" / "certificates.pem"
    assert found.files == {place: f"{PEM}\nMINE\n"}
    assert found.environment["PIP_CERT"] == found.environment["SSL_CERT_FILE"] == str(place)
    assert found.environment["PIP_KEYRING_PROVIDER"] == "subprocess"
    assert found.notes == (
        "the default index acme: https://packages.example.com/simple with a keyring, from LAYERWRIGHT_INDEX_ACME_…"
        " and the binding acme",
    )


def test_repositories_and_netrc_files_need_nothing_of_the_package_manager(tmp_path: Path) -> None:
    bind(
        tmp_path,
        "code",
        type="git",
        uri="https://git.example.com/acme",
        username="reader",
        password="hunter22",
        certificates=PEM,
    )
    bind(tmp_path, "hosts", type="netrc", netrc="machine h.example.com login me password hunter23")
    (tmp_path / ".netrc").write_text("machine mine.example.com login me password hunter24")
    found = given(tmp_path, {"GIT_CONFIG_COUNT": "1"}, Small())
    header = base64.b64encode(b"reader:hunter22").decode()
    assert found.environment["GIT_CONFIG_VALUE_1"] == f"Authorization: Basic {header}"
    assert found.environment["GIT_CONFIG_COUNT"] == "3"
    assert found.restored == {"GIT_CONFIG_COUNT": "1"}
    assert found.files[tmp_path / "temporary" / "netrc"] == (
        "machine h.example.com login me password hunter23\n\nmachine mine.example.com login me password hunter24\n\n"
    )
    assert found.notes == ("credentials and mirrors from the binding code, the binding hosts",)


def test_a_host_that_the_users_netrc_has_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("machine packages.example.com login me password mine\n")
    found = given(tmp_path, {**LISTED, "NETRC": str(tmp_path / "own")})
    assert found.restored == {"NETRC": str(tmp_path / "own")}
    assert found.warnings[0].startswith(
        "The netrc file of the user has credentials for packages.example.com as well."
    )


def test_one_host_with_several_credentials_is_a_note(tmp_path: Path) -> None:
    bind(
        tmp_path,
        "b",
        type="python-index",
        uri="https://packages.example.com/b",
        username="r",
        password="hunter23",
    )
    found = given(tmp_path, LISTED)
    assert found.notes[-1] == (
        "not in netrc, because indexes of one host have different credentials: packages.example.com"
    )
    assert [index.in_netrc for index in found.indexes] == [False, False]
    assert found.files == {}


def test_a_mirror_of_interpreters_is_used_unless_another_one_is_configured(tmp_path: Path) -> None:
    bind(
        tmp_path,
        "mirror",
        type="python-mirror",
        uri="https://mirror.example.com/python",
        username="reader",
        password="hunter22",
    )
    write_lock(tmp_path / "app")
    seen: list[str | None] = []

    def request() -> BuildRequest:
        found = replace(small_request(tmp_path), platform=tmp_path)

        def providers(settings: PythonSettings) -> Sequence[Provider]:
            seen.append(settings.mirror)
            return found.providers(settings)

        return replace(found, providers=providers)

    prepare(request())
    (tmp_path / "app" / "layerwright.toml").write_text('[python]\nmirror = "https://mine.example.com"\n')
    prepare(request())
    assert seen == ["https://reader:hunter22@mirror.example.com/python", "https://mine.example.com"]


def test_two_mirrors_of_interpreters_are_an_error_beside_every_other_mistake(tmp_path: Path) -> None:
    bind(tmp_path, "a", type="python-mirror", uri="https://a.example.com")
    bind(tmp_path, "b", type="python-mirror", uri="https://b.example.com", certificates=PEM)
    bind(tmp_path, "code", type="git", uri="git.example.com")
    with pytest.raises(UserError, match="cannot be used") as caught:
        given(tmp_path, {"LAYERWRIGHT_INDEX_X_PASSWORD": "hunter22"})
    assert caught.value.reference == "bad-index"
    assert caught.value.cause.splitlines() == [
        "The index x has no URL: LAYERWRIGHT_INDEX_X_… has none. Set LAYERWRIGHT_INDEX_X_URL, or uri in its binding.",
        "uri of the binding code has no scheme and host: it must begin with https://, http:// or file://.",
        "There are 2 mirrors of interpreters: the binding a, the binding b.",
        "certificates of the binding b is not used for interpreters: set SSL_CERT_FILE for the build instead.",
    ]


def test_a_file_of_certificates_that_cannot_be_read_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "ca.pem").write_text(PEM)
    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(UserError) as caught:
        given(tmp_path, {**LISTED, "LAYERWRIGHT_INDEX_ACME_CERTIFICATE": str(tmp_path / "ca.pem")})
    assert "LAYERWRIGHT_INDEX_ACME_CERTIFICATE names a file that cannot be read" in caught.value.cause


def test_an_empty_password_in_a_binding_is_an_error_that_names_it(tmp_path: Path) -> None:
    bind(tmp_path, "acme", type="pypi", uri="https://packages.example.com/simple", password="\n")
    with pytest.raises(SiteError, match="acme"):
        given(tmp_path)


def test_a_package_manager_that_cannot_take_indexes_ends_the_build(tmp_path: Path) -> None:
    class Unable(Small):
        takes_indexes = False

    with pytest.raises(UserError, match=r"^Small cannot take package indexes from the platform\.$") as caught:
        given(tmp_path, LISTED, Unable())
    assert caught.value.reference == "indexes-not-supported"
    assert caught.value.cause.endswith("\nacme, from LAYERWRIGHT_INDEX_ACME_…")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"SMALL_INDEX": "x"}, "index_variables returned {'SMALL_INDEX': 'x'}, not IndexVariables."),
        (IndexVariables(variables={"A": None}), "IndexVariables.variables['A'] is None"),  # type: ignore[dict-item]
        (IndexVariables(variables={}, unused=["acme"]), "IndexVariables.unused is a list: ['acme']"),  # type: ignore[arg-type]
        (IndexVariables(variables={}, unused={"b": "x"}), "IndexVariables.unused has 'b', which is no index"),
    ],
)
def test_an_answer_that_is_none_of_the_contract_is_the_plugins_defect(
    tmp_path: Path, answer: Any, words: str
) -> None:
    class Wrong(Small):
        def index_variables(self, request: IndexRequest) -> IndexVariables | None:
            result: IndexVariables = answer
            return result

    with pytest.raises(PluginError, match=r"defect in layerwright-small 1\.0") as caught:
        given(tmp_path, LISTED, Wrong())
    assert words in caught.value.cause


def logged(tmp_path: Path, environment: Mapping[str, str]) -> str:
    stream = io.StringIO()
    (tmp_path / "layers").mkdir(exist_ok=True)
    request = small_request(tmp_path, environment=environment)
    build(replace(request, platform=tmp_path), Log(stream, stream, verbosity=Verbosity.VERBOSE))
    return stream.getvalue()


def test_a_password_that_changes_changes_no_layer(tmp_path: Path) -> None:
    write_lock(tmp_path / "app", "acme")
    logged(tmp_path, LISTED)
    again = logged(tmp_path, {**LISTED, "LAYERWRIGHT_INDEX_ACME_PASSWORD": "another-one"})
    assert "Layer venv kept: unchanged" in again
    assert "  the default index acme: https://packages.example.com/simple with credentials, from" in again
    assert "another-one" not in again
    assert not (tmp_path / "temporary").exists()


class Telling(Small):
    """Has commands of every kind, each of which prints its variables."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        def tell(kind: str) -> Command:
            script = 'env | sed "s/^/$0 sees /"; ls -l "$NETRC" 2>/dev/null | sed "s/^/$0 lists /"'
            return Command(argv=("sh", "-c", script, kind), shown=f"tell {kind}")

        found = super().environment(request)
        failing = Command(argv=("sh", "-c", 'env | sed "s/^/check sees /"; exit 1'), shown="tell check")
        return replace(
            found, first=(tell("first"),), commands=(*found.commands, tell("install")), checks=(failing,)
        )


def test_only_commands_that_fetch_something_get_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.unit.small.Small", Telling)
    bind(tmp_path, "code", type="git", uri="https://git.example.com", username="reader", password="hunter23")
    bind(tmp_path, "hosts", type="netrc", netrc="machine h.example.com login me password hunter24")
    write_lock(tmp_path / "app", "after")
    own = "sh -c 'env | sed \"s/^/own sees /\"'"
    (tmp_path / "app" / "layerwright.toml").write_text(f"[build]\ncommands = ['''{own}''']\n")
    (tmp_path / "mine").write_text("machine mine.example.com login me password hunter25\n")

    log = logged(tmp_path, {**LISTED, "NETRC": str(tmp_path / "mine"), "GIT_CONFIG_COUNT": "0"})

    def seen(kind: str) -> dict[str, str]:
        lines = [
            line.strip().removeprefix(f"{kind} sees ") for line in log.splitlines() if f"{kind} sees " in line
        ]
        assert lines
        return dict(line.split("=", 1) for line in lines if "=" in line)

    for kind in ("first", "check", "own"):
        assert not any(
            name.startswith(("LAYERWRIGHT_INDEX_", "GIT_CONFIG_KEY", "GIT_CONFIG_VALUE"))
            for name in seen(kind)
        )
        assert not {"SMALL_KEY", "SMALL_USER"} & seen(kind).keys()
        assert seen(kind).get("NETRC") != str(tmp_path / "temporary" / "netrc")
    # The application keeps what it would have without indexes.
    assert (seen("own")["NETRC"], seen("own")["GIT_CONFIG_COUNT"]) == (str(tmp_path / "mine"), "0")
    hook = log.partition("After the install\n")[2]
    assert f"NETRC={tmp_path}/temporary" not in hook
    assert "SMALL_KEY" not in hook
    installing = seen("install")
    assert installing["NETRC"] == str(tmp_path / "temporary" / "netrc")
    assert installing["SMALL_KEY"] == "****"
    assert {"GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0", "PIP_INDEX_URL"} <= installing.keys()
    assert not any(name.startswith("LAYERWRIGHT_INDEX_") for name in installing)
    assert "install lists -rw------- 1 " in log
    assert not any(f"hunter{number}" in log for number in range(22, 26))


def test_an_explanation_writes_no_file_and_names_the_indexes(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    bind(tmp_path, "b", type="python-index", uri="https://b.example.com/simple")
    explained = explain(replace(small_request(tmp_path, environment=LISTED), platform=tmp_path))
    assert [words.partition(":")[0] for words in explained.prepared.words] == [
        "the default index acme",
        "index b",
    ]
    assert "Small does not use the index b.\nIt has one index." in explained.warnings
    assert not (tmp_path / "temporary").exists()


def test_the_files_can_be_read_by_their_owner_alone_and_replaced(tmp_path: Path) -> None:
    found = given(tmp_path, LISTED)
    (tmp_path / "temporary").mkdir()
    for _ in range(2):
        found.write_files()
        assert stat.S_IMODE((tmp_path / "temporary" / "netrc").stat().st_mode) == 0o600


def test_a_build_to_which_nothing_is_given_imports_nothing_for_it(tmp_path: Path) -> None:
    write_lock(tmp_path / "app")
    code = """
import sys
from pathlib import Path
from layerwright.build._specify import describe
from layerwright.build.choose.prepare import prepare
from tests.unit.small import small_request
request = small_request(Path(sys.argv[1]))
before = {*sys.modules}
describe(request, prepare(request))
more = {*sys.modules} - before
print([name for name in more if ".indexes" in name or ".sources." in name or name.endswith(".bindings")])
"""
    found = subprocess.check_output([sys.executable, "-c", code, tmp_path], text=True)
    assert found.strip() == "[]"
