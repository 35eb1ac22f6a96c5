"""Prompts: suggested, rendered, stored, and refused when they ask for unknown columns."""

from __future__ import annotations

PAIR = {"prompt_template": "Q: {question}", "completion_template": "{answer}"}


async def test_a_suggestion_can_be_saved_and_rendered(api, colours):
    found = await api.post("prompts/suggest", {"dataset": "colours"})
    assert found["output_column"] == "answer" and "id" in found["ignored_columns"]
    pair = {key: found[key] for key in PAIR}
    await api.post("prompts", {"name": "suggested", "dataset": "colours", **pair})
    shown = await api.post("prompts/preview", {"dataset": "colours", "prompt": "suggested"})
    assert shown["completion"] in ("red", "green", "blue") and shown["total"] == 30


async def test_an_unknown_placeholder_names_the_nearest_column(api, colours):
    body = {"name": "p", "dataset": "colours", **PAIR, "prompt_template": "{qestion}"}
    answer = await api.refused("POST", "prompts", body)
    assert (answer.status, answer.error["field"]) == (422, "prompt_template")
    assert "{question}" in answer.error["remedy"]


async def test_a_preview_shows_the_named_row_and_repeats_a_seed(api, colours):
    named = await api.post("prompts/preview", {"dataset": "colours", **PAIR, "row": 4})
    assert (named["row"], named["prompt"]) == (4, "Q: Say green")
    seeded = {"dataset": "colours", **PAIR, "seed": 7}
    first, second = (
        await api.post("prompts/preview", seeded),
        await api.post("prompts/preview", seeded),
    )
    assert first == second


async def test_a_prompt_is_changed_by_its_revision(api, prompt):
    changed = await api.ok("PATCH", f"prompts/{prompt['id']}", {"completion_template": "{answer}!"})
    assert changed["revision"] == 2
    answer = await api.refused("PATCH", "prompts/say it", {"completion_template": "{nothing}"})
    assert answer.error["field"] == "completion_template"


async def test_prompts_are_listed_by_dataset(api, prompt):
    assert (await api.get("prompts", dataset="colours"))["total"] == 1
    assert (await api.get("prompts", q="nothing like it"))["total"] == 0
    assert (await api.refused("GET", "prompts", dataset="none")).status == 404
