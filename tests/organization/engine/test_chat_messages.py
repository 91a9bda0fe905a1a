"""What each chat is sent, how it is signed, and what its answers mean."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from organization.engine.chat_messages import LONGEST, ChatLine, call, judge

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LINE = ChatLine("Source [Shop] stopped", "After <10> tries", "https://ops.example.org/s/1", ["Li Na", "@all"])


def test_o7_wecom_takes_markdown_in_which_no_text_becomes_markup_or_a_mention() -> None:
    made = call("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", "", [LINE], key="1", at=AT)

    assert made.url.endswith("?key=k")
    assert json.loads(made.body) == {
        "msgtype": "markdown",
        "markdown": {
            "content": "**[Source ［Shop］ stopped](https://ops.example.org/s/1)**\n\nAfter ＜10＞ tries\n\nLi Na、＠all"
        },
    }


def test_o7_dingtalk_is_signed_by_time_and_secret_in_the_address() -> None:
    made = call("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=t", "SEC1", [LINE], key="1", at=AT)

    query = parse_qs(urlsplit(made.url).query)
    stamp = str(int(AT.timestamp()) * 1000)
    expected = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert (query["access_token"], query["timestamp"]) == (["t"], [stamp])
    assert query["sign"] == [base64.b64encode(expected).decode()]
    assert json.loads(made.body)["markdown"]["title"] == "Source [Shop] stopped"


def test_o7_feishu_is_signed_by_time_and_secret_in_the_body() -> None:
    made = call("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/x", "SEC1", [LINE], key="1", at=AT)

    body, stamp = json.loads(made.body), str(int(AT.timestamp()))
    expected = hmac.new(f"{stamp}\nSEC1".encode(), b"", hashlib.sha256).digest()
    assert (body["timestamp"], body["sign"]) == (stamp, base64.b64encode(expected).decode())
    assert body["content"]["post"]["zh_cn"]["content"][0] == [
        {"tag": "a", "text": "Source [Shop] stopped", "href": "https://ops.example.org/s/1"}
    ]


def test_o7_slack_text_cannot_mention_or_link_by_itself() -> None:
    line = ChatLine("<!channel> & a|b", "", "https://ops.example.org/", [])

    made = call("slack", "https://hooks.slack.com/services/x", "", [line], key="1", at=AT)

    assert json.loads(made.body) == {"text": "<https://ops.example.org/|&lt;!channel&gt; &amp; a｜b>"}


def test_o7_any_address_gets_json_whose_signature_covers_time_id_and_body() -> None:
    made = call("webhook", "https://example.org/in", "SEC1", [LINE], key="7-9", at=AT)

    stamp = str(int(AT.timestamp()))
    expected = hmac.new(b"SEC1", f"{stamp}.7-9.".encode() + made.body, hashlib.sha256).hexdigest()
    assert (made.headers["X-Ops-Id"], made.headers["X-Ops-Timestamp"]) == ("7-9", stamp)
    assert made.headers["X-Ops-Signature"] == f"sha256={expected}"
    assert json.loads(made.body)["notices"][0]["for"] == ["Li Na", "@all"]


def test_o7_a_long_message_keeps_within_what_the_chats_take() -> None:
    made = call("wecom", "https://x.example", "", [ChatLine("字" * 3000, "", "", [])], key="1", at=AT)

    content = json.loads(made.body)["markdown"]["content"]
    assert len(content) == LONGEST
    assert len(content.encode()) <= 4096


@pytest.mark.parametrize(
    ("provider", "status", "body", "problem", "may_help"),
    [
        ("wecom", 200, b'{"errcode":0,"errmsg":"ok"}', "", False),
        ("wecom", 200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', "93000 invalid webhook url", False),
        ("wecom", 200, b'{"errcode":45009,"errmsg":"freq"}', "45009 freq", True),
        ("dingtalk", 200, b'{"errcode":310000,"errmsg":"sign not match"}', "310000 sign not match", False),
        ("dingtalk", 200, b'{"errcode":130101}', "130101", True),
        ("feishu", 200, b'{"code":0,"msg":"success"}', "", False),
        ("feishu", 200, b'{"StatusCode":0}', "", False),
        ("feishu", 200, b'{"code":19021,"msg":"sign match fail"}', "19021 sign match fail", False),
        ("feishu", 200, b'{"code":11232,"msg":"frequency limited"}', "11232 frequency limited", True),
        ("slack", 200, b"ok", "", False),
        ("slack", 404, b"no_service", "HTTP 404", False),
        ("slack", 429, b"", "HTTP 429", True),
        ("webhook", 503, b"", "HTTP 503", True),
        ("webhook", 301, b"", "HTTP 301", False),
        ("wecom", 200, b"<html>", "?", True),
        ("wecom", 200, b"[]", "?", True),
    ],
)
def test_o7_answers_are_read_as_each_chat_means_them(
    provider: str, status: int, body: bytes, problem: str, may_help: bool
) -> None:
    verdict = judge(provider, status, body)

    assert (verdict.problem, verdict.may_help) == (problem, may_help)
    assert verdict.is_good is (problem == "")
