"""Origins, cookies, tokens."""

from __future__ import annotations

import pytest
from starlette.responses import Response

from photobank.kernel.errors import Refused
from photobank.settings import Settings
from photobank.web.buckets import Bucket
from photobank.web.client import client_ip
from photobank.web.cookies import clear_session, session_token, set_session
from photobank.web.origin import allowed_origins, require_same_origin, socket_origins
from photobank.web.secrets import WebSecrets
from tests.plain_house import ROOT, PlainSealer

OURS = "https://photos.example.org"


@pytest.mark.parametrize(
    ("settings", "origins"),
    [
        (Settings(public_url=OURS + "/"), (OURS,)),
        (Settings(port=8123), ("http://127.0.0.1:8123", "http://localhost:8123")),
        (Settings(host="0.0.0.0", port=80), ("http://127.0.0.1:80", "http://localhost:80")),
        (Settings(public_url="http://localhost"), ("http://127.0.0.1", "http://localhost")),
    ],
)
def test_only_the_public_address_is_an_origin(settings: Settings, origins: tuple[str, ...]) -> None:
    assert allowed_origins(settings) == origins


def test_socket_addresses_follow_the_scheme() -> None:
    assert socket_origins(Settings(public_url=OURS)) == ("wss://photos.example.org",)


@pytest.mark.parametrize(
    ("headers", "missing_is_fine", "taken"),
    [
        ({"origin": OURS}, False, True),
        ({"origin": OURS, "sec-fetch-site": "same-origin"}, False, True),
        ({}, False, False),
        ({}, True, True),
        ({"sec-fetch-site": "same-origin"}, False, True),
        ({"sec-fetch-site": "none"}, False, False),
        ({"origin": OURS, "sec-fetch-site": "cross-site"}, True, False),
        ({"origin": OURS, "sec-fetch-site": "same-site"}, True, False),
        ({"origin": "https://photos.example.org.evil.example"}, True, False),
        ({"origin": "http://photos.example.org"}, True, False),
        ({"origin": "null"}, True, False),
        ({"origin": ""}, True, False),
    ],
)
def test_what_another_site_sends_is_refused(headers: dict[str, str], missing_is_fine: bool, taken: bool) -> None:
    if taken:
        require_same_origin(headers, [OURS], missing_is_fine=missing_is_fine)
    else:
        with pytest.raises(Refused):
            require_same_origin(headers, [OURS], missing_is_fine=missing_is_fine)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("pb_session=abc", "abc"),
        ("a=1; pb_session=abc; b=2", "abc"),
        ("pb_session=abc; pb_session=abc", "abc"),
        ("pb_session=abc; pb_session=def", None),
        ("xpb_session=abc", None),
        ("pb_session=", None),
        ("pb_session=" + "x" * 201, None),
        ("", None),
        (None, None),
        ("pb_session", None),
    ],
)
def test_one_session_cookie_counts(header: str | None, token: str | None) -> None:
    assert session_token(header) == token


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_secure_behind_tls(secure: bool) -> None:
    settings = Settings(public_url=OURS if secure else "")
    response = Response()
    set_session(response, settings, "token", "csrf")
    clear_session(response, settings)
    lines = [value.decode().lower() for name, value in response.raw_headers if name == b"set-cookie"]
    assert len(lines) == 4
    assert all(("secure" in line) is secure for line in lines)
    assert all("httponly" in line for line in lines if line.startswith("pb_session"))


def test_tokens_are_bound_to_the_session_and_to_the_house() -> None:
    secrets = WebSecrets(ROOT, PlainSealer(ROOT))
    assert secrets.bound_token("tab", "one") == secrets.bound_token("tab", "one")
    different = {
        secrets.bound_token("tab", "one"),
        secrets.bound_token("tab", "two"),
        secrets.bound_token("other", "one"),
        WebSecrets(b"x" * 32, PlainSealer(ROOT)).bound_token("tab", "one"),
    }
    assert len(different) == 4
    assert all("_" not in token for token in different)  # it is part of a Redis key that is split there


def test_the_csrf_token_belongs_to_one_session() -> None:
    secrets = WebSecrets(ROOT, PlainSealer(ROOT))
    secrets.require_csrf("mine", secrets.csrf_token("mine"))
    for wrong in (None, "", secrets.csrf_token("yours"), secrets.csrf_token("mine")[:-1], "é"):
        with pytest.raises(Refused):
            secrets.require_csrf("mine", wrong)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "ip"),
    [
        (0, None, "10.0.0.9"),
        (0, "1.2.3.4", "10.0.0.9"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.8", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.9"),
    ],
)
def test_only_trusted_proxies_are_believed(proxies: int, forwarded: str | None, ip: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    assert client_ip({"type": "http", "client": ("10.0.0.9", 1), "headers": headers}, proxies) == ip


def test_a_header_line_of_the_client_does_not_hide_that_of_the_proxy() -> None:
    headers = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"1.2.3.4")]
    assert client_ip({"type": "http", "client": ("10.0.0.9", 1), "headers": headers}, 1) == "1.2.3.4"


def test_a_bucket_refills_with_time_and_not_beyond_its_burst() -> None:
    now = 0.0
    bucket = Bucket(10, 2, clock=lambda: now)
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    now = 0.1
    assert [bucket.take() for _ in range(2)] == [True, False]
    now = 100
    assert [bucket.take() for _ in range(3)] == [True, True, False]
