"""The Chinese catalogue: complete, true to its placeholders, compiled, and what a reader of Chinese sees."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from allauth.account.forms import LoginForm
from django.conf import settings
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils.translation import ngettext, override

from ops_platform.catalogue import check, refresh
from ops_platform.catalogue.collect import Sentence, collect, sentences_of_python, sentences_of_template
from ops_platform.catalogue.faults import english_words, entry_faults
from ops_platform.catalogue.files import CATALOGUE


class Visible(HTMLParser):
    """The texts of a page that people read or hear."""

    NAMES = ("aria-label", "placeholder", "title", "alt")
    SILENT = ("script", "style", "code", "kbd")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self.SILENT
        self.texts += [value for name, value in attrs if name in self.NAMES and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self.SILENT

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._silent:
            self.texts.append(" ".join(data.split()))


def texts_of(html: str) -> list[str]:
    parser = Visible()
    parser.feed(html)
    return parser.texts


def left_in_english(texts: list[str]) -> list[str]:
    """What is not Chinese; the switch names each language by its own name."""
    return [text for text in texts if english_words(text) and text != "English"]


def entry(msgid: str, msgstr: str, **facts: object) -> polib.POEntry:
    return polib.POEntry(msgid=msgid, msgstr=msgstr, **facts)


def test_o7_every_sentence_has_its_chinese_and_the_catalogue_is_compiled() -> None:
    assert check(settings.BASE_DIR, Path(settings.LOCALE_PATHS[0])) == []


@pytest.mark.parametrize(
    ("msgid", "msgstr", "fault"),
    [
        ("Save", "", "not translated"),
        ("Save", "Save", "English left (Save)"),
        ("See the dashboard", "查看 Dashboard", "English left (Dashboard)"),
        ("See “Save as”", "见“Save as”", "English left (Save, as)"),
        ("%(count)d rows", "%(number)d 行", "other placeholders"),
        ("%(count)d rows", "%(count)s 行", "other placeholders"),
        ("{count} rows", "共几行", "other placeholders"),
        ("<b>Now</b>", "现在", "other tags"),
        ("Name: ", "名称：", "other white space at an end"),
        ("Saved.", "已保存.", "half-width punctuation after a Chinese character"),
        ("A (b)", "甲(乙)", "half-width parentheses around Chinese"),
        ("“a”", '"甲"', "straight quotation marks beside Chinese"),
        ("Loading…", "加载中...", "dots instead of …"),
        ("A CSV file", "CSV文件", "no space between Chinese and Latin or digits"),
        ("%(count)d rows", "%(count)d行", "no space between Chinese and a number"),
    ],
)
def test_o7_a_careless_translation_is_told(msgid: str, msgstr: str, fault: str) -> None:
    assert fault in list(entry_faults(entry(msgid, msgstr)))


def test_o7_an_unsure_translation_is_told() -> None:
    assert list(entry_faults(entry("Save", "保存", flags=["fuzzy"]))) == ["unsure"]


def test_o7_a_plural_needs_its_chinese() -> None:
    one = entry("%(count)d row", "", msgid_plural="%(count)d rows", msgstr_plural={0: ""})

    assert list(entry_faults(one)) == ["not translated"]


@pytest.mark.parametrize(
    ("msgid", "msgstr"),
    [
        ("%(count)d rows of %(name)s", "“%(name)s”共 %(count)d 行"),
        ("Save the table as CSV.", "请将表格另存为 CSV。"),
        ("Write `sum(amount)`.", "请写作 `sum(amount)`。"),
        ("As in: amount > 0.", "例如“amount > 0”。"),
        ("Up to %(day)s", "更新至%(day)s"),
        ("Ask ops@example.org.", "请联系 ops@example.org。"),
    ],
)
def test_o7_a_good_translation_passes(msgid: str, msgstr: str) -> None:
    assert list(entry_faults(entry(msgid, msgstr))) == []


def test_o7_sentences_of_python_are_found_by_every_name() -> None:
    source = """
