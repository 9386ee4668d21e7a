"""What a bundle gets from a build: archives, by the commands that download them, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright import (
    Command,
    EnvironmentInstall,
    LayerwrightError,
    Locked,
    LockedArchive,
    LockedWheels,
    Offline,
    PluginError,
    SecretStr,
    ToolLayer,
    bundled_pip,
)
from layerwright.build._specify import DescribedTool, describe
from layerwright.build.choose.prepare import prepare
from layerwright.build.fetch._archives import sources_of
from layerwright.build.fetch._download import Downloads
from layerwright.build.fetch.describe import locked_entries
from layerwright.build.venv.resolved import write_record
from layerwright.contract.sameness import Resolved
from layerwright.process.redaction import KNOWN
from layerwright.process.runner import Runner
from layerwright.pythons.provider import Candidate, anything
from tests.unit import small
from tests.unit.build.fetch.gathered import Fetching
from tests.unit.small import Small, SmallPython

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright import EnvironmentRequest, OfflineRequest, ToolRequest
    from layerwright.pythons.provider import Progress, Wanted

HASH = "sha256:" + 64 * "0"


@pytest.fixture
def fetching(tmp_path: Path) -> Fetching:
    return Fetching(tmp_path)


class Unable(Small):
    def offline(self, request: OfflineRequest) -> Offline:
        return Offline(refused="It asks a server about the time.")


class FromArchives(Small):
    def offline(self, request: OfflineRequest) -> Offline:
        return Offline()


def refused(fetching: Fetching) -> LayerwrightError:
    with pytest.raises(LayerwrightError) as caught:
        fetching.gather()
    return caught.value


def test_a_package_manager_says_before_the_build_that_it_needs_a_network(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetching.gathering(fetching.request()).check()
    monkeypatch.setattr(small, "Small", Unable)
    with pytest.raises(LayerwrightError) as caught:
        fetching.gathering(fetching.request()).check()
    assert caught.value.reference == "not-for-a-bundle"
    assert caught.value.cause == "It asks a server about the time."


class FromCache(Small):
    def offline(self, request: OfflineRequest) -> Offline:
        return Offline(archives=False, cache=True)


def test_what_installs_from_the_cache_alone_gets_no_archives(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fetching.gather().cache
    assert "$ pip download acme==1\n" in fetching.log
    monkeypatch.setattr(small, "Small", FromCache)
    assert fetching.gather().cache
    assert "pip download" not in fetching.log


def test_what_comes_from_a_repository_is_refused_if_it_is_not_in_a_cache(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small, "Small", FromArchives)
    monkeypatch.setattr(
        "layerwright.build.fetch.gather.sources_of",
        lambda described, label: replace(sources_of(described, label), remote=("acme", "base")),
    )
    assert refused(fetching).cause == (
        "acme, base come from repositories or URLs, not from a package index, and Small downloads them from there in"
        " every build."
    )


def test_a_cache_that_is_empty_after_the_build_is_refused(fetching: Fetching) -> None:
    fetching.gather()
    request = fetching.request()
    cache = request.layers.layer_path("cache-small")
    (cache / "downloads").rmdir()
    with pytest.raises(LayerwrightError) as caught:
        fetching._logged(fetching.gathering(request).gather)
    assert caught.value.cause == (
        "Small left nothing in its download cache, or a credential, so that it was emptied.\n"
        "Keep credentials out of URLs: in a keyring or in netrc."
    )


def test_a_bundle_with_a_credential_in_a_file_is_refused(fetching: Fetching) -> None:
    fetching.gather()
    KNOWN.learn_secret(SecretStr("long-and-secret-token"))
    (fetching.directory / "archives" / "acme-1.tar.gz").write_text("long-and-secret-token")
    with pytest.raises(LayerwrightError) as caught:
        fetching._logged(fetching.gathering(fetching.request()).gather)
    assert caught.value.reference == "bundle-holds-secret"


class ArchivedPython(SmallPython):
    """An interpreter that comes from an archive."""

    def candidates(self, wanted: Wanted = anything) -> Sequence[Candidate]:
        return [
            candidate._replace(inputs={"archive": "cpython.tar.gz"})
            for candidate in super().candidates(wanted)
        ]

    def install(self, candidate: Candidate, destination: Path, runner: Runner, progress: Progress) -> None:
        super().install(candidate, destination, runner, progress)


def test_the_archive_of_the_interpreter_is_in_the_bundle(fetching: Fetching) -> None:
    (fetching.root / "downloads").mkdir()
    (fetching.root / "downloads" / "cpython.tar.gz").write_text("python")
    bundle = fetching.gather(replace(fetching.request(), providers=lambda _settings: [ArchivedPython()]))
    assert bundle.python_archive == "cpython.tar.gz"
    assert {file.path: file.purpose for file in bundle.files}["python/cpython.tar.gz"] == "the interpreter"


class WithIndexes(Small):
    urls: tuple[str | SecretStr, ...] = ()

    def index_urls(self, request: EnvironmentRequest) -> tuple[str | SecretStr, ...]:
        return self.urls

    def offline(self, request: OfflineRequest) -> Offline:
        return Offline(index={"PIP_CERT": "/cert"})


@pytest.mark.parametrize(
    ("urls", "index"),
    [
        ((), {}),
        (("",), {}),
        (("https://a.example.com",), {"PIP_INDEX_URL": "https://a.example.com"}),
        (("", "https://a.example.com"), {"PIP_EXTRA_INDEX_URL": "https://a.example.com"}),
        (
            ("https://a.example.com", "https://b.example.com", SecretStr("https://u:p@c.example.com")),
            {
                "PIP_INDEX_URL": "https://a.example.com",
                "PIP_EXTRA_INDEX_URL": SecretStr("https://b.example.com https://u:p@c.example.com"),
            },
        ),
    ],
)
def test_the_archives_come_from_the_indexes_of_the_package_manager(
    fetching: Fetching,
    monkeypatch: pytest.MonkeyPatch,
    urls: tuple[str | SecretStr, ...],
    index: dict[str, str | SecretStr],
) -> None:
    monkeypatch.setattr(WithIndexes, "urls", urls)
    monkeypatch.setattr(small, "Small", WithIndexes)
    request = fetching.request()
    prepared = prepare(request)
    found = fetching.gathering(request)._offline(prepared, describe(request, prepared))
    assert found.index == {**index, "PIP_CERT": "/cert"}


def test_an_index_that_is_no_string_is_a_defect_of_the_plugin(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WithIndexes, "urls", (4711,))
    monkeypatch.setattr(small, "Small", WithIndexes)
    request = fetching.request()
    prepared = prepare(request)
    with pytest.raises(PluginError) as caught:
        fetching.gathering(request)._offline(prepared, describe(request, prepared))
    assert "index_urls returned 4711, not str" in caught.value.cause


# Where distributions come from


class Lists(Small):
    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        archives = [LockedArchive(name="Acme", version="1", hashes=(HASH, "md5:0"))]
        return replace(super().environment(request), sameness=Locked(archives=lambda: archives))


def install(site_packages: Path, name: str, url: str = "") -> None:
    directory = site_packages / f"{name}-1.dist-info"
    directory.mkdir(exist_ok=True)
    (directory / "METADATA").write_text(f"Name: {name}\nVersion: 1\n\n")
    (directory / "RECORD").touch()
    if url:
        (directory / "direct_url.json").write_text(json.dumps({"url": url, "dir_info": {}}))


def test_the_hashes_of_what_is_installed_come_from_the_lock_file_or_from_the_resolution(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small, "Small", Lists)
    request = fetching.request()
    fetching.gather(request)
    described = describe(request, prepare(request))
    site_packages = described.interpreter.site_packages(described.asked.venv)
    app = fetching.root / "app"
    for name, url in (
        ("loose", ""),
        ("local", app.as_uri()),
        ("file", f"{app.as_uri()}/small.lock"),
        ("remote", "https://example.com/remote.git"),
    ):
        install(site_packages, name, url)
    found = sources_of(described, "small 1")
    assert found.hashed == (f"acme==1 --hash={HASH}",)
    assert found.loose == ("loose==1",)
    assert found.directories == (app,)
    assert found.remote == ("remote",)

    other = HASH.replace("0", "1")
    write_record(described.asked.venv, [Resolved(name="acme", version="1", hashes=(other,))])
    assert sources_of(described, "small 1").hashed == (f"acme==1 --hash={other}",)


def unreadable() -> Sequence[LockedArchive]:
    raise ValueError("line 1 is no entry")


class Broken(Small):
    """Has a lock file that it cannot read."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        return replace(super().environment(request), sameness=Locked(archives=unreadable))


