"""A finished evaluation over HTTP: numbers, rows, reports, MLflow, a registered adapter."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from ftstudio_ext.notebook.errors import StudioApiError

pytestmark = pytest.mark.train

SCORERS = """
def score_shouts(answer, row):
    return answer.isupper() and row["id"] >= 0
"""


@pytest.fixture
def jp_server_config(jp_server_config: Any) -> Any:
    jp_server_config.FineTuningStudio.job_environment = {"OMP_NUM_THREADS": "2"}
    return jp_server_config


@pytest.fixture
async def adapter(api: Any, model: Any, tiny_model: Any) -> str:
    """A LoRA that changes what the model says."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    config = LoraConfig(r=4, task_type="CAUSAL_LM", init_lora_weights=False)
    wrapped = get_peft_model(AutoModelForCausalLM.from_pretrained(tiny_model), config)
    wrapped.save_pretrained(api.root / "given")
    source = {"source": "directory", "path": "given"}
    await api.post("adapters", {"name": "mine", "source": source, "base_model": "tiny"})
    return "mine"


async def ended(api: Any, job: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        found = await api.get(f"jobs/{job['id']}")
        if found["state"] in ("succeeded", "failed", "stopped", "lost"):
            assert found["state"] == "succeeded", await api.get(f"jobs/{job['id']}/log", tail=50)
            return dict(found)
        await asyncio.sleep(0.3)
    raise AssertionError("it did not end in time")


async def test_an_evaluation_is_read_row_by_row_reported_and_registered(api, prompt, adapter):
    (api.root / "own.py").write_text(SCORERS)
    seen = await api.get("evaluations/scorer-file", file="own.py")
    assert seen["text"] == SCORERS
    agreed = {"path": "own.py", "sha256": seen["sha256"]}
    spec = {
        "name": "mine against base",
        "base_model": "tiny",
        "adapters": [adapter],
        "dataset": "colours",
        "prompt": "say it",
        "splits": ["train"],
        "rows": 9,
        "category_column": "answer",
        "carry_columns": ["id"],
        "scorer_files": [agreed],
        "generation": {"max_new_tokens": 4},
        "mlflow": {"traced_rows": 2},
    }
    job = await api.post("jobs", {"type": "evaluate", "spec": spec, "request_id": "e1"})
    waiting = await api.get(f"evaluations/{job['id']}")
    assert waiting["metrics"] is None and waiting["adapters"] == ["mine"]
    early = await api.refused("GET", f"evaluations/{job['id']}/report")
    assert early.status == 409 and early.error["code"] == "no_result"
    job = await ended(api, job)
    address = f"evaluations/{job['id']}"

    found = await api.get(address)
    metrics = found["metrics"]
    assert metrics["primary_metric"] == "accuracy", "red, green and blue are labels"
    assert {"accuracy", "macro_f1", "shouts"} <= {info["key"] for info in metrics["infos"]}
    assert found["verdict"] == metrics["verdict"] != ""
    assert {group["group"] for group in metrics["plots"]["groups"] if group["by"] == "category"} == {
        "red", "green", "blue",
    }  # fmt: skip
    listed = (await api.get("evaluations"))["items"]
    assert [item["verdict"] for item in listed] == [found["verdict"]]

    await check_rows(api, address)
    await check_reports(api, address, found)
    await check_against_another(api, job, spec)
    await asyncio.to_thread(check_notebook, api, found)
    await check_mlflow(api, found)
    await check_registration(api, adapter, found)


async def check_rows(api: Any, address: str) -> None:
    page = await api.get(f"{address}/rows", limit=4)
    assert page["total"] == 9 and len(page["items"]) == 4
    assert page["system"].startswith("adapter-") and page["baseline"] == "base-0"
    row = page["items"][0]
    assert set(row["answers"]) == {"base-0", page["system"]} and row["values"] == {"id": row["row"]}
    assert page["wins"] + page["losses"] + page["ties"] == 9
    ties = await api.get(f"{address}/rows", outcome="tie")
    assert ties["total"] == page["ties"] == len(ties["items"])
    red = await api.get(f"{address}/rows", category="red")
    assert {row["expected"].strip() for row in red["items"]} == {"red"}
    worst = await api.get(f"{address}/rows", metric="shouts", sort="score", system="base-0")
    shouts = [row["answers"]["base-0"]["scores"]["shouts"] for row in worst["items"]]
    assert worst["metric"] == "shouts" and shouts == sorted(shouts)
    green = await api.get(f"{address}/rows", q="say GREEN")
    assert 0 < green["total"] < 9 and all("green" in row["prompt"] for row in green["items"])
    for wrong in ({"metric": "acuracy"}, {"system": "nobody"}, {"sort": "beauty"}):
        refused = await api.refused("GET", f"{address}/rows", **wrong)
        assert refused.status == 422 and refused.error["remedy"]


async def check_against_another(api: Any, job: dict[str, Any], spec: dict[str, Any]) -> None:
    """Another evaluation of the same rows, in which the adapter is always right."""
    body = {"type": "evaluate", "request_id": "again", "hold": True}
    again = await api.post("jobs", {**body, "spec": {**spec, "name": "again"}})
    result, copy = Path(job["run_dir"]) / "result", Path(again["run_dir"]) / "result"
    shutil.copytree(result, copy, dirs_exist_ok=True)
    rows = [json.loads(line) for line in (copy / "rows.jsonl").read_text().splitlines()]
    for row in rows:
        row["scores"]["accuracy"] = 1.0
        row["text"] += "!"
    (copy / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    address = f"evaluations/{job['id']}/against"
    found = await api.get(address, others=again["id"], system="base-0", metric="accuracy")
    (other,) = found["others"]
    assert (other["name"], other["rows"], other["shared_rows"]) == ("again", 9, 9)
    assert other["problem"] is None and len(other["comparisons"]) == 2
    seen = other["comparisons"][0]
    assert seen["n"] == 9 and seen["value"] == 1 and seen["losses"] == 0
    assert seen["p_adjusted"] >= seen["p_value"] and "“base, zero-shot (again)”" in seen["sentence"]
    (other,) = (await api.get(address, others=again["id"], metric="shouts"))["others"]
    assert other["comparisons"][0]["test"] == "paired permutation test"
    (other,) = (await api.get(address, others=again["id"], metric="macro_f1"))["others"]
    assert "no value of its own for each row" in other["problem"] and not other["comparisons"]
    questions = (copy / "questions.jsonl").read_text()
    (copy / "questions.jsonl").write_text(questions.replace('"expected":"', '"expected":"no '))
    (other,) = (await api.get(address, others=again["id"]))["others"]
    assert other["shared_rows"] == 0 and "asked none of these rows" in other["problem"]
    refused = await api.refused("GET", address, others="nobody")
    assert refused.status == 404
    await api.ok("DELETE", f"jobs/{again['id']}")


async def check_reports(api: Any, address: str, found: dict[str, Any]) -> None:
    text = (await api.request("GET", f"{address}/report")).raw.decode()
    assert text.startswith("# mine against base") and f"**{found['verdict']}**" in text
    assert "| Accuracy |" in text
    lines = list(csv.DictReader(io.StringIO(
        (await api.request("GET", f"{address}/report", format="csv")).raw.decode()
    )))  # fmt: skip
    assert len(lines) == 18 and {line["system"] for line in lines} == {"base, zero-shot", "mine"}
    whole = (await api.request("GET", f"{address}/report", format="json")).json
    assert len(whole["rows"]) == 9 and whole["metrics"] == found["metrics"]


def check_notebook(api: Any, found: dict[str, Any]) -> None:
    from ftstudio_ext import Studio

    server = api.serverapp
    url = f"http://127.0.0.1:{server.port}{server.base_url}"
    studio = Studio(url=url, token=server.identity_provider.token)
    result = studio.jobs["mine against base"].result(wait=False)
    assert result.verdict == found["verdict"] and result.verdict in repr(result)
    assert result.verdict.replace("“", "").split(" ")[0] in result._repr_html_()
    assert result.estimate("accuracy").n == result.estimate("accuracy", "base, zero-shot").n == 9
    frame = result.frame(sort="row")
    assert len(frame) == 18 and {"accuracy", "expected", "id"} <= set(frame.columns)
    assert frame.groupby("system")["accuracy"].mean()["mine"] == result.estimate("accuracy").value
    assert result.report().startswith("# mine against base")
    assert json.loads(result.report("json"))["verdict"] == result.verdict
    with pytest.raises(StudioApiError, match="beauty"):
        result.estimate("beauty")
    held = studio.evaluate(
        "mine", dataset="colours", prompt="say it", scorer_files=["own.py"], hold=True
    )
    assert held.state == "held" and held.spec["base_model"] and held.name.startswith("mine against")
    assert held.spec["scorer_files"] == found_files(api)
    held.delete()


def found_files(api: Any) -> list[dict[str, str]]:
    text = (api.root / "own.py").read_bytes()
    return [{"path": "own.py", "sha256": hashlib.sha256(text).hexdigest()}]


async def check_mlflow(api: Any, found: dict[str, Any]) -> None:
    from mlflow import MlflowClient

    link = found["mlflow"]
    assert await api.get(f"jobs/{found['job_id']}/mlflow") == link
    assert link["url"].endswith(f"experiments/{link['experiment_id']}/runs/{link['run_id']}")
    client = MlflowClient(link["tracking_uri"])
    for system, run_id in link["runs"].items():
        run = client.get_run(run_id)
        score = next(s for s in found["metrics"]["overall"] if s["system"] == system)
        assert run.info.status == "FINISHED"
        assert run.data.tags["mlflow.parentRunId"] == link["run_id"]
        logged = run.data.metrics["accuracy/mean"]
        assert logged == pytest.approx(score["metrics"]["accuracy"]["value"])
        assert run.inputs.dataset_inputs[0].dataset.name == "colours"
        assert "evaluation_results.json" in [f.path for f in client.list_artifacts(run_id)]
        traces = client.search_traces(locations=[link["experiment_id"]], run_id=run_id)
        assert len(traces) == 2


async def check_registration(api: Any, adapter: str, found: dict[str, Any]) -> None:
    from mlflow import MlflowClient

    body = {"request_id": "r1", "model_name": "colours-lora", "alias": "champion"}
    job = await ended(api, await api.post(f"adapters/{adapter}/register", body))
    events = (await api.get(f"jobs/{job['id']}/events"))["events"]
    said = next(event["data"] for event in events if event["kind"] == "result")
    assert (said["model_name"], said["version"], said["alias"]) == ("colours-lora", "1", "champion")
    client = MlflowClient(found["mlflow"]["tracking_uri"])
    version = client.get_model_version_by_alias("colours-lora", "champion")
    assert version.tags["ftstudio.adapter"] == "mine"
    files = {file.path for file in client.list_logged_model_artifacts(said["model_id"])}
    assert {"adapter_config.json", "adapter_model.safetensors"} <= files


async def test_a_scorer_file_that_has_changed_is_refused(api, prompt, model):
    (api.root / "own.py").write_text(SCORERS)
    digest = hashlib.sha256(b"something else").hexdigest()
    spec = {"name": "e", "base_model": "tiny", "dataset": "colours", "prompt": "say it"}
    spec["scorer_files"] = [{"path": "own.py", "sha256": digest}]
    body = {"type": "evaluate", "request_id": "r", "hold": True, "spec": spec}
    refused = await api.refused("POST", "jobs", body)
    assert refused.error["code"] == "not_agreed"
    assert refused.error["field"] == "spec.scorer_files.0"


async def test_the_scorers_that_fit_the_data_are_marked(api, prompt):
    found = await api.get("evaluations/scorers", dataset="colours", prompt="say it")
    marked = {item["name"] for item in found["items"] if item["suggested"]}
    assert {"exact", "classification", "stops"} <= marked and "sql" not in marked
    assert found["primary_metric"] == "accuracy"
    plain = await api.get("evaluations/scorers")
    assert {item["name"] for item in plain["items"]} == {item["name"] for item in found["items"]}
    await api.refused("GET", "evaluations/scorers", dataset="colours")


async def test_what_is_no_evaluation_is_said_to_be_none(api, colours):
    missing = await api.refused("GET", "evaluations/nothing")
    assert missing.status == 404
    assert json.loads(missing.raw)["error"]["message"]
