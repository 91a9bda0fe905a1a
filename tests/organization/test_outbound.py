"""Calls go to the public internet alone, to the address that was judged, and no further."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks import run_checks

from organization import outbound
from tests.organization.receiving import Chat, chat_server


@pytest.fixture
def chat(settings: Any) -> Iterator[Chat]:
    with chat_server() as found:
        settings.OUTBOUND_TEST_ADDRESSES = [found.address]
        yield found


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2130706433",
        "0x7f.1",
        "017700000001",
        "::127.0.0.1",
        "::a9fe:a9fe",
        "fec0::1",
        "fd00:ec2::254",
        "2001::1",
    ],
)
def test_o7_places_that_are_not_public_are_never_called(host: str) -> None:
    with pytest.raises(outbound.AddressRefused):
        outbound.addresses_of(host, 443, allowed=[])


def test_o7_a_name_that_leads_into_the_private_net_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_: Any, **__: Any) -> list[Any]:
        both = [("8.8.8.8", 443), ("10.0.0.7", 443)]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in both]

    monkeypatch.setattr(socket, "getaddrinfo", answer)

    with pytest.raises(outbound.AddressRefused) as refused:
        outbound.post("https://chat.example.org/hook", b"{}", {})

    assert refused.value.why == "private"


def test_o7_the_connection_goes_to_the_address_that_was_judged(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    real = socket.getaddrinfo

    def once(host: Any, *rest: Any, **named: Any) -> list[Any]:
        asked.append(host)
        return real(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", once)

    reply = outbound.post(chat.url, b'{"a":1}', {"X-Test": "1"})

    # Once by name; the second time create_connection only parses the address that was judged
    assert asked == ["127.0.0.1", "127.0.0.1"]
    assert (reply.status, reply.body) == (200, b'{"errcode":0}')
    assert (chat.got[0].path, chat.got[0].body, chat.got[0].headers["X-Test"]) == ("/hook?key=k", b'{"a":1}', "1")
    assert chat.got[0].headers["Host"] == chat.address


def test_o7_a_redirect_is_not_followed(chat: Chat) -> None:
    chat.answers = [(302, b"", {"Location": "http://169.254.169.254/latest"})]

    assert outbound.post(chat.url, b"", {}).status == 302
    assert len(chat.got) == 1


def test_o7_a_long_answer_is_cut(chat: Chat) -> None:
    chat.answers = [(200, b"x" * 200_000, {})]

    assert len(outbound.post(chat.url, b"", {}).body) == outbound.MOST_BYTES


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org:99999/",
        "https://[::1/",
        "http://example.org/",
        "ftp://example.org/",
        "https://user:pw@example.org/",
        "https:///x",
        "file:///etc/passwd",
    ],
)
def test_o7_only_https_without_credentials_is_called(url: str) -> None:
    with pytest.raises(outbound.AddressRefused):
        outbound.post(url, b"", {})


def test_o7_another_port_than_the_allowed_one_is_refused(chat: Chat) -> None:
    with pytest.raises(outbound.AddressRefused):
        outbound.post("http://127.0.0.1:1/", b"", {})


def test_o7_a_server_that_is_away_is_not_reached(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    settings.OUTBOUND_TEST_ADDRESSES = [address]

    with pytest.raises(outbound.NotReached):
        outbound.post(f"http://{address}/", b"", {})


def test_o7_a_deployment_refuses_the_addresses_of_tests(settings: Any) -> None:
    assert "organization.E001" not in {found.id for found in run_checks(include_deployment_checks=True)}

    settings.OUTBOUND_TEST_ADDRESSES = ["127.0.0.1:8123"]

    assert "organization.E001" in {found.id for found in run_checks(include_deployment_checks=True)}


def test_o7_a_path_that_is_not_ascii_is_written_as_addresses_are(chat: Chat) -> None:
    reply = outbound.post(f"http://{chat.address}/钩子 one?key=1%202", b"{}", {})

    assert (reply.status, chat.got[0].path) == (200, "/%E9%92%A9%E5%AD%90%20one?key=1%202")
