"""Preflight: a form learns what it would do, and everything that stands in its way, at once."""

from __future__ import annotations

import pytest

SPEC = {
    "name": "run",
    "base_model": "tiny",
    "dataset": "colours",
    "prompt": "say it",
    "max_length": 64,
}


@pytest.fixture
def everything(colours, prompt, model):
    """All that a run needs."""


async def test_a_good_run_is_ready_and_counted(api, everything):
    answer = await api.post("training/preflight", {"spec": {**SPEC, "epochs": 2}})
    assert answer["ready"], answer["checks"]
    # 30 rows: 3 for testing, 2 (5 %, rounded) for validation
    assert answer["rows"] | {"train_split": "train"} == answer["rows"]
    assert [answer["rows"][part] for part in ("train", "validation", "test")] == [25, 2, 3]
    assert answer["steps"]["steps_per_epoch"] == 4 and answer["steps"]["total_steps"] == 8
    assert {check["code"] for check in answer["checks"]} == {"few_steps", "few_test_rows"}
    assert all(check["level"] == "warning" and check["remedy"] for check in answer["checks"])


async def test_an_empty_form_is_told_each_missing_field(api, everything):
    answer = await api.post("training/preflight", {"spec": {}})
    missing = {check["field"] for check in answer["checks"]}
    assert missing == {"name", "base_model", "dataset", "prompt"} and not answer["ready"]


async def test_all_problems_come_together(api, everything):
    spec = {
        **SPEC,
        "base_model": "tinny",
        "max_length": 64,
        "output_dir": "../outside",
        "data": {"split": "trian"},
        "optimizer": {"advanced": {"push_to_hub": True}},
    }
    answer = await api.post("training/preflight", {"spec": spec})
    blocking = {c["field"]: c for c in answer["checks"] if c["level"] == "blocking"}
    assert "'tiny'" in blocking["base_model"]["remedy"]
    assert "train" in blocking["data.split"]["remedy"]
    assert {"output_dir", "optimizer.advanced.push_to_hub"} <= set(blocking)


async def test_a_taken_name_is_seen_before_launch(api, everything):
    taken = api.root / "ftstudio" / "adapters" / "run"
    taken.mkdir(parents=True)
    (taken / "notes.txt").write_text("mine")
    answer = await api.post("training/preflight", {"spec": SPEC})
    assert [c["field"] for c in answer["checks"] if c["level"] == "blocking"] == ["name"]


async def test_a_length_beyond_the_model_is_refused(api, everything):
    answer = await api.post("training/preflight", {"spec": {**SPEC, "max_length": 10**6}})
    assert "max_length" in {c["field"] for c in answer["checks"] if c["level"] == "blocking"}


async def test_the_prompt_is_checked_on_the_rows_to_train_on(api, everything):
    short = await api.post("training/preflight", {"spec": {**SPEC, "max_length": 8}})
    [check] = [c for c in short["checks"] if c["code"] == "rows_too_long"]
    assert (check["level"], check["field"]) == ("blocking", "max_length") and not short["ready"]
    mended = {**SPEC, check["fix"]["field"]: check["fix"]["value"]}
    assert (await api.post("training/preflight", {"spec": mended}))["ready"]

    await api.ok("PATCH", "prompts/say it", {"prompt_template": "Q: {question} {answer}\nA:"})
    leaky = await api.post("training/preflight", {"spec": SPEC})
    [check] = [c for c in leaky["checks"] if c["level"] == "blocking"]
    assert (check["code"], check["field"]) == ("answer_in_prompt", "prompt")
    assert check["fix"]["kind"] == "set_prompt_field" and not leaky["ready"]
