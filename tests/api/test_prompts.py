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


async def test_a_prompt_says_how_its_answers_are_judged(api, prompt):
    assert prompt["task"] == "auto"
    changed = await api.ok("PATCH", "prompts/say it", {"task": "label"})
    assert changed["task"] == "label"
    scorers = await api.get("evaluations/scorers", dataset="colours", prompt="say it")
    assert scorers["primary_metric"] == "accuracy"
    await api.refused("PATCH", "prompts/say it", {"task": "poetry"})


async def test_prompts_are_listed_by_dataset(api, prompt):
    assert (await api.get("prompts", dataset="colours"))["total"] == 1
    assert (await api.get("prompts", q="nothing like it"))["total"] == 0
    assert (await api.refused("GET", "prompts", dataset="none")).status == 404


# --- chat mode -----------------------------------------------------------------------------------

CHAT = {
    "mode": "chat",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "{question}"},
        {"role": "assistant", "content": "{answer}"},
    ],
}


async def test_a_chat_prompt_is_stored_and_shown_as_messages(api, colours):
    made = await api.post("prompts", {"name": "talk", "dataset": "colours", **CHAT})
    assert made["mode"] == "chat" and made["prompt_template"] == ""
    shown = await api.post("prompts/preview", {"dataset": "colours", "prompt": "talk", "row": 1})
    assert [turn["role"] for turn in shown["messages"]] == ["system", "user", "assistant"]
    assert shown["prompt"] == "System: Be brief.\n\nUser: Say green\n\n"
    assert shown["completion"] == "green"


async def test_a_conversation_must_end_with_an_answer(api, colours):
    body = {"name": "talk", "dataset": "colours", **CHAT}
    answer = await api.refused("POST", "prompts", {**body, "messages": CHAT["messages"][:2]})
    assert (answer.status, answer.error["field"]) == (422, "messages")
    wrong = [*CHAT["messages"][:2], {"role": "assistant", "content": "{anwser}"}]
    answer = await api.refused("POST", "prompts", {**body, "messages": wrong})
    assert answer.error["field"] == "messages.2.content" and "{answer}" in answer.error["remedy"]


async def test_a_prompt_changes_its_mode(api, prompt):
    changed = await api.ok("PATCH", "prompts/say it", CHAT)
    assert changed["mode"] == "chat" and changed["completion_template"] == " {answer}"
    back = await api.ok("PATCH", "prompts/say it", {"mode": "text"})
    assert back["mode"] == "text" and len(back["messages"]) == 3


# --- tokens --------------------------------------------------------------------------------------


async def test_rows_are_shown_as_the_models_tokens_and_where_they_cross_the_limit(
    api, prompt, model
):
    body = {"dataset": "colours", "prompt": "say it", "model": "tiny", "rows": [4, 0]}
    shown = await api.post("prompts/preview", body)
    assert [row["row"] for row in shown["rows"]] == [4, 0] and shown["row"] == 4
    tokens = shown["rows"][0]["tokens"]
    texts = "".join(token["text"] for token in tokens["tokens"])
    assert texts == "Q: Say green\nA: green</s>"
    end = tokens["tokens"][-1]
    assert (end["kind"], end["special"], end["learned"]) == ("end", "eos", True)
    learned = "".join(token["text"] for token in tokens["tokens"] if token["learned"])
    assert learned == " green</s>"
    assert tokens["outcome"] == "used" and tokens["limit_at"] is None
    assert tokens["max_length"] == 512  # the model's context

    short = await api.post("prompts/preview", {**body, "max_length": 8})
    tokens = short["tokens"]
    assert (tokens["outcome"], tokens["limit_at"]) == ("too_long", 8)
    assert len(tokens["tokens"]) == tokens["prompt_tokens"] + tokens["completion_tokens"]


async def test_checks_come_with_a_fix_that_is_one_click(api, prompt, model):
    body = {"dataset": "colours", "prompt": "say it", "model": "tiny", "checks": True}
    shown = await api.post("prompts/preview", {**body, "max_length": 8})
    assert shown["checked"] == {"rows": 30, "total": 30}
    found = {check["code"]: check for check in shown["checks"]}
    long = found["rows_too_long"]
    assert long["level"] == "blocking" and len(long["rows"]) == 5
    assert long["fix"]["kind"] == "set_field" and long["fix"]["field"] == "max_length"
    fixed = await api.post("prompts/preview", {**body, "max_length": long["fix"]["value"]})
    assert fixed["checks"] == []


async def test_a_model_without_chat_template_gets_one_by_a_click(api, colours, model):
    body = {"dataset": "colours", "model": "tiny", "checks": True, "row": 0, **CHAT}
    shown = await api.post("prompts/preview", body)
    [check] = shown["checks"]
    assert (check["code"], check["level"]) == ("no_chat_template", "blocking")
    assert shown["tokens"] is None and shown["prompt"]
    fix = check["fix"]
    assert fix["kind"] == "set_prompt_field"
    shown = await api.post("prompts/preview", {**body, fix["field"]: fix["value"]})
    assert shown["checks"] == [] and shown["prompt"].endswith("<|im_start|>assistant\n")
    assert shown["tokens"]["tokens"][-1]["special"] == "eos"


async def test_a_preview_names_what_is_wrong_with_its_request(api, prompt, model):
    body = {"dataset": "colours", "prompt": "say it"}
    for wrong, field in (
        ({"checks": True}, "model"),
        ({"model": "tinny"}, "model"),
        ({"rows": [3, 30]}, "rows"),
        ({"row": 30}, "row"),
    ):
        answer = await api.refused("POST", "prompts/preview", {**body, **wrong})
        assert answer.error["field"] == field and answer.error["remedy"], wrong


async def test_a_tokenizer_that_was_damaged_meanwhile_is_named(api, prompt, model):
    (api.root / "models" / "tiny" / "tokenizer.json").write_text("{")
    body = {"dataset": "colours", "prompt": "say it", "model": "tiny"}
    answer = await api.refused("POST", "prompts/preview", body)
    assert answer.error["field"] == "model" and answer.error["code"] == "tokenizer_broken"


# --- solved examples -----------------------------------------------------------------------------


async def test_solved_examples_stand_in_front_of_every_question(api, prompt):
    asked = {"dataset": "colours", "prompt": "say it", "n": 2}
    drawn = await api.post("prompts/examples", asked)
    assert drawn == await api.post("prompts/examples", asked), "the seed decides"
    first, second = drawn["examples"]
    assert first["row"] != second["row"] and first["split"] == "train"
    assert set(first["values"]) == {"id", "question", "answer"}, "templates may change"
    await api.ok("PATCH", "prompts/say it", drawn)
    shown = await api.post("prompts/preview", {"dataset": "colours", "prompt": "say it", "row": 0})
    solved = "".join(
        f"Q: {e['values']['question']}\nA: {e['values']['answer']}\n\n" for e in (first, second)
    )
    assert shown["prompt"] == f"{solved}Q: Say red\nA:"
    chat = {**CHAT, "dataset": "colours", "examples": drawn["examples"], "row": 0}
    turns = (await api.post("prompts/preview", chat))["messages"]
    assert [turn["role"] for turn in turns] == ["system"] + ["user", "assistant"] * 3
    assert turns[2]["content"] == first["values"]["answer"]
