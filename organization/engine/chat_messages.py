"""What each chat expects of a bot's message, how it is signed, and what its answers mean.

Sources: the chats' own documents for custom bots of groups (WeCom group robot, DingTalk custom robot with signature,
Feishu custom bot with signature verification, Slack incoming webhooks), as of 2026.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

LONGEST = 1300  # WeCom takes 4096 bytes, and a Chinese character is three
BUSY = {"wecom": {45009, -1}, "dingtalk": {130101, 130102, -1}, "feishu": {11232, 9499}}
RETRIED = {408, 425, 429}


@dataclass(frozen=True)
class ChatLine:
    """One notice of a post. names: for whom it is."""

    title: str
    text: str
    url: str
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Call:
    """What is to be sent where."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What an answer means. may_help: whether trying again may; problem: empty where it worked."""

    problem: str = ""
    may_help: bool = False

    @property
    def is_good(self) -> bool:
        return not self.problem


def call(provider: str, url: str, secret: str, lines: Sequence[ChatLine], *, key: str, at: datetime) -> Call:
    """The request that posts `lines`. key: the same for each attempt, so that a receiver can tell repetitions."""
    seconds = int(at.timestamp())
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "ops-platform"}
    content: dict[str, Any]
    match provider:
        case "wecom":
            content = {"msgtype": "markdown", "markdown": {"content": _markdown(lines)}}
        case "dingtalk":
            title = lines[0].title[:60]
            content = {"msgtype": "markdown", "markdown": {"title": title, "text": _markdown(lines)}}
            if secret:
                signed = f"{seconds * 1000}\n{secret}"
                sign = base64.b64encode(_digest(secret.encode(), signed.encode())).decode()
                url += f"{'&' if '?' in url else '?'}timestamp={seconds * 1000}&sign={quote_plus(sign)}"
        case "feishu":
            content = {"msg_type": "post", "content": {"post": {"zh_cn": {"title": "", "content": _feishu(lines)}}}}
            if secret:
                sign = base64.b64encode(_digest(f"{seconds}\n{secret}".encode(), b"")).decode()
                content |= {"timestamp": str(seconds), "sign": sign}
        case "slack":
            content = {"text": _slack(lines)}
        case _:
            content = {"id": key, "at": at.isoformat(), "notices": [_plain(line) for line in lines]}
    body = json.dumps(content, ensure_ascii=False).encode()
    if provider == "webhook":
        headers |= {"X-Ops-Id": key, "X-Ops-Timestamp": str(seconds)}
        if secret:
            digest = _digest(secret.encode(), f"{seconds}.{key}.".encode() + body)
            headers["X-Ops-Signature"] = f"sha256={digest.hex()}"
    return Call(url, body, headers)


def judge(provider: str, status: int, body: bytes) -> Verdict:
    """Whether the chat has taken the message. Most chats say 200 also to what they refuse."""
    if not 200 <= status < 300:
        return Verdict(f"HTTP {status}", may_help=status in RETRIED or status >= 500)
    if provider in ("slack", "webhook"):
        return Verdict()
    try:
        answer: Any = json.loads(body)
        code = int(next(answer[name] for name in ("errcode", "code", "StatusCode") if name in answer))
    except (ValueError, TypeError, StopIteration):
        return Verdict("?", may_help=True)
    if code == 0:
        return Verdict()
    words = str(answer.get("errmsg") or answer.get("msg") or "")[:300]
    return Verdict(f"{code} {words}".strip(), may_help=code in BUSY[provider])


def _digest(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _markdown(lines: Sequence[ChatLine]) -> str:
    """Headings, text and links; what people wrote cannot become markup, links or mentions of its own."""
    parts = []
    for line in lines:
        head = f"**[{_bare(line.title)}]({line.url})**" if line.url else f"**{_bare(line.title)}**"
        parts += [head, _bare(line.text), _bare("、".join(line.names))]
    return "\n\n".join(part for part in parts if part)[:LONGEST]


def _bare(text: str) -> str:
    return "".join(
        {"[": "［", "]": "］", "<": "＜", ">": "＞", "*": "＊", "`": "｀", "@": "＠"}.get(sign, sign) for sign in text
    )


def _feishu(lines: Sequence[ChatLine]) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = []
    for line in lines:
        head = {"tag": "a", "text": line.title, "href": line.url} if line.url else {"tag": "text", "text": line.title}
        rows += [[head], *([{"tag": "text", "text": text}] for text in (line.text, "、".join(line.names)) if text)]
    return rows


def _slack(lines: Sequence[ChatLine]) -> str:
    parts = []
    for line in lines:
        title = _escaped(line.title).replace("|", "｜")
        head = f"<{line.url}|{title}>" if line.url else f"*{title}*"
        parts += [head, _escaped(line.text), _escaped(", ".join(line.names))]
    return "\n".join(part for part in parts if part)[:LONGEST]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(line: ChatLine) -> dict[str, Any]:
    return {"title": line.title, "text": line.text, "url": line.url, "for": list(line.names)}
