"""The service: what it is asked, and what it may answer."""

from __future__ import annotations

import socket
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from layerwright.build.audit.sources import service as module
from layerwright.build.audit.sources.service import Service
from layerwright.errors import SiteError
from tests.fixtures.osv import FakeService, served_service
from tests.unit.build.audit.samples import advisory, package

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shared() -> Iterator[FakeService]:
    with served_service() as service:
        yield service


@pytest.fixture
def fake(shared: FakeService) -> FakeService:
    shared.__dict__.update(FakeService().__dict__ | {"address": shared.address})
    shared.records = {
        one["id"]: one
        for one in (
            advisory("GHSA-1", package("django", {"introduced": "0"})),
            advisory("GHSA-2", package("django", {"introduced": "0"})),
            advisory("GHSA-3", package("six", {"introduced": "0"}), withdrawn="2026-01-01T00:00:00Z"),
        )
    }
    return shared


def ids(fake: FakeService, *distributions: tuple[str, str]) -> list[str]:
    return [one.id for one in Service(f"{fake.address}/").about(distributions)]


def refused(fake: FakeService) -> SiteError:
    with pytest.raises(SiteError) as raised:
        ids(fake, ("django", "3.2"))
    assert raised.value.reference == "vulnerability-database"
    return raised.value


def test_it_is_asked_for_names_and_versions_and_nothing_else(fake: FakeService) -> None:
    assert ids(fake, ("six", "1.16"), ("django", "3.2"), ("django", "3.2")) == ["GHSA-1", "GHSA-2"]
    assert fake.questions == [
        {"package": {"name": "django", "ecosystem": "PyPI"}, "version": "3.2"},
        {"package": {"name": "six", "ecosystem": "PyPI"}, "version": "1.16"},
    ]


def test_what_does_not_fit_into_an_answer_is_asked_for(fake: FakeService) -> None:
    fake.page = 1
    assert ids(fake, ("django", "3.2")) == ["GHSA-1", "GHSA-2"]
    assert fake.requests.count("/v1/querybatch") == 2


def test_many_questions_are_asked_in_several_requests(
    fake: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    assert ids(fake, ("a", "1"), ("b", "1"), ("django", "3.2")) == ["GHSA-1", "GHSA-2"]
    assert fake.requests.count("/v1/querybatch") == 2


def test_no_distribution_is_no_question(fake: FakeService) -> None:
    assert ids(fake) == []
    assert fake.requests == []


@pytest.mark.parametrize(
    ("answer", "cause", "transient"),
    [
        ((500, b""), "The server answered 500", True),
        ((429, b""), "The server answered 429", True),
        ((400, b"{}"), "The server answered 400", False),
        ((200, b'{"results": [{"vul'), "The answer is not complete JSON", True),
        ((200, b"[]"), "The answer is not a JSON object", False),
        ((200, b'{"results": []}'), "It answers 1 questions with something else", False),
        ((200, b'{"results": 3}'), "It answers 1 questions with something else", False),
        (
            (200, b'{"results": [{"vulns": [{"id": "../x"}]}]}'),
            "It names '../x', which is no identifier",
            False,
        ),
    ],
)
def test_an_answer_that_is_no_answer_is_an_error(
    fake: FakeService, answer: tuple[int, bytes], cause: str, transient: bool
) -> None:
    fake.answers = [answer]
    error = refused(fake)
    assert error.cause.startswith(cause)
    assert error.transient is transient


def test_a_result_that_is_no_table_has_no_record(fake: FakeService) -> None:
    fake.answers = [(200, b'{"results": [null]}')]
    assert ids(fake, ("django", "3.2")) == []


def test_a_record_that_cannot_be_read_is_an_error(fake: FakeService) -> None:
    fake.records["GHSA-1"] = {"affected": fake.records["GHSA-1"]["affected"]}
    assert 'The answer is not a record: no "id"' in refused(fake).cause


@pytest.mark.parametrize(
    ("url", "transient"),
    [("http://127.0.0.1:9", True), ("http://[", False), ("http://127.0.0.1:port", False)],
)
def test_a_service_that_is_down_may_come_back_and_a_wrong_url_may_not(url: str, transient: bool) -> None:
    with pytest.raises(SiteError, match="could not be read") as raised:
        Service(url).about([("a", "1")])
    assert raised.value.transient is transient


def test_a_service_that_hangs_up_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            connection.recv(65536)
            connection.close()

        thread = Thread(target=hang_up)
        thread.start()
        with pytest.raises(SiteError, match="could not be read"):
            Service(f"http://127.0.0.1:{server.getsockname()[1]}").about([("a", "1")])
        thread.join()


def test_a_connection_that_breaks_is_an_error(fake: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    import http.client

    def broken(*_: object) -> bytes:
        raise http.client.IncompleteRead(b"")

    monkeypatch.setattr(http.client.HTTPResponse, "read", broken)
    assert "The connection broke" in refused(fake).cause


def test_its_answers_count_as_equal_on_one_day() -> None:
    def digest(now: float) -> str:
        return Service("https://user:pass-word@osv.example.com/", now=lambda: now).digest

    assert digest(0) == digest(60)
    assert digest(0) != digest(90_000)
    assert "pass-word" not in digest(0)
