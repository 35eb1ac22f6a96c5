"""Templates insert column values, and can do nothing else."""

from __future__ import annotations

import datetime
import decimal

import pytest

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.templates import check, escape, placeholders, render

COLUMNS = ["question", "sql_context", "first name", "a.b", "größe", "x-y"]


@pytest.mark.parametrize(
    ("template", "row", "expected"),
    [
        ("plain", {}, "plain"),
        ("{a}{b}", {"a": 1, "b": 2}, "12"),
        ("{first name}, {a.b}, {größe}, {x-y}", dict.fromkeys(COLUMNS, "v"), "v, v, v, v"),
        ("{{a}}", {"a": 1}, "{a}"),
        ("{{{a}}}", {"a": 1}, "{1}"),
        ('{{"sql": "{a}"}}', {"a": 1}, '{"sql": "1"}'),
        ("{0}", {"0": "a column may be called so"}, "a column may be called so"),
        ("{a:b}", {"a:b": "whole name"}, "whole name"),
    ],
)
def test_placeholders_are_replaced(template, row, expected):
    assert render(template, row) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (True, "True"),
        (3, "3"),
        (2.5, "2.5"),
        ([1, "ü"], '[1, "ü"]'),
        ({"a": [None]}, '{"a": [null]}'),
        (datetime.datetime(2024, 5, 6, 7, 8), "2024-05-06T07:08:00"),
        (decimal.Decimal("1.10"), "1.10"),
        (b"abc", '{"bytes": 3, "base64": "YWJj"}'),
    ],
)
def test_every_kind_of_value_has_one_text(value, text):
    assert render("{a}", {"a": value}) == text


def test_inserted_values_are_never_parsed_again():
    row = {"a": "{b} {{c}} {", "b": "secret"}
    assert render("{a}|{b}", row) == "{b} {{c}} {|secret"


def test_names_are_listed_once_in_order():
    assert placeholders("{b} {a} {{c}} {b}") == ["b", "a"]


def test_escaped_text_renders_to_itself():
    text = "if (a) { return {b}; }"
    assert render(escape(text), {}) == text


@pytest.mark.parametrize(
    ("template", "place", "says"),
    [
        ("abc {question", "character 5", "never closed"),
        ("line\n  {", "line 2, column 3", "never closed"),
        ("{question\n}", "line 1, column 1", "never closed"),
        ("a } b", "character 3", "no opening brace"),
        ("{question}}", "character 11", "no opening brace"),
        ("{}", "character 1", "empty"),
        ("{ }", "character 1", "empty"),
        ("{a {question}}", "character 4", "another opening brace"),
    ],
)
def test_broken_braces_are_said_with_their_place(template, place, says):
    with pytest.raises(InvalidInput) as caught:
        check(template, COLUMNS, "prompt_template")
    assert caught.value.field == "prompt_template"
    assert place in caught.value.message
    assert says in caught.value.message
    assert "{{ and }}" in (caught.value.remedy or "")


@pytest.mark.parametrize(
    "template",
    [
        "{question.__class__}",
        "{question[0]}",
        "{question!r}",
        "{question:>10}",
        "{question.__init__.__globals__}",
    ],
)
def test_a_placeholder_reaches_nothing_but_columns(template):
    with pytest.raises(InvalidInput) as caught:
        check(template, COLUMNS, "prompt_template")
    assert "{question}" in (caught.value.remedy or "")
    with pytest.raises(InvalidInput):
        render(template, {"question": "q"})


@pytest.mark.parametrize(
    ("template", "nearest"),
    [("{qestion}", "{question}"), ("{Question}", "{question}"), ("{ question }", "{question}"),
     ("{sql_contxt}", "{sql_context}")],
)  # fmt: skip
def test_an_unknown_column_is_answered_with_the_nearest(template, nearest):
    with pytest.raises(InvalidInput) as caught:
        check(template, COLUMNS, "completion_template")
    assert nearest in (caught.value.remedy or "")


def test_an_unknown_column_far_from_all_lists_them():
    with pytest.raises(InvalidInput) as caught:
        check("{zzzzzz}", COLUMNS)
    assert "question, sql_context" in (caught.value.remedy or "")


def test_a_row_without_the_column_is_an_error_in_words():
    with pytest.raises(InvalidInput, match="no column 'b'"):
        render("{b}", {"a": 1})


# --- sections ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "row", "text"),
    [
        ("{q}{?hint} ({hint}){/hint}", {"q": "Q", "hint": "h"}, "Q (h)"),
        ("{q}{?hint} ({hint}){/hint}", {"q": "Q", "hint": None}, "Q"),
        ("{q}{?hint} ({hint}){/hint}", {"q": "Q", "hint": " "}, "Q"),
        ("{?hint}always{/hint}", {"hint": 0}, "always"),
        ("{?a}1{?b}2{/b}3{/a}", {"a": "x", "b": ""}, "13"),
        ("{?a}1{?b}2{/b}3{/a}", {"a": "", "b": "x"}, ""),
        ("{?a}{{x}}{/a}", {"a": "y"}, "{x}"),
        ("{?a}{/a}", {"a": "y"}, ""),
    ],
)
def test_a_section_stands_where_its_column_has_a_value(template, row, text):
    assert render(template, row) == text
    assert set(placeholders(template)) == set(row)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{?hint}x", "never closed"),
        ("x{/hint}", "closes no section"),
        ("{?a}{?b}{/a}{/b}", "closes no section"),
        ("{?}x{/}", "is empty"),
        ("{?a}" * 5_000, "stands inside 20 others"),
        ("{?hnt}x{/hnt}", "no column 'hnt'"),
        ("{?a}{hnt}{/a}", "no column 'hnt'"),
    ],
)
def test_a_broken_section_is_named_with_a_remedy(template, message):
    with pytest.raises(InvalidInput, match=message) as caught:
        check(template, ["hint", "a", "b"], "prompt_template")
    assert caught.value.field == "prompt_template" and caught.value.remedy
