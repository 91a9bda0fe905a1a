"""Parts of the frame that are drawn once for what they show."""

from __future__ import annotations

from django.template import engines
from django.utils import translation


class Counter:
    """Tells how often it was drawn."""

    def __init__(self) -> None:
        self.count = 0

    def __str__(self) -> str:
        self.count += 1
        return str(self.count)


def test_a_part_is_drawn_once_for_its_keys_and_language():
    template, counter = engines["django"].from_string("{% kept seen place %}{{ counter }}{% endkept %}"), Counter()

    def drawn(seen: str, place: object = ("/a/",)) -> str:
        return template.render({"seen": seen, "place": place, "counter": counter})

    assert [drawn("ann"), drawn("ann"), drawn("ben"), drawn("ann", ("/b/",)), drawn("ann")] == ["1", "1", "2", "3", "1"]
    with translation.override("zh-hans"):
        assert [drawn("ann"), drawn("ann")] == ["4", "4"]


def test_two_parts_with_the_same_keys_are_two():
    source = "{% kept seen %}a{{ name }}{% endkept %}{% kept seen %}b{{ name }}{% endkept %}"
    assert engines["django"].from_string(source).render({"seen": "ann", "name": "<"}) == "a&lt;b&lt;"


def test_without_a_key_nothing_is_kept():
    template, counter = engines["django"].from_string("{% kept seen %}{{ counter }}{% endkept %}"), Counter()
    assert [template.render({"counter": counter}), template.render({"counter": counter, "seen": ""})] == ["1", "2"]


def test_each_answer_has_its_own_token(rf):
    template = engines["django"].from_string("{% kept seen %}{% csrf_token %}{% endkept %}|{{ csrf_token }}")

    answers = [template.render({"seen": "ann"}, rf.get("/")) for _ in range(3)]

    for answer in answers:
        field, token = answer.split("|")
        assert field == f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
    assert len(set(answers)) == 3


def test_a_key_that_fails_to_resolve_is_as_good_as_none():
    template, counter = engines["django"].from_string("{% kept seen.of.nobody %}{{ counter }}{% endkept %}"), Counter()
    assert [template.render({"counter": counter}) for _ in range(2)] == ["1", "2"]
