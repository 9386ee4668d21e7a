"""The gate before an installation and after it, and layers that are kept."""

from __future__ import annotations

import dataclasses
import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build._decide import SATISFIES, Action
from layerwright.build.policy.candidate import Archive, Candidate, Origin
from layerwright.build.policy.gate import Gate
from layerwright.build.policy.indexes.index import Page
from layerwright.build.policy.indexes.locating import Indexes
from layerwright.build.policy.opening import chosen_age, open_gate
from layerwright.build.policy.rule import Asked
from layerwright.build.venv.layer import VenvLayer
from layerwright.config.policy.policy import Policy, Rank
from layerwright.contract.locked import LockedArchive
from layerwright.contract.sameness import Locked, Resolution, Resolved, Unprovable
from layerwright.contract.sources.index import Index
from layerwright.contract.values.environment import EnvironmentInstall, Expected
from layerwright.errors import PluginError, UserError
from layerwright.output.log import Log
from layerwright.process.redaction import SecretStr
from layerwright.pythons.interpreter import Interpreter
from layerwright.testing.distributions import wheel
from layerwright.testing.loopback.index import PackageIndex
from tests.unit.build.policy.samples import NOW, TODAY, exemption, no_database, policy, ruling
from tests.unit.build.samples import Acme, sh
from tests.unit.build.venv.test_layer import Builds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta
    from pathlib import Path

    from layerwright.build._decide import Decision
    from layerwright.config.policy.policy import Ruling
    from layerwright.testing.distributions import Artifact

ACME = wheel("acme", "1.0")
OLD, NEW = "2020-01-01T00:00:00Z", "2026-11-30T11:00:00Z"


@pytest.fixture
def index() -> Iterator[PackageIndex]:
    with PackageIndex() as opened:
        opened.add(ACME)
        yield opened


def entry(artifact: Artifact = ACME, **more: Any) -> LockedArchive:
    given = {"filename": artifact.filename, "hashes": (f"sha256:{artifact.sha256}",), **more}
    return LockedArchive(name=artifact.name, version=artifact.version, **given)


class Place:
    """An environment behind a gate, and the log of that."""

    def __init__(self, root: Path, urls: tuple[str | SecretStr, ...] = ()) -> None:
        self.said = io.StringIO()
        self.site_packages = root / "site-packages"
        self.site_packages.mkdir()
        self.interpreter = Interpreter(version="3.13.0", prefix=root)
        self.urls = urls

    def gate(
        self, *rulings: Ruling, lock: Any = (), expected: Expected | None = None, **changes: Any
    ) -> Gate:
        given: dict[str, Any] = {
            "policy": policy(*rulings),
            "install": EnvironmentInstall(inputs={}, commands=(), sameness=Locked(archives=lambda: lock)),
            "expected": expected or Expected(names=frozenset({"Acme"}), source="acme.lock"),
            "urls": self.urls,
            "label": "layerwright-acme 1.0",
            "interpreter": self.interpreter,
            "site_packages": self.site_packages,
            "environment": {},
            "log": Log(self.said),
            "today": TODAY,
            "now": NOW,
            "database": no_database,
            **changes,
        }
        return Gate(**given)

    def install(self, name: str, *, file: str = "") -> None:
        info = self.site_packages / f"{name}-1.0.dist-info"
        info.mkdir()
        info.joinpath("METADATA").write_text(f"Name: {name}\nVersion: 1.0\n\n")
        info.joinpath("RECORD").write_text(f"{file},,\n" if file else "")
        if file:
            self.site_packages.joinpath(file).write_text("import os\n")


def week() -> timedelta:
    from datetime import timedelta

    return timedelta(days=7)


def cause(call: Any) -> str:
    with pytest.raises(UserError) as caught:
        call()
    assert caught.value.reference == "policy"
    return caught.value.cause


def test_a_young_release_in_a_lock_file_is_refused_before_it_is_installed(
    tmp_path: Path, index: PackageIndex
) -> None:
    index.say_uploaded("acme", "1.0", NEW)
    place = Place(tmp_path, (index.url,))
    gate = place.gate(ruling("min-release-age", week()), lock=[entry()])
    assert "acme 1.0: it was uploaded 1 hour ago" in cause(lambda: gate.check_planned(None))
    assert (
        "  Policy: min-release-age = 7 days, from application: policy.min-release-age\n"
        in place.said.getvalue()
    )


