"""Checks of a prompt: the expensive mistakes are named before training, each with a remedy."""

from __future__ import annotations

import pytest

from ftstudio_ext.core.prompt_checks import Sample, text_checks
from ftstudio_ext.core.token_checks import proposed_length
from ftstudio_ext.schema.checks import Check
from ftstudio_ext.schema.prompts import Message, PromptContent

ROWS = [{"q": f"question {n}", "a": f"answer {n}", "note": "" if n % 4 else "x"} for n in range(8)]


def found(prompt: str, completion: str, rows=ROWS) -> dict[str, Check]:
    content = PromptContent(prompt_template=prompt, completion_template=completion)
    return {c.code: c for c in text_checks(Sample(content, range(len(rows)), rows))}


def test_a_good_prompt_has_no_findings():
    assert found("Q: {q}\nA:\n", "{a}") == {}


def test_an_answer_in_its_own_prompt_blocks_and_is_taken_out_by_a_click():
    check = found("Q: {q}\nA: {a}\n", "{a}")["answer_in_prompt"]
    assert check.level == "blocking" and check.field == "prompt_template"
    assert check.fix and check.fix.value == "Q: {q}\nA: \n"
    partly = found("Q: {q}", "{q}: {a}")["answer_in_prompt"]
    assert partly.level == "warning"


def test_an_answer_in_another_column_of_the_prompt_is_seen():
    long = "the answer in some forty characters or a few more"
    rows = [{"text": f"{n} Q? {long} {n}", "a": f"{long} {n}"} for n in range(5)]
    check = found("{text}\n", "{a}", rows)["answer_in_prompt_text"]
    assert check.level == "warning" and check.rows == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("prompt", ["A: {q} ", "A: {q}\t "])
def test_a_space_before_the_completion_becomes_a_line_break(prompt):
    check = found(prompt, "{a}")["trailing_space"]
    assert check.fix and check.fix.value == "A: {q}\n"


def test_templates_that_ask_for_nothing():
    assert found("Q: {q}\n", "yes")["same_answer"].level == "blocking"
    assert found("Hello\n", "{a}")["same_prompt"].level == "warning"


def test_columns_that_are_mostly_empty():
    check = found("{q} {note}\n", "{a}")["empty_column"]
    assert check.level == "warning" and "6 of 8" in check.message and check.rows[0] == 1
    assert found("{q}\n", "{note}")["empty_column"].level == "warning"
    nothing = [{**row, "note": None} for row in ROWS]
    assert found("{q}\n", "{note}", nothing)["empty_column"].level == "blocking"


def test_an_empty_column_is_made_a_section_by_a_click():
    check = found("### Q:\n{q}\n\n### Note:\n{note}\n\n### A:\n", "{a}")["empty_column"]
    fixed = "### Q:\n{q}\n\n{?note}### Note:\n{note}\n\n{/note}### A:\n"
    assert check.fix and check.fix.value == fixed
    assert "empty_column" not in found(fixed, "{a}")
    assert found("{q} {note}\n\nA:\n", "{a}")["empty_column"].fix is None, "not alone there"


def test_chat_prompts_are_checked_like_texts():
    def message(role, content):
        return Message(role=role, content=content)

    content = PromptContent(
        mode="chat",
        messages=[
            message("system", "Answer {a}"),
            message("user", "{q} "),
            message("assistant", "{a}"),
        ],
    )
    [check] = text_checks(Sample(content, range(8), ROWS))
    assert (check.code, check.level) == ("answer_in_prompt", "blocking")
    assert check.field == "messages.0.content"
    assert check.fix and (check.fix.field, check.fix.value) == (check.field, "Answer ")


def test_the_proposed_length_leaves_single_long_rows_out_and_never_exceeds_the_context():
    assert proposed_length([100] * 50 + [180] * 150, None) == 192
    assert proposed_length([100] * 199 + [9_000], None) == 128
    assert proposed_length([5_000], 2_048) == 2_048