class Misled(Lists):
    """Returns names of distributions in place of archives."""

    def expects(self, request: EnvironmentRequest) -> Any:
        return ["acme"]


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        (Broken, "Locked.archives raised ValueError: line 1 is no entry"),
        (Misled, "expects returned ['acme'], not Expected."),
    ],
)
def test_a_plugin_that_cannot_read_its_lock_file_is_named_with_its_distribution(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch, kind: type[Small], cause: str
) -> None:
    monkeypatch.setattr(small, "Small", kind)
    request = fetching.request()
    prepared = prepare(request)
    with pytest.raises(LayerwrightError) as caught:
        locked_entries(prepared, describe(request, prepared))
    label = prepared.label
    assert caught.value.summary == f"This is a defect in {label}, not in your application."
    assert label != "small"
    assert caught.value.cause == cause


# The commands that download


class Recorded(Runner):
    """Takes note of the commands, and writes what pip would into its log."""

    def __init__(self, *said: str) -> None:
        super().__init__(env={})
        self.commands: list[Command] = []
        self.said = list(said)

    def run(self, command: Command) -> None:
        self.commands.append(command)
        if self.said:
            with Path(str(command.env["PIP_LOG"])).open("a") as log:
                log.write(f"2026-11-30T12:00:00,000   Successfully installed {self.said.pop(0)}\n")

    @property
    def lines(self) -> list[str]:
        return [command.stdin for command in self.commands]