def test_times_in_the_lock_file_need_no_index(tmp_path: Path, index: PackageIndex) -> None:
    gate = Place(tmp_path, (index.url,)).gate(ruling("min-release-age", week()), lock=[entry(uploaded=NEW)])
    cause(lambda: gate.check_planned(None))
    assert index.requests == []


def test_what_will_not_be_installed_is_not_refused(tmp_path: Path) -> None:
    lock = [entry(wheel("base", "1.0"), uploaded=NEW)]
    gate = Place(tmp_path).gate(ruling("min-release-age", week()), lock=lock)
    gate.check_planned(None)


@pytest.mark.parametrize("uncertain", ["Others may be installed.", None])
def test_if_it_is_uncertain_what_will_be_installed_the_installed_distributions_are_judged(
    tmp_path: Path, uncertain: str | None
) -> None:
    place = Place(tmp_path)
    names = Expected(names=frozenset({"acme", "base"}), source="acme.lock", uncertain=uncertain or "")
    lock = [entry(uploaded=NEW), entry(wheel("base", "1.0"), uploaded=NEW)]
    changes: dict[str, Any] = {"expected": names} if uncertain else {}
    gate = place.gate(ruling("min-release-age", week()), lock=lock, **changes)
    if uncertain is None:
        gate = dataclasses.replace(gate, expected=None)
    gate.check_planned(None)
    place.install("acme")
    found = cause(gate.check_installed)
    assert "acme 1.0: it was uploaded" in found
    assert "base" not in found


def test_a_resolution_says_what_will_be_installed(tmp_path: Path, index: PackageIndex) -> None:
    index.yank("acme", "1.0", "broken")
    place = Place(tmp_path, (SecretStr(index.require_login("me", "s3cret-4711")),))
    gate = place.gate(ruling("yanked", "deny"))
    resolution = [
        Resolved(name="acme", version="1.0", hashes=(f"sha256:{ACME.sha256}",), archive=ACME.filename)
    ]
    assert "acme 1.0: it was yanked: broken" in cause(lambda: gate.check_planned(resolution))
    # What is installed afterwards needs no second look at the index.
    before = len(index.requests)
    place.install("acme")
    cause(gate.check_installed)
    assert len(index.requests) == before


def test_without_a_lock_file_and_a_resolution_the_index_says_what_the_installed_files_lack(
    tmp_path: Path, index: PackageIndex
) -> None:
    index.say_uploaded("acme", "1.0", OLD)
    index.add(wheel("acme", "2.0"))
    index.say_uploaded("acme", "2.0", NEW)
    place = Place(tmp_path, (index.url,))
    install = EnvironmentInstall(inputs={}, commands=(), sameness=Unprovable("nothing is locked"))
    gate = place.gate(
        ruling("min-release-age", week()), ruling("hashes", "required"), install=install, expected=None
    )
    gate.check_planned(None)
    place.install("acme")
    assert cause(gate.check_installed).splitlines()[0] == "acme 1.0: no hash locks its archive"


def test_archives_of_a_lock_file_count_although_it_proves_nothing(tmp_path: Path) -> None:
    sameness = Unprovable("its version comes from a tag", archives=lambda: [entry(uploaded=NEW)])
    install = EnvironmentInstall(inputs={}, commands=(), sameness=sameness)
    gate = Place(tmp_path).gate(
        ruling("min-release-age", week()), ruling("hashes", "required"), install=install
    )
    found = cause(lambda: gate.check_planned(None))
    assert "acme 1.0: it was uploaded" in found
    assert "no hash" not in found


def test_a_lock_file_without_readable_archives_says_nothing_before(tmp_path: Path) -> None:
    install = EnvironmentInstall(inputs={}, commands=(), sameness=Locked())
    Place(tmp_path).gate(ruling("hashes", "required"), install=install).check_planned(None)


def test_a_plugin_that_returns_something_else_as_archives_is_defective(tmp_path: Path) -> None:
    gate = Place(tmp_path).gate(ruling("hashes", "required"), lock=["acme"])
    with pytest.raises(PluginError, match="layerwright-acme"):
        gate.check_planned(None)


