import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Host = Any


@pytest.fixture(scope="module")
def site(guest: Callable[[str], Path], up: Callable[..., Host]) -> Host:
    return up(guest("examples/static-site"))


ASSETS = Path(__file__).parents[2] / "examples" / "static-site" / "assets"


@pytest.mark.parametrize(
    ("path", "file", "content_type"),
    [
        ("/static/", "index.html", "text/html; charset=utf-8"),
        ("/static/index.html", "index.html", "text/html; charset=utf-8"),
        ("/static/docs/", "docs/index.html", "text/html; charset=utf-8"),
        ("/static/%64ocs/", "docs/index.html", "text/html; charset=utf-8"),
        ("/static/style.css", "style.css", "text/css; charset=utf-8"),
        ("/static/clock.js?v=1", "clock.js", "text/javascript; charset=utf-8"),
    ],
)
def test_serves_a_file_with_its_type(site: Host, path: str, file: str, content_type: str) -> None:
    answer = site.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, content_type)
    assert answer.body == (ASSETS / file).read_bytes()
    assert answer.headers["cache-control"] == "max-age=60"
    assert re.fullmatch('"[0-9a-f]{16}"', answer.headers["etag"])


def test_head_has_the_headers_of_get(site: Host) -> None:
    head, get = site.request("HEAD", "/static/style.css"), site.get("/static/style.css")
    assert (head.status, head.body) == (200, b"")
    for name in ["etag", "content-type", "content-length"]:
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize("listed", ["{}", 'W/{}, "other"', "*"])
def test_known_content_is_not_sent_again(site: Host, listed: str) -> None:
    etag = site.get("/static/style.css").headers["etag"]
    answer = site.get("/static/style.css", {"if-none-match": listed.format(etag)})
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)


def test_other_content_is_sent(site: Host) -> None:
    assert site.get("/static/style.css", {"if-none-match": '"other"'}).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/nowhere",
        "/static/../spin.toml",
        "/static/%2e%2e/spin.toml",
        "/static/docs/..%2f..%2fspin.toml",
        "/static/docs%2f..%2findex.html",
        "/static//index.html",
        "/static/..%5cspin.toml",
        "/static/index.html%00.css",
        "/static/%zz",
        "/static/docs/index.html/",
        "/static/" + "a" * 5000,
    ],
)
def test_what_is_not_a_file_below_the_root_is_not_found(site: Host, path: str) -> None:
    answer = site.get(path)
    assert (answer.status, answer.body) == (404, (ASSETS / "404.html").read_bytes())


@pytest.mark.parametrize(
    ("path", "location"), [("/static", "/static/"), ("/static/docs", "/static/docs/")]
)
def test_a_directory_gets_its_slash(site: Host, path: str, location: str) -> None:
    answer = site.get(path)
    assert (answer.status, answer.headers["location"]) == (301, location)


def test_files_are_read_only(site: Host) -> None:
    answer = site.request("DELETE", "/static/style.css")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_the_application_answers_beside_it(site: Host) -> None:
    page = site.get("/")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "/static/style.css" in page.text
    assert re.search(r'"time": "\d{4}-', site.get("/api/time").text)
    assert site.get("/elsewhere").status == 404
