"""The dataset doctor over REST: examined by a light job, remembered with the data, remedied in a
copy."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ftstudio_ext.schema.jobs import FINAL_STATES

LONG = "very " * 300


def rows(count: int) -> list[dict[str, Any]]:
    words = ["apple", "river", "cloud", "stone", "music", "glass", "night"]
    return [
        {
            "id": n,
            "question": f"Which {words[n % 7]} did {words[n % 5]} number {n} see at {n * 7}?",
            "answer": f"The {words[n % 3]} of {n * 13} by {words[n % 6]}",
        }
        for n in range(count)
    ]


def faulty() -> dict[str, list[dict[str, Any]]]:
    """Of 60 training rows 2 repeat others, 1 has no answer, 1 is long, 3 are in the test too."""
    train, test = rows(60), rows(80)[60:]
    for row, like in ((20, 3), (40, 3)):
        train[row] = {**train[like], "id": row}
    train[50]["answer"] = ""
    train[51]["question"] = f"Is it {LONG} far?"
    for row in range(3):
        test[row] = {**train[row], "id": 60 + row}
    return {"train": train, "test": test}


async def imported(api: Any, name: str, **splits: list[dict[str, Any]]) -> dict[str, Any]:
    paths = {}
    for split, content in splits.items():
        path = api.root / f"{name}-{split}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in content))
        paths[split] = path.name
    return await api.post("datasets", {"name": name, "source": {"source": "file", "path": paths}})


@pytest.fixture
async def sick(api: Any) -> dict[str, Any]:
    return await imported(api, "sick", **faulty())


@pytest.fixture
async def prompt(api: Any, sick: dict[str, Any]) -> dict[str, Any]:
    content = {"prompt_template": "Q: {question}\nA:", "completion_template": " {answer}"}
    return await api.post("prompts", {"name": "ask", "dataset": "sick", **content})


async def ended(api: Any, job: dict[str, Any]) -> dict[str, Any]:
    while job["state"] not in FINAL_STATES:
        await asyncio.sleep(0.1)
        job = await api.get(f"jobs/{job['id']}")
    return job


async def examined(api: Any, name: str, **request: Any) -> dict[str, Any]:
    job = await ended(api, await api.post(f"datasets/{name}/profile", request))
    assert job["state"] == "succeeded", job["error"]
    return (await api.get(f"datasets/{name}/profile"))["profile"]


async def settled(api: Any, dataset: dict[str, Any]) -> dict[str, Any]:
    while dataset["state"] == "importing":
        await asyncio.sleep(0.1)
        dataset = await api.get(f"datasets/{dataset['id']}")
    return dataset


async def test_findings_are_kept_with_the_dataset_and_shown_before_training(
    api: Any, sick: dict[str, Any], prompt: dict[str, Any], model: dict[str, Any]
) -> None:
    never = await api.get("datasets/sick/profile")
    assert never == {"dataset_id": sick["id"], "profile": None, "job": None}
    assert (await api.get("datasets/sick"))["findings"] is None

    request = {"model": "tiny", "prompt": "ask", "max_length": 200}
    profile = await examined(api, "sick", **request)
    counts = {finding["id"]: finding["count"] for finding in profile["findings"]}
    assert counts == {
        "leaked_rows": 3,
        "duplicates": 2,
        "too_long": 1,
        "empty_cells:answer": 1,
        "extreme_lengths:question": 1,
    }
    shown = await api.get("datasets/sick/profile")
    assert (shown["job"]["type"], shown["job"]["dataset_id"]) == ("profile", sick["id"])
    progress = shown["job"]["progress"]
    assert progress["step"] == progress["total_steps"] > 0
    assert (await api.get("datasets/sick"))["findings"] == 5
    assert [d["findings"] for d in (await api.get("datasets"))["items"]] == [5]

    spec = {"name": "a", "base_model": "tiny", "dataset": "sick", "prompt": "ask"}
    answer = await api.post("training/preflight", {"spec": spec})
    told = {c["code"]: c for c in answer["checks"] if c["field"] == "dataset"}
    assert {"data_leaked_rows", "data_duplicates", "data_empty_cells"} <= told.keys()
    assert told["data_leaked_rows"]["level"] == "warning"


async def test_tokens_are_counted_as_training_reads_them(
    api: Any, sick: dict[str, Any], prompt: dict[str, Any], model: dict[str, Any]
) -> None:
    request = {"model": "tiny", "prompt": "ask", "max_length": 200}
    lengths = (await examined(api, "sick", **request))["tokens"]
    preview = await api.post(
        "prompts/preview", {"dataset": "sick", "prompt": "ask", "model": "tiny", "row": 51}
    )
    tokens = preview["tokens"]
    longest = tokens["prompt_tokens"] + tokens["completion_tokens"]
    assert (lengths["tokens"]["max"], lengths["rows"], lengths["is_sample"]) == (longest, 80, False)
    assert sum(lengths["histogram"]["counts"]) == 80
    at = {share["max_length"]: share["too_long"] for share in lengths["limits"]}
    assert at[200] == 1 and max(at) == lengths["context_length"] == 512

    profile = (await api.get("datasets/sick/profile"))["profile"]
    [finding] = [f for f in profile["findings"] if f["code"] == "too_long"]
    assert finding["rows"][0]["row"] == 51
    low = await examined(api, "sick", model="tiny", prompt="ask", max_length=16)
    [finding] = [f for f in low["findings"] if f["code"] == "too_long"]
    assert finding["count"] == 80
    assert finding["fix"]["kind"] == "set_max_length"
    assert finding["fix"]["max_length"] == low["tokens"]["proposed_max_length"] > 16


async def test_remedies_make_a_copy_and_leave_the_dataset_alone(
    api: Any, sick: dict[str, Any], prompt: dict[str, Any]
) -> None:
    await api.post(
        "prompts",
        {
            "name": "by id",
            "dataset": "sick",
            "prompt_template": "{id} {question}",
            "completion_template": "{answer}",
        },
    )
    profile = await examined(api, "sick")
    fixes = [f["fix"] for f in profile["findings"] if f["code"] != "extreme_lengths" and f["fix"]]
    assert {fix["kind"] for fix in fixes} == {"drop_rows", "dedupe", "drop_leaked", "drop_columns"}
    body = {"fixes": fixes, "request_id": "once"}
    made = await api.post("datasets/sick/apply", body)
    assert (made["name"], made["state"]) == ("sick-clean", "importing")
    assert (await api.post("datasets/sick/apply", body))["id"] == made["id"]
    clean = await settled(api, made)
    assert clean["state"] == "ready", clean["error"]
    # 60 rows less 2 repetitions, 1 without answer, 3 of the test
    assert {s["name"]: s["rows"] for s in clean["splits"]} == {"train": 54, "test": 20}
    assert [column["name"] for column in clean["columns"]] == ["question", "answer"]
    assert clean["source"]["dataset_id"] == sick["id"] and len(clean["source"]["steps"]) == 4
    assert "dropped 2 rows: duplicates" in clean["source"]["steps"]

    page = await api.get(f"datasets/{clean['id']}/rows", limit=100)
    train = faulty()["train"]
    kept = [row for n, row in enumerate(train) if n not in (0, 1, 2, 20, 40, 50)]
    assert page["rows"] == [{"question": r["question"], "answer": r["answer"]} for r in kept]
    prompts = (await api.get("prompts", dataset=clean["id"]))["items"]
    assert [p["name"] for p in prompts] == ["ask sick-clean"]  # the other asks for the id

    before = await api.get("datasets/sick")
    assert (before["rows"], before["content_hash"]) == (80, sick["content_hash"])
    assert (await examined(api, "sick-clean"))["findings"][0]["code"] == "extreme_lengths"
    again = await api.post("datasets/sick/apply", {"fixes": fixes[:1], "copy_prompts": False})
    assert again["name"] == "sick-clean-2"
    assert (await settled(api, again))["state"] == "ready"
    assert (await api.get("prompts", dataset=again["id"]))["total"] == 0
    answer = await api.refused("POST", "datasets/sick-clean/reimport", {})
    assert answer.status == 409 and "sick" in answer.error["message"]


async def test_remedies_that_do_not_fit_are_refused(api: Any, sick: dict[str, Any]) -> None:
    async def refused(status: int, field: str, *fixes: dict[str, Any], **more: Any) -> None:
        answer = await api.refused("POST", "datasets/sick/apply", {"fixes": fixes, **more})
        assert (answer.status, answer.error["field"]) == (status, field), answer.error
        assert answer.error["remedy"]

    dedupe = {"kind": "dedupe", "finding": "duplicates"}
    await refused(422, "fixes.0.finding", dedupe)  # never examined
    await examined(api, "sick")
    await refused(422, "fixes.0.finding", {"kind": "drop_rows", "finding": "duplicates"})
    await refused(422, "fixes.1.columns", dedupe, {"kind": "drop_columns", "columns": ["nope"]})
    everything = ["id", "question", "answer"]
    await refused(422, "fixes.0.columns", {"kind": "drop_columns", "columns": everything})
    await refused(422, "fixes.0.kind", {"kind": "set_max_length", "max_length": 9})
    await refused(409, "name", dedupe, name="Sick")
    await refused(422, "fixes")
    await refused(422, "fixes.0.kind", {"kind": "burn"})
    assert (await api.get("datasets"))["total"] == 1
    assert (await api.get("jobs", type="clean"))["total"] == 0


async def test_examinations_that_cannot_be_are_refused(
    api: Any, sick: dict[str, Any], prompt: dict[str, Any]
) -> None:
    other = await imported(api, "other", train=[{"text": "a"}, {"text": "b"}])

    async def refused(name: str, field: str | None, **request: Any) -> Any:
        answer = await api.refused("POST", f"datasets/{name}/profile", request)
        assert answer.error.get("field") == field and answer.status in (404, 422), answer.error
        return answer

    await refused("sick", "model", model="nope", prompt="ask")
    await refused("sick", "prompt", prompt="nope")
    await refused("other", "prompt", prompt="ask")
    await refused("sick", "max_length", max_length=0)
    assert (await refused("nope", None)).status == 404
    assert (await api.get("jobs"))["total"] == 0
    assert other["rows"] == 2


async def test_a_profile_of_other_content_does_not_count(api: Any, sick: dict[str, Any]) -> None:
    await examined(api, "sick", near_duplicates=False)
    kept = api.root / "ftstudio" / "datasets" / sick["id"] / "profile.json"
    profile = json.loads(kept.read_text())
    kept.write_text(json.dumps({**profile, "content_hash": "0" * 64}))
    assert (await api.get("datasets/sick/profile"))["profile"] is None
    assert (await api.get("datasets/sick"))["findings"] is None
    kept.write_text("{broken")
    assert (await api.get("datasets/sick"))["findings"] is None
    assert (await examined(api, "sick"))["content_hash"] == sick["content_hash"]


async def test_rows_are_searched(api: Any, sick: dict[str, Any]) -> None:
    page = await api.get("datasets/sick/rows", q="RIVER of", split="train", limit=2)
    expected = [n for n, row in enumerate(faulty()["train"]) if "river of" in row["answer"]]
    assert page["indices"] == expected[:2] and page["next_offset"] == 2
    assert (page["total"], page["complete"], page["searched"]) == (len(expected), True, 60)
    rest = await api.get("datasets/sick/rows", q="RIVER of", offset=2, limit=100)
    assert rest["indices"] == expected[2:] and rest["next_offset"] is None
    plain = await api.get("datasets/sick/rows", offset=58)
    assert (plain["indices"], plain["next_offset"], plain["total"]) == ([58, 59], None, 60)
