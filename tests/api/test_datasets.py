"""Datasets: imported whole or not at all, read by page, deleted with a word about what uses them."""

from __future__ import annotations

import asyncio

from .conftest import write_colours

FILE = {"source": "file", "path": "data/colours.jsonl"}


async def test_a_file_becomes_a_dataset_with_columns_and_splits(api, colours):
    assert colours["state"] == "ready"
    assert {c["name"]: c["type"] for c in colours["columns"]}["question"] == "string"
    assert [(s["name"], s["rows"]) for s in colours["splits"]] == [("train", 30)]
    folder = api.root / "ftstudio" / "datasets" / colours["id"]
    assert (folder / "dataset.json").exists()
    assert (await api.get("datasets"))["total"] == 1


async def test_a_name_works_wherever_an_id_does(api, colours):
    assert await api.get("datasets/colours") == await api.get(f"datasets/{colours['id']}")


async def test_the_same_request_twice_makes_one_dataset(api):
    write_colours(api.root / "data" / "colours.jsonl")
    body = {"source": FILE, "request_id": "once"}
    first, second = await asyncio.gather(api.post("datasets", body), api.post("datasets", body))
    assert first["id"] == second["id"] == (await api.post("datasets", body))["id"]
    assert (await api.get("datasets"))["total"] == 1


async def test_one_file_a_split(api):
    for name, rows in (("train", 20), ("test", 5)):
        write_colours(api.root / f"{name}.jsonl", rows)
    source = {"source": "file", "path": {"train": "train.jsonl", "test": "test.jsonl"}}
    dataset = await api.post("datasets", {"source": source})
    assert {s["name"]: s["rows"] for s in dataset["splits"]} == {"train": 20, "test": 5}


async def test_a_dataset_without_a_name_gets_a_free_one(api, colours):
    again = await api.post("datasets", {"source": FILE})
    assert again["name"] == "colours-2"


async def test_rows_are_read_by_page(api, colours):
    page = await api.get("datasets/colours/rows", offset=28, limit=10)
    assert (page["total"], [row["id"] for row in page["rows"]]) == (30, [28, 29])
    answer = await api.refused("GET", "datasets/colours/rows", split="tset")
    assert answer.status == 422 and "train" in answer.error["remedy"]


async def test_a_failed_import_leaves_nothing_behind(api):
    (api.root / "bad.json").write_text('{"not": "a list"}')
    answer = await api.refused(
        "POST", "datasets", {"source": {"source": "file", "path": "bad.json"}}
    )
    assert answer.status == 422 and answer.error["remedy"]
    assert (await api.get("datasets"))["total"] == 0
    assert list((api.root / "ftstudio" / "datasets").iterdir()) == []


async def test_a_taken_name_is_a_conflict(api, colours):
    answer = await api.refused("POST", "datasets", {"name": "Colours", "source": FILE})
    assert (answer.status, answer.error["field"]) == (409, "name")


async def test_a_stale_revision_is_a_conflict(api, colours):
    stale = {"If-Match": '"1"'}
    renamed = await api.request("PATCH", "datasets/colours", {"name": "hues"}, stale)
    assert (renamed.status, renamed.json["revision"], renamed.headers["ETag"]) == (200, 2, '"2"')
    again = await api.request("PATCH", "datasets/hues", {"name": "tints"}, stale)
    assert again.status == 409 and "revision 2" in again.error["message"]


async def test_deleting_a_used_dataset_names_what_uses_it(api, prompt):
    answer = await api.refused("DELETE", "datasets/colours")
    assert answer.status == 409 and "say it" in answer.error["message"]
    assert (await api.request("DELETE", "datasets/colours", cascade="true")).status == 204
    assert (await api.get("prompts"))["total"] == (await api.get("datasets"))["total"] == 0
    assert list((api.root / "ftstudio" / "datasets").iterdir()) == []


async def test_names_made_from_the_file_never_clash(api):
    write_colours(api.root / "c.jsonl", 3)
    body = {"source": {"source": "file", "path": "c.jsonl"}}
    made = await asyncio.gather(*(api.post("datasets", body) for _ in range(8)))
    assert {d["name"] for d in made} == {"c", *(f"c-{n}" for n in range(2, 9))}
    folders = {path.name for path in (api.root / "ftstudio" / "datasets").iterdir()}
    assert folders == {d["id"] for d in made}