def test_files_of_installed_distributions_are_judged(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.install("evil", file="evil.pth")
    gate = place.gate(ruling("startup-code", "known"), ruling("licences.allowed", ("MIT",)))
    gate.check_planned(None)
    found = cause(gate.check_installed)
    assert "evil 1.0: its files run code at every start of the interpreter: evil.pth" in found
    assert "evil 1.0: its metadata has no licence" in found


def test_warnings_and_exceptions_are_told_once(tmp_path: Path, index: PackageIndex) -> None:
    index.has_json = False
    place = Place(tmp_path, (index.url,))
    rulings = ruling("yanked", "warn"), ruling("hashes", "required")
    held = Policy(rulings=rulings, exemptions=(exemption("hashes", "*"),))
    gate = place.gate(lock=[entry(hashes=())], policy=held)
    gate.check_planned(None)
    place.install("acme")
    gate.check_installed()
    said = place.said.getvalue()
    assert said.count("acme 1.0: it is unknown whether it is yanked") == 1
    assert said.count("acme 1.0: no hash locks its archive. Allowed until 2026-12-31") == 1


@pytest.mark.parametrize("says", ["times", "nothing about times", "nothing"])
def test_an_exception_for_an_index_counts_whatever_that_says(
    tmp_path: Path, index: PackageIndex, says: str
) -> None:
    if says == "times":
        index.say_uploaded("acme", "1.0", NEW)
    index.has_json = says != "nothing"
    place = Place(tmp_path, (index.url,))
    rulings = ruling("min-release-age", week()), ruling("hashes", "required")
    lock = [entry(hashes=())]
    for there, other in ((index.url, False), ("https://a.example.com/simple", True)):
        exemptions = tuple(exemption(one.rule, "*", index=there) for one in rulings)
        gate = place.gate(lock=lock, policy=Policy(rulings=rulings, exemptions=exemptions))
        if other:
            assert cause(lambda gate=gate: gate.check_planned(None)).count("rule:") == 2
        else:
            gate.check_planned(None)


def test_an_archive_that_is_on_no_index_has_no_age(tmp_path: Path, index: PackageIndex) -> None:
    index.clear()
    place = Place(tmp_path, (index.url,))
    gate = place.gate(ruling("min-release-age", week()), lock=[entry()])
    assert f"its upload time is unknown (it is not on {index.url})" in cause(lambda: gate.check_planned(None))


def test_without_an_index_nothing_has_an_age(tmp_path: Path) -> None:
    # The interpreter brings no pip that knows a default one.
    gate = Place(tmp_path, ("",)).gate(ruling("min-release-age", week()), lock=[entry()])
    assert "its upload time is unknown (no index is known)" in cause(lambda: gate.check_planned(None))


def test_the_index_in_the_lock_file_is_asked_with_the_credentials_that_are_known(
    tmp_path: Path, index: PackageIndex
) -> None:
    index.say_uploaded("acme", "1.0", OLD)
    location = index.require_login("me", "s3cret-4711")
    lock = [entry(index=index.url)]
    with PackageIndex() as other:
        place = Place(tmp_path, (other.url, SecretStr(location)))
        place.gate(ruling("min-release-age", week()), lock=lock).check_planned(None)
        assert other.requests == []


def test_a_release_of_another_index_with_a_higher_version_is_refused(
    tmp_path: Path, index: PackageIndex
) -> None:
    planted = wheel("acme", "99.0")
    with PackageIndex() as public:
        public.add(planted)
        place = Place(tmp_path, (public.url, index.url))
        gate = place.gate(ruling("indexes", {"acme": index.url}), lock=[entry(planted)])
        assert f"acme 99.0: its archive is not on {index.url}" in cause(lambda: gate.check_planned(None))
        fine = Place(tmp_path / "site-packages", (public.url, index.url))
        fine.gate(ruling("indexes", {"acme": index.url}), lock=[entry()]).check_planned(None)


def test_a_project_in_quarantine_is_refused_although_its_files_are_gone(
    tmp_path: Path, index: PackageIndex
) -> None:
    index.set_status("acme", "quarantined")
    gate = Place(tmp_path, (index.url,)).gate(ruling("quarantined", "deny"), lock=[entry()])
    assert "acme 1.0: its project is quarantined" in cause(lambda: gate.check_planned(None))


def test_a_wheel_of_another_version_is_not_the_installed_one(tmp_path: Path, index: PackageIndex) -> None:
    index.add(wheel("acme", "2.0"))
    index.say_uploaded("acme", "2.0", NEW)
    index.say_uploaded("acme", "1.0", OLD)
    lock = [entry(hashes=(), filename="")]
    place = Place(tmp_path, (index.url,))
    gate = place.gate(ruling("min-release-age", week()), lock=lock)
    # Neither a name nor a hash says which archive it is.
    assert "its upload time is unknown" in cause(lambda: gate.check_planned(None))


def test_names_of_files_on_an_index_that_are_no_archives_are_passed_over() -> None:
    files = [Archive(filename="acme.exe"), Archive(filename="acme.whl"), Archive(filename=ACME.filename)]
    indexes = Indexes(["https://a.example.com/simple"], {})
    indexes.pages[Asked("acme", "https://a.example.com/simple")] = Page(archives=tuple(files))
    found = indexes.located(Candidate(name="acme", version="1.0"), "3.13")
    assert [one.filename for one in found.archives] == [ACME.filename]
    own = Candidate(name="acme", version="1.0", origin=Origin.DIRECTORY)
    assert indexes.located(own, "3.13") is own


# The layer behind the gate


class Held(Builds):
    """Builds of one application, held to a policy."""

    def held(
        self,
        install: EnvironmentInstall,
        state: str,
        *rulings: Ruling,
        choosing: Mapping[str, str] | None = None,
    ) -> Decision:
        self.report.unlink(missing_ok=True)
        contributor = self.site.contributor()
        gate = Gate(
            policy=policy(*rulings),
            install=install,
            expected=None,
            urls=(),
            label="layerwright-acme 1.0",
            interpreter=self.site.interpreter,
            site_packages=self.site_packages,
            environment={},
            log=self.site.log,
            today=TODAY,
            choosing=choosing or {},
            database=no_database,
        )
        venv = VenvLayer(
            project=self.project,
            install=install,
            plugin="layerwright-acme 1.0",
            interpreter=self.site.interpreter,
            layer=self.layer,
            report=self.report,
            runner=self.site.runner,
            log=self.site.log,
            gate=lambda: gate,
        )
        spec = dataclasses.replace(self.spec(install), satisfies=state)
        return venv.contribute(contributor, spec).decision

    @property
    def satisfied(self) -> object:
        return (self.site.layers.restored("venv").metadata or {}).get(SATISFIES)


UNLOCKED = ruling("hashes", "required")
LICENCES = ruling("licences.allowed", ("MIT",))


@pytest.fixture
def builds(tmp_path: Path) -> Held:
    return Held(tmp_path)


def test_nothing_is_installed_that_a_resolution_shows_to_be_refused(builds: Held) -> None:
    with pytest.raises(UserError, match="The policy refuses 2 distributions"):
        builds.held(builds.install("acme 1.0, base 1.0"), "a", UNLOCKED)
    assert builds.site.commands == ["resolve"]
    assert not builds.site_packages.exists()


def test_a_locked_set_that_only_the_package_manager_can_name_is_resolved_first(builds: Held) -> None:
    builds.held(builds.locked("acme 1.0"), "a", UNLOCKED)
    assert builds.site.commands[0] == "resolve"
    assert builds.satisfied == "a"


def test_an_environment_that_is_refused_after_the_installation_is_not_complete(builds: Held) -> None:
    with pytest.raises(UserError, match="The policy refuses a distribution"):
        builds.held(builds.locked("acme 1.0"), "a", LICENCES)
    assert not builds.site.layers.restored("venv").metadata


def test_so_is_one_that_was_updated(builds: Held) -> None:
    builds.build(builds.locked("acme 1.0"))
    with pytest.raises(UserError, match="The policy refuses 2 distributions"):
        builds.held(builds.locked("acme 1.0, base 1.0", inputs={"wanted": "more"}), "a", LICENCES)


def test_a_kept_environment_is_judged_again_only_by_another_policy(builds: Held) -> None:
    install = builds.locked("acme 1.0")
    builds.held(install, "a", UNLOCKED)
    # The same state: what it was found to satisfy is not looked at again.
    assert builds.held(install, "a", LICENCES).action is Action.KEEP
    with pytest.raises(UserError, match="The policy refuses a distribution"):
        builds.held(install, "b", LICENCES)
    assert builds.satisfied == "a"
    assert builds.held(install, "c", UNLOCKED).action is Action.KEEP
    assert builds.satisfied == "c"
    assert builds.site.commands == []


def test_one_that_is_kept_because_of_its_resolution_is_judged_in_the_same_way(builds: Held) -> None:
    install = builds.install("acme 1.0")
    builds.held(install, "a", ruling("build", "never"))
    assert builds.held(install, "a", UNLOCKED).action is Action.KEEP
    with pytest.raises(UserError, match="The policy refuses a distribution"):
        builds.held(install, "b", UNLOCKED)
    assert builds.held(install, "b", ruling("build", "never")).action is Action.KEEP


def test_an_environment_without_a_policy_satisfies_none(builds: Held) -> None:
    install = builds.locked("acme 1.0")
    builds.held(install, "a", UNLOCKED)
    builds.build(install)
    assert builds.satisfied is None


# What the package manager itself observes


class Choosy(Acme):
    """A package manager with an option for the age of releases, and the arguments that it got."""

    before: datetime | None = None

    def index_urls(self, request: Any) -> tuple[str | SecretStr, ...]:
        del request
        return ("", SecretStr("https://me:0ther-4711@b.example.com/simple"))

    def release_age_variables(self, request: Any, before: datetime) -> Mapping[str, str]:
        del request
        self.before = before
        return {"ACME_BEFORE": "then"}


def choosing(builds: Held, install: EnvironmentInstall, held: Policy, *, with_index: bool = False) -> Gate:
    prepared: Any = SimpleNamespace(manager=Choosy(), label="layerwright-acme 1.0", environment={})
    given = Index(
        name="acme", url="https://a.example.com/simple", username="me", password=SecretStr("s3cret-4711")
    )
    prepared.joined = SimpleNamespace(indexes=[given]) if with_index else None
    described: Any = SimpleNamespace(install=install, interpreter=builds.site.interpreter, asked=None)
    request: Any = SimpleNamespace(
        layers=builds.site.layers, today=TODAY, project=builds.project, databases=builds.layer, supply=None
    )
    return open_gate(held, request, prepared, described, builds.site.log)


def test_a_package_manager_that_chooses_versions_is_told_how_old_they_must_be(builds: Held) -> None:
    install = builds.install("acme 1.0")
    held = policy(ruling("min-release-age", week()), ruling("hashes", "allow"))
    gate = choosing(builds, install, held)
    assert gate.choosing == {"ACME_BEFORE": "then"}
    own = SecretStr("https://me:0ther-4711@b.example.com/simple")
    assert gate.urls == ("", own)
    given = choosing(builds, install, held, with_index=True)
    assert given.urls == (SecretStr("https://me:s3cret-4711@a.example.com/simple"), "", own)
    # It has chosen already, and core knows what the option cannot say.
    assert choosing(builds, builds.locked("acme 1.0"), held).choosing == {}
    excepted = policy(*held.rulings, exemptions=(exemption("min-release-age"), exemption("hashes")))
    assert choosing(builds, install, excepted).choosing == {}
    assert choosing(builds, install, policy(ruling("hashes", "required"))).choosing == {}


def test_the_age_is_that_of_the_strictest_source(builds: Held) -> None:
    from datetime import timedelta

    held = policy(
        ruling("min-release-age", timedelta(days=1), Rank.PLATFORM), ruling("min-release-age", week())
    )
    assert chosen_age(held) == week()


def test_the_variables_are_those_of_the_commands_that_choose(builds: Held) -> None:
    resolve = sh('echo "acme $WANTED" > "$1"', builds.report, shown="resolve")
    install = builds.install("acme 1.0")
    assert isinstance(install.sameness, Resolution)
    install = dataclasses.replace(
        install,
        commands=(*install.commands[:1], resolve),
        sameness=dataclasses.replace(install.sameness, command=resolve),
    )
    builds.held(install, "a", choosing={"WANTED": "1.0"})
    assert builds.installed == ["acme-1.0"]
