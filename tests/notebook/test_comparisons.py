"""`studio.compare`: adapters side by side in a notebook, followed or read as a table."""

from __future__ import annotations

import pytest

from ftstudio_ext import Studio
from ftstudio_ext.notebook.errors import StudioApiError
from tests.adapters_that_disagree import make_adapter, place_adapter

from .test_form import settled

pytestmark = pytest.mark.train

QUICK = {"generation": {"max_new_tokens": 8}, "precision": "32-bit"}


@pytest.fixture
def adapter(studio: Studio, server, tmp_path) -> str:
    if "loud" not in studio.adapters:
        made = make_adapter(server.root / "models" / "tiny", tmp_path / "loud", 1)
        base = {"id": studio.models["tiny"].id, "name": "tiny"}
        place_adapter(server.root / "ftstudio", made, "loud", {"base_model": base})
    return "loud"


def test_answers_are_followed_read_and_voted_on(studio: Studio, adapter: str) -> None:
    asked = studio.compare(adapter, question="Q: Say red\nA:", expected=" red", **QUICK)
    pieces = list(asked)
    assert {piece.column for piece in pieces} == {"tiny", "loud"}
    for label, (text,) in asked.texts().items():
        assert "".join(piece.text for piece in pieces if piece.column == label) == text
    asked.vote("loud")
    assert studio.connection.get("comparisons", asked.id)["votes"][0]["column"] == 1
    with pytest.raises(StudioApiError, match="nobody"):
        asked.vote("nobody")

    rows = studio.compare(
        studio.adapters[adapter], dataset="colours", prompt="say it", rows=[3, 4], **QUICK
    )
    frame = rows.frame()
    assert len(frame) == 4 and list(frame["expected"]) == [" red"] * 2 + [" green"] * 2
    shown = rows._repr_html_()
    assert "<table" in shown and "Q: Say green" in shown and "tokens" in shown
    assert "[1] loud:" in repr(rows)


def test_a_question_is_asked_in_a_form(studio: Studio, adapter: str) -> None:
    form = studio.compare_form(adapter)
    assert form.model.label == "tiny" and form.adapters.label == ("loud",)
    form.ask_button.click()
    settled(lambda: "write a question" in form.said.value)
    form.question.value = "Q: Say red\nA:"
    form.tokens.value = 6
    form.ask_button.click()
    settled(lambda: "tokens" in form.answers.value, timeout_s=60)
    assert form.comparison.id and not form.ask_button.disabled
    form.tokens.value = 4000
    form.ask_button.click()
    settled(lambda: form.comparison.comparison.generation[0].max_new_tokens == 4000)
    form.cancel_button.click()
    settled(lambda: form.comparison.comparison.state == "cancelled")
    form.close()


def test_a_loop_that_is_left_early_cancels(studio: Studio, adapter: str) -> None:
    long = {**QUICK, "generation": {"max_new_tokens": 400}}
    asked = studio.compare(adapter, question="Say red", **long)
    next(iter(asked))
    asked.cancel()
    assert studio.compare(adapter, question="Say red", **QUICK).result().state == "done"


def test_what_cannot_be_asked_is_said_in_words(studio: Studio, adapter: str) -> None:
    with pytest.raises(StudioApiError, match="which base model"):
        studio.compare(question="x")
    with pytest.raises(StudioApiError, match="no dataset 'colors'") as error:
        studio.compare(adapter, dataset="colors")
    assert error.value.field == "rows.dataset" and "colours" in (error.value.remedy or "")
