"""Evaluation jobs over HTTP: resolved once, refused in words."""

from __future__ import annotations

import pytest

from .conftest import write_adapter_folder

SPEC = {"name": "judge", "base_model": "tiny", "dataset": "colours", "prompt": "say it"}


@pytest.fixture
async def everything(colours, prompt, model):
    """All that an evaluation needs."""


def request(request_id: str = "r1", **spec):
    """A held job, so that nothing is computed."""
    return {"type": "evaluate", "request_id": request_id, "hold": True, "spec": {**SPEC, **spec}}


async def test_names_are_resolved_once(api, everything):
    write_adapter_folder(api.root / "given", base=str(api.root / "models" / "tiny"))
    source = {"source": "directory", "path": "given"}
    await api.post("adapters", {"name": "mine", "source": source, "base_model": "tiny"})
    job = await api.post("jobs", request(adapters=["mine"], base_shots=[0, 4]))
    assert (job["type"], job["state"], job["name"]) == ("evaluate", "held", "judge")
    resolved = job["resolved"]
    assert [adapter["name"] for adapter in resolved["adapters"]] == ["mine"]
    assert resolved["dataset"]["name"] == job["dataset"] == "colours"
    assert resolved["prompt"]["completion_template"] == " {answer}"
    assert job["spec"]["rows"] == 100, "defaults are filled in"


async def test_the_same_request_makes_one_job(api, everything):
    first, second = await api.post("jobs", request()), await api.post("jobs", request())
    assert first["id"] == second["id"]


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"dataset": "colors"}, "spec.dataset", "colors"),
        ({"base_model": "none"}, "spec.base_model", "none"),
        ({"adapters": ["none"]}, "spec.adapters", "none"),
        ({"splits": ["test"]}, "spec.splits", "test"),
        ({"sql": {"schema_column": "question_"}}, "spec.sql.schema_column", "question_"),
        ({"rows": 0}, "spec.rows", "rows"),
        ({"base_shots": []}, "spec", "nobody would answer"),
        ({"shots": 4}, "spec.shots", "shots"),
    ],
)
async def test_what_cannot_be_evaluated_is_refused_in_words(api, everything, wrong, field, words):
    answer = await api.refused("POST", "jobs", request(**wrong))
    assert answer.error["field"] == field
    assert words.lower() in answer.error["message"].lower()
    assert answer.error["remedy"]
    assert (await api.get("jobs"))["total"] == 0


async def test_an_adapter_of_another_base_model_is_refused(api, everything, tiny_model):
    import shutil

    shutil.copytree(tiny_model, api.root / "models" / "other")
    source = {"source": "directory", "path": "models/other"}
    await api.post("models", {"name": "other", "source": source})
    write_adapter_folder(api.root / "given", base="anything")
    source = {"source": "directory", "path": "given"}
    await api.post("adapters", {"name": "theirs", "source": source, "base_model": "other"})
    answer = await api.refused("POST", "jobs", request(adapters=["theirs"]))
    assert "other" in answer.error["message"]


async def test_the_form_has_a_schema(api):
    schema = await api.get("schemas/EvaluateSpec")
    assert {"adapters", "splits", "base_shots", "sql"} <= set(schema["properties"])
