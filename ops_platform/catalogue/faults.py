"""What a reader of Chinese would stumble over: missing texts, lost placeholders, left English, careless typography."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import polib

PLACEHOLDER = re.compile(r"%\((\w+)\)([sdf])|\{(\w*)\}|%[sd]")
TEXT_PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w*\}|%s")
TAG = re.compile(r"</?[a-zA-Z][^>]*>|&\w+;")
# What is the same in every language: code, also between “ ” where it is no sentence, and addresses.
VERBATIM = re.compile(
    r"`[^`]*`|“(?![^”]*[a-z] [a-z])(?=:?[a-z]|[^”]*[/_<>=()-])[ -~]+”|<code>.*?</code>|<kbd>.*?</kbd>"
    r"|https?://\S+|#[0-9a-f]{6}\b|[\w.+-]+@[\w.-]+"
)
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
HAN = r"[\u4e00-\u9fff]"
# Names and abbreviations that Chinese texts write in Latin letters; last the words of formulas.
LATIN = re.compile(
    r"""API|BOM|CNY|CPU|CSRF|CSV|ETag|EUR|Excel|GB|GBK|GTIN|HTML|HTTPS?|ID|IP|ISO|JPEG|JSON|KB|KPI|MB|NUL|Office|PDCA|PDF|PNG
    |PPT|Parquet|POST|PostgreSQL|SHA|SKU|SOP|SQL|Standard|TB|Tab|TSV|TXT|URL|USD|Unix|UTC|UUID|UTF-8|Webhooks?|WebP|Word|XLSX?|XML|ZIP|zs
    |Slack|JavaScript|Markdown|If-Match|https|null|true|false|typst|activity|csv|SECRET_KEY|OPS_\w+
    |SELECT|TABLE|VALUES|WITH
    |Ctrl|Cmd|Enter|Esc|Shift|Alt
    |and|or|not|in|abs|round|min|max|if|coalesce|is_missing|starts_with|ends_with|contains|lower""",
    re.VERBOSE,
)
TYPOGRAPHY = {
    "half-width punctuation after a Chinese character": re.compile(rf"{HAN}[,.?!;:]"),
    "half-width punctuation before a Chinese character": re.compile(rf"[,?!;:] ?{HAN}"),
    "half-width parentheses around Chinese": re.compile(rf"{HAN} ?\(|{HAN}\)"),
    "straight quotation marks beside Chinese": re.compile(rf"{HAN}[\"']|[\"']{HAN}"),
    "dots instead of …": re.compile(r"\.\.\.|。。|…{3,}"),
    "no space between Chinese and Latin or digits": re.compile(rf"{HAN}[A-Za-z0-9`]|[A-Za-z0-9`]{HAN}"),
    "no space between Chinese and a number": re.compile(rf"{HAN}%\(\w+\)d|%\(\w+\)d{HAN}"),
    "a space beside full-width punctuation": re.compile(r" [，。：；？！、（）“”]|[，。：；？！、（）“”] "),
    "two spaces": re.compile(r"  "),
}


def faults(catalogue: polib.POFile) -> list[str]:
    """One line for each fault: what is wrong, with the English text it belongs to. Empty when all is well."""
    return [f"{fault}: {entry.msgid!r}" for entry in catalogue if not entry.obsolete for fault in entry_faults(entry)]


def entry_faults(entry: polib.POEntry) -> Iterator[str]:
    """What is wrong with one translation."""
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if entry.fuzzy:
        yield "unsure"
    if not texts or not all(texts):
        yield "not translated"
        return
    for text in texts:
        yield from _text_faults(entry, text)


def english_words(text: str) -> list[str]:
    """The words that a reader of Chinese would find in English; names such as CSV, code and addresses are not counted."""
    plain = TAG.sub(" ", VERBATIM.sub(" ", PLACEHOLDER.sub(" ", text)))
    return [word for word in WORD.findall(plain) if not LATIN.fullmatch(word)]


def _text_faults(entry: polib.POEntry, text: str) -> Iterator[str]:
    said = [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]
    if _placeholders(text) not in [_placeholders(one) for one in said]:
        yield "other placeholders"
    if _tags(text) not in [_tags(one) for one in said]:
        yield "other tags"
    if (entry.msgid[:1].isspace(), entry.msgid[-1:].isspace()) != (text[:1].isspace(), text[-1:].isspace()):
        yield "other white space at an end"
    if words := english_words(text):
        yield f"English left ({', '.join(words)})"
    # What a placeholder puts in is not known; only of figures is it sure that a space belongs beside them.
    plain = TEXT_PLACEHOLDER.sub("\N{OBJECT REPLACEMENT CHARACTER}", TAG.sub("", text))
    for name, pattern in TYPOGRAPHY.items():
        if pattern.search(plain):
            yield name


def _placeholders(text: str) -> Counter[tuple[str, ...]]:
    return Counter(match.groups() for match in PLACEHOLDER.finditer(text))


def _tags(text: str) -> Counter[str]:
    return Counter(TAG.findall(text))