def downloads(fetching: Fetching, runner: Runner) -> Downloads:
    request = fetching.request()
    described = describe(request, prepare(request))
    (fetching.root / "scratch").mkdir(exist_ok=True)
    return Downloads(
        interpreter=described.interpreter,
        archives=fetching.directory,
        scratch=fetching.root / "scratch",
        environment={"PIP_PRE": "1"},
        cwd=fetching.root / "app",
        runner=runner,
    )


def described_tool(fetching: Fetching, monkeypatch: pytest.MonkeyPatch, **more: Any) -> DescribedTool:
    class WithTool(Small):
        def tool_layer(self, request: ToolRequest) -> ToolLayer:
            install = bundled_pip(
                request, "--user", "--no-deps", requirements="small==1\n", shown="pip install small"
            )
            usual = super().tool_layer(request)
            return replace(usual, install=(*usual.install, install), **more)

    monkeypatch.setattr(small, "Small", WithTool)
    request = fetching.request()
    return describe(request, prepare(request)).tools[0]


def test_the_commands_of_a_tool_download_what_they_would_install(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool, runner = described_tool(fetching, monkeypatch), Recorded()
    downloads(fetching, runner).tool(tool)
    [command] = runner.commands
    assert command.stdin == "small==1\n"
    assert command.shown == "pip download small"
    assert {"download", "--no-deps", f"--dest={fetching.directory}"} <= {*command.argv}
    assert not {"install", "--user", "--no-compile"} & {*command.argv}


@pytest.mark.parametrize("index", [None, {"PIP_INDEX_URL": "https://example.com/simple"}])
def test_the_wheels_of_a_locked_tool_are_downloaded_by_their_hashes(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch, index: dict[str, str] | None
) -> None:
    wheels = LockedWheels(hashed=f"small==1 --hash={HASH}\n", index=index)
    tool, runner = described_tool(fetching, monkeypatch, wheels=wheels), Recorded()
    downloads(fetching, runner).tool(tool)
    [command] = runner.commands
    assert command.stdin == f"small==1 --hash={HASH}\n"
    assert {"--require-hashes", "--only-binary=:all:", "--python-version=3.13"} <= {*command.argv}
    assert command.env.get("PIP_INDEX_URL") == (index and index["PIP_INDEX_URL"])


def test_distributions_are_downloaded_without_their_dependencies_from_the_index_of_the_plugin(
    fetching: Fetching,
) -> None:
    runner = Recorded()
    offline = Offline(index={"PIP_INDEX_URL": SecretStr("https://a:b@example.com")}, options=("--pre",))
    made = downloads(fetching, runner)
    made.distributions((), offline, hashed=True)
    made.distributions((f"acme==1 --hash={HASH}",), offline, hashed=True)
    made.distributions(("acme==1", "base==1"), offline, hashed=False)
    assert runner.lines == [f"--pre\nacme==1 --hash={HASH}\n", "--pre\nacme==1\nbase==1\n"]
    assert [command.shown for command in runner.commands] == [
        "pip download acme==1",
        "pip download 2 distributions",
    ]
    assert ["--require-hashes" in command.argv for command in runner.commands] == [True, False]
    assert all("--no-deps" in command.argv for command in runner.commands)
    assert all(command.env["PIP_INDEX_URL"] == offline.index["PIP_INDEX_URL"] for command in runner.commands)


def test_what_builds_have_installed_is_downloaded_and_what_was_needed_to_build_that(
    fetching: Fetching,
) -> None:
    runner = Recorded()
    made = downloads(fetching, runner)
    made.build_requirements(Offline())
    assert runner.commands == []
    log = fetching.root / "scratch" / "pip.log"
    log.write_text(
        "Successfully installed setuptools-80.1 wheel-0.45\n  Successfully installed setuptools-68.0\n"
    )
    runner.said = ["flit_core-3.9"]
    made.build_requirements(Offline())
    # Never two versions in one command.
    assert runner.lines == ["setuptools==80.1\nwheel==0.45\n", "setuptools==68.0\n", "flit_core==3.9\n"]


def test_a_directory_is_prepared_for_a_build_from_a_copy_of_it(fetching: Fetching) -> None:
    runner = Recorded()
    made = downloads(fetching, runner)
    (fetching.root / "app" / ".git").mkdir()
    made.of_directories([fetching.root / "app"], Offline())
    [command] = runner.commands
    copy = fetching.root / "scratch" / "local-0"
    assert command.stdin == f"{copy}\n"
    assert f"--dest={fetching.root}/scratch/discarded" in command.argv
    assert f"--dest={fetching.directory}" not in command.argv
    assert not copy.exists()
