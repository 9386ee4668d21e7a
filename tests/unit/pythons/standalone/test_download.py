from __future__ import annotations

import base64
import hashlib
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

from layerwright.errors import SiteError
from layerwright.pythons.standalone._download import download

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BODY = bytes(range(256)) * 40
SHA256 = hashlib.sha256(BODY).hexdigest()
NAME = "cpython-3.13.1+1.tar.gz"
PART = f"{NAME}.{SHA256[:16]}.part"


class Server(ThreadingTCPServer):
    """Gives one request after another the next of *answers*, byte for byte, and breaks the connection."""

    daemon_threads = True

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[str] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{NAME}"


class Handler(StreamRequestHandler):
    server: Server

    @override
    def handle(self) -> None:
        self.server.requests.append(
            "".join(iter(lambda: self.rfile.readline().decode().replace("\r\n", "\n"), "\n"))
        )
        self.wfile.write(self.server.answers.pop(0))


@contextmanager
def serving(*answers: bytes) -> Iterator[Server]:
    with Server(*answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def answer(body: bytes, status: str = "200 OK", length: int | None = len(BODY), **headers: str) -> bytes:
    lines = [f"HTTP/1.0 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    lines += [f"Content-Length: {length}"] if length is not None else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def rest(start: int, body: bytes = BODY) -> bytes:
    return answer(body[start:], "206 Partial Content", len(BODY) - start, ETag='"1"')


def fetch(url: str, into: Path, delays: Sequence[float] = (), sha256: str = SHA256, **options: Any) -> Path:
    options.setdefault("progress", lambda _done, _total: None)
    return download(url, filename=NAME, sha256=sha256, into=into, delays=delays, **options)


def error_of(url: str, into: Path, delays: Sequence[float] = (), sha256: str = SHA256) -> SiteError:
    with pytest.raises(SiteError) as caught:
        fetch(url, into, delays, sha256)
    assert caught.value.remedy
    return caught.value


def test_a_file_is_downloaded_to_the_place_that_is_returned(tmp_path: Path) -> None:
    with serving(answer(BODY)) as server:
        path = fetch(server.url, tmp_path / "new" / "cache")
    assert path == tmp_path / "new" / "cache" / NAME
    assert path.read_bytes() == BODY
    assert not list(path.parent.glob("*.part"))


def test_a_file_that_is_there_is_not_downloaded_again(tmp_path: Path) -> None:
    with serving(answer(BODY)) as server:
        fetch(server.url, tmp_path)
        assert fetch(server.url, tmp_path).read_bytes() == BODY
        assert len(server.requests) == 1


def test_a_file_that_is_there_and_damaged_is_downloaded_again(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(BODY[:-1] + b"x")
    with serving(answer(BODY)) as server:
        assert fetch(server.url, tmp_path).read_bytes() == BODY


def test_a_mirror_may_be_a_directory(tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / NAME).write_bytes(BODY)
    url = f"file://{tmp_path}/mirror/{NAME.replace('+', '%2B')}"
    assert fetch(url, tmp_path / "cache").read_bytes() == BODY


def test_progress_is_reported_in_bytes_and_ends_at_all_of_them(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with serving(answer(BODY)) as server:
        fetch(server.url, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, len(BODY))
    assert told[-1] == (len(BODY), len(BODY))


def test_where_the_size_is_not_known_progress_says_so(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with serving(answer(BODY, length=None)) as server:
        fetch(server.url, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(BODY), None)


def test_a_download_cut_off_is_resumed_where_it_stopped(tmp_path: Path) -> None:
    with serving(answer(BODY[:4000], ETag='"1"'), rest(4000)) as server:
        assert fetch(server.url, tmp_path, (0,)).read_bytes() == BODY
        assert "Range: bytes=4000-\n" in server.requests[1]
        assert 'If-Range: "1"\n' in server.requests[1]


def test_a_weak_validator_is_not_offered_for_resuming(tmp_path: Path) -> None:
    with serving(answer(BODY[:4000], ETag='W/"1"'), rest(4000)) as server:
        fetch(server.url, tmp_path, (0,))
        assert "Range: bytes=4000-\n" in server.requests[1]
        assert "If-Range" not in server.requests[1]


def test_a_server_that_cannot_resume_starts_from_the_beginning(tmp_path: Path) -> None:
    with serving(answer(BODY[:4000]), answer(BODY)) as server:
        assert fetch(server.url, tmp_path, (0,)).read_bytes() == BODY


def test_the_next_build_resumes_what_the_last_one_left(tmp_path: Path) -> None:
    with serving(answer(BODY[:4000]), rest(4000)) as server:
        error = error_of(server.url, tmp_path)
        assert (tmp_path / PART).read_bytes() == BODY[:4000]
        assert not (tmp_path / NAME).exists()
        assert "4000 of 10240 bytes" in error.cause
        assert fetch(server.url, tmp_path).read_bytes() == BODY


def test_a_rest_that_does_not_fit_is_thrown_away_and_the_file_fetched_whole(tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(b"of another file" * 100)
    with serving(rest(1500), answer(BODY)) as server:
        assert fetch(server.url, tmp_path, (0,)).read_bytes() == BODY
        assert "Range" not in server.requests[1]


def test_more_than_the_server_has_is_thrown_away_and_the_file_fetched_whole(tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(BODY + b"more")
    with serving(answer(b"", "416 Range Not Satisfiable", 0), answer(BODY)) as server:
        assert fetch(server.url, tmp_path, (0,)).read_bytes() == BODY
        assert "Range" not in server.requests[1]


def test_without_a_size_a_download_that_was_cut_off_shows_in_its_checksum(tmp_path: Path) -> None:
    with serving(answer(BODY[:4000], length=None), answer(BODY, length=None)) as server:
        assert fetch(server.url, tmp_path, (0,)).read_bytes() == BODY


def test_a_connection_that_breaks_between_chunks_is_tried_again(tmp_path: Path) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\nabc"
    with serving(chunked, answer(BODY)) as server:
        assert fetch(server.url, tmp_path, (0,)).read_bytes() == BODY


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(answer(b"", "503 Service Unavailable", 0), id="busy"),
        pytest.param(answer(b"", "429 Too Many Requests", 0), id="rate limited"),
        pytest.param(b"", id="no answer"),
        pytest.param(b"what?\r\n", id="not HTTP"),
    ],
)
def test_trouble_that_may_pass_is_tried_again(tmp_path: Path, trouble: bytes) -> None:
    with serving(trouble, trouble, answer(BODY)) as server:
        assert fetch(server.url, tmp_path, (0, 0)).read_bytes() == BODY
        assert len(server.requests) == 3


def test_trouble_that_does_not_pass_ends_in_an_error_that_names_it(tmp_path: Path) -> None:
    trouble = answer(b"", "503 Service Unavailable", 0)
    with serving(trouble, trouble) as server:
        error = error_of(server.url, tmp_path, (0,))
    assert error.reference == "download-failed"
    assert "After 2 attempts" in error.cause
    assert "503 Service Unavailable" in error.cause


def test_a_server_that_is_down_is_an_error_that_says_so(tmp_path: Path) -> None:
    with serving() as server:
        url = server.url
    error = error_of(url, tmp_path, (0,))
    assert error.reference == "download-failed"
    assert "refused" in error.cause


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden"])
def test_a_refusal_is_not_tried_again(tmp_path: Path, status: str) -> None:
    with serving(answer(b"", status, 0)) as server:
        error = error_of(server.url, tmp_path, (0, 0))
        assert len(server.requests) == 1
    assert error.reference == "download-refused"
    assert status in error.cause


def test_a_file_that_a_local_mirror_lacks_is_a_refusal(tmp_path: Path) -> None:
    error = error_of(f"file://{tmp_path}/none.tar.gz", tmp_path, (0,))
    assert error.reference == "download-refused"
    assert "No such file" in error.cause


def test_what_is_not_an_address_at_all_is_a_refusal(tmp_path: Path) -> None:
    error = error_of("https://[example.com/a.tar.gz", tmp_path)
    assert error.reference == "download-refused"


def test_another_file_than_the_one_wanted_is_deleted_and_both_checksums_named(tmp_path: Path) -> None:
    other = BODY[:-1] + b"x"
    with serving(answer(other)) as server:
        error = error_of(server.url, tmp_path, (0, 0))
        assert len(server.requests) == 1
    assert error.reference == "download-checksum"
    assert SHA256 in error.cause
    assert hashlib.sha256(other).hexdigest() in error.cause
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.lock"]


@pytest.mark.parametrize("sha256", ["", "0" * 63, "X" * 64])
def test_without_a_checksum_nothing_is_downloaded(tmp_path: Path, sha256: str) -> None:
    with serving() as server:
        error = error_of(server.url, tmp_path, sha256=sha256)
        assert not server.requests
    assert error.reference == "download-no-checksum"


def test_other_kinds_of_address_are_refused(tmp_path: Path) -> None:
    assert error_of("ftp://example.com/a.tar.gz", tmp_path).reference == "download-address"


def test_credentials_go_to_the_host_that_they_are_for_and_no_further(tmp_path: Path) -> None:
    with serving(answer(BODY)) as other, serving(answer(b"", "302 Found", 0, Location=other.url)) as server:
        url = server.url.replace("http://", "http://user:p%40ss@")
        assert fetch(url, tmp_path).read_bytes() == BODY
        login = base64.b64encode(b"user:p@ss").decode()
        assert f"Authorization: Basic {login}\n" in server.requests[0]
        assert "Authorization" not in other.requests[0]


def test_no_token_of_the_environment_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "a-token")
    with serving(answer(BODY)) as server:
        fetch(server.url, tmp_path)
        assert "a-token" not in server.requests[0]
        assert "Authorization" not in server.requests[0]


@pytest.mark.parametrize("status", ["404 Not Found", "503 Service Unavailable", "200 OK"])
def test_no_error_shows_the_credentials_of_an_address(tmp_path: Path, status: str) -> None:
    with serving(answer(b"x", status, 1)) as server:
        error = error_of(server.url.replace("http://", "http://user:secret@"), tmp_path)
    assert "secret" not in f"{error.summary} {error.cause} {error.remedy}"
    assert "****@127.0.0.1" in error.summary


def test_a_full_disk_is_an_error_that_says_so_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/dev/full").is_char_device():
        pytest.skip("this machine has no /dev/full")
    (tmp_path / PART).touch()
    monkeypatch.setattr(
        "layerwright.pythons.standalone._download._open_own",
        lambda path: Path("/dev/full" if path.name == PART else path).open("ab"),  # noqa: SIM115
    )
    with serving(answer(BODY)) as server:
        error = error_of(server.url, tmp_path, (0, 0))
        assert len(server.requests) == 1
    assert error.reference == "download-not-stored"
    assert "No space left" in error.cause
    assert not (tmp_path / PART).exists()


def test_a_directory_that_cannot_be_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    error = error_of("https://example.com/a", tmp_path / "file" / "cache")
    assert error.reference == "download-not-stored"
    assert str(tmp_path / "file" / "cache") in error.cause


@pytest.mark.parametrize("name", [PART, f"{NAME}.lock"])
def test_a_link_of_another_user_is_not_written_through(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / name).symlink_to(victim)

    with serving(answer(BODY)) as server:
        error = error_of(server.url, tmp_path / "downloads")

    assert error.reference == "download-not-stored"
    assert name in error.cause
    assert victim.read_text() == "untouched"


def test_of_two_downloads_of_one_file_the_second_waits_and_takes_what_the_first_brought(
    tmp_path: Path,
) -> None:
    under_way, second_asked = threading.Event(), threading.Event()
    results: list[Path] = []

    def second() -> None:
        second_asked.set()
        results.append(fetch("http://127.0.0.1:9/never-asked", tmp_path))

    def progress(_done: int, _total: int | None) -> None:
        if not under_way.is_set():
            under_way.set()
            thread.start()
            second_asked.wait()

    thread = threading.Thread(target=second)
    with serving(answer(BODY)) as server:
        first = fetch(server.url, tmp_path, progress=progress)
    thread.join()
    assert results == [first]


def test_a_download_that_is_killed_holds_up_no_other(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(BODY)
    url = f"file://{tmp_path}/source"
    script = """\
import os, sys
from pathlib import Path
from layerwright.pythons.standalone._download import download
url, name, sha256, into = sys.argv[1:]
kill = lambda done, total: os.kill(os.getpid(), 9)
download(url, filename=name, sha256=sha256, into=Path(into), progress=kill, delays=())
"""
    killed = subprocess.run([sys.executable, "-c", script, url, NAME, SHA256, tmp_path], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert fetch(url, tmp_path).read_bytes() == BODY