a = _("Save"); b = N_("Row " "key"); c = translation.gettext("Deep")
d = ngettext("%(n)d row", "%(n)d rows", n); e = pgettext_lazy("unit", "d"); f = _(variable); g = print("no")
from django.utils.translation import gettext as _now, pgettext as _p
h = _now("Now"); i = _p("unit", "h")
"""

    assert set(sentences_of_python(source)) == {
        Sentence("Save"),
        Sentence("Row key"),
        Sentence("Deep"),
        Sentence("%(n)d row", plural="%(n)d rows"),
        Sentence("d", context="unit"),
        Sentence("Now"),
        Sentence("h", context="unit"),
    }


def test_o7_sentences_of_templates_are_found_as_django_looks_them_up() -> None:
    source = """{% load i18n %}{% translate "Save 5 %" %}{% translate 'Newer' context "list" %}<p title="{{ _("Hint") }}">
{% blocktranslate trimmed count n=rows %}
  {{ n }} row
{% plural %}
  {{ n }} rows
{% endblocktranslate %}{# {% translate "Never" %} #}{% include "x.html" with label=_("Given") %}"""

    assert set(sentences_of_template(source)) == {
        Sentence("Save 5 %%"),
        Sentence("Newer", context="list"),
        Sentence("Hint"),
        Sentence("%(n)s row", plural="%(n)s rows"),
        Sentence("Given"),
    }


def test_o7_tests_and_hidden_folders_say_nothing(tmp_path: Path) -> None:
    for name in (".venv/a.py", "tests/a.py", "var/a.py", "app/a.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(f'_("{name}")', encoding="utf-8")

    assert collect(tmp_path) == {Sentence("app/a.py"): ["app/a.py"]}


def test_o7_refreshing_keeps_what_is_translated_and_drops_what_is_said_no_more(tmp_path: Path) -> None:
    source, path = tmp_path / "app.py", tmp_path / "locale" / CATALOGUE
    source.write_text('_("Row of the test"); _("Old sentence")', encoding="utf-8")
    refresh(tmp_path, tmp_path / "locale")
    catalogue = polib.pofile(str(path))
    catalogue.find("Row of the test").msgstr = "测试行"
    catalogue.save()
    source.write_text('_("Row of the test"); _("New sentence")', encoding="utf-8")

    told = refresh(tmp_path, tmp_path / "locale")

    assert "not translated: 'New sentence'" in told
    assert polib.pofile(str(path)).find("Row of the test").msgstr == "测试行"
    assert polib.pofile(str(path)).find("Old sentence") is None
    assert polib.mofile(str(path.with_suffix(".mo"))).find("Row of the test").msgstr == "测试行"
    before = path.read_bytes()
    refresh(tmp_path, tmp_path / "locale")
    assert path.read_bytes() == before


def test_o7_a_stale_compiled_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text('_("Row of the test")', encoding="utf-8")
    refresh(tmp_path, tmp_path / "locale")
    catalogue = polib.pofile(str(tmp_path / "locale" / CATALOGUE))
    catalogue.find("Row of the test").msgstr = "测试行"
    catalogue.save()

    assert "django.mo is older than django.po: run python3 manage.py messages" in check(tmp_path, tmp_path / "locale")


def test_o7_the_check_fails_and_changes_nothing(tmp_path: Path, settings: object) -> None:
    (tmp_path / "app.py").write_text('_("Row of the test")', encoding="utf-8")
    settings.BASE_DIR, settings.LOCALE_PATHS = tmp_path, [tmp_path / "locale"]  # type: ignore[attr-defined]

    with pytest.raises(CommandError, match="not translated: 'Row of the test'"):
        call_command("messages", check=True)

    assert not (tmp_path / "locale").exists()


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_o7_error_pages_are_chinese(status: int) -> None:
    with override("zh-hans"):
        texts = texts_of(render_to_string(f"errors/{status}.html", {"reference": "4f2a"}))

    assert left_in_english(texts) == []
    assert "返回首页" in texts


def test_o7_the_sign_in_page_is_chinese() -> None:
    request = RequestFactory().get("/accounts/login/")
    with override("zh-hans"):
        texts = texts_of(render_to_string("account/login.html", {"form": LoginForm(request=request)}, request))

    assert left_in_english(texts) == []
    assert {"登录", "邮箱", "密码", "忘记密码？"} <= set(texts)


@pytest.mark.urls("tests.ops_platform.web.gallery_urls")
def test_o7_the_frame_of_the_gallery_follows_the_language() -> None:
    with override(None):  # a request leaves its language active in the thread
        html = Client(headers={"accept-language": "zh-CN"}).get("/gallery/").content.decode()

    assert '<html lang="zh-hans"' in html
    assert {"外观", "跟随系统", "快捷键", "以表格显示", "下一页"} <= set(texts_of(html))


def test_o7_our_words_come_before_those_of_libraries() -> None:
    with override("zh-hans"):
        said = ngettext(
            "This password is too short. It must contain at least %(min_length)d character.",
            "This password is too short. It must contain at least %(min_length)d characters.",
            10,
        )

    assert said % {"min_length": 10} == "密码太短，至少需要 10 个字符。"


def test_o7_scripts_take_their_sentences_from_the_page() -> None:
    literal = re.compile(r"""(["'`])((?:\\.|(?!\1)[^\\\n])*)\1""")
    found = []
    for path in sorted((settings.BASE_DIR / "static/js").rglob("*.js")):
        code = re.sub(r"^\s*(//|/?\*).*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        found += [f"{path.name}: {text}" for _, text in literal.findall(code) if re.search(r"[A-Z][a-z]+ [a-z]+", text)]

    assert found == []
