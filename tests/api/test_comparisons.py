"""Comparisons: base and adapters answer side by side, one token after the other, from one loaded
model; whatever is killed or closed, the next question is answered."""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import signal
import time
from pathlib import Path

import pytest

from .answering import ADAPTERS, Answers, Background, asked, of, place, texts

pytestmark = pytest.mark.train

ROWS = {"dataset": "colours", "prompt": "say it", "count": 2}


def test_all_columns_stream_from_one_batch_and_disagree(answers: Answers) -> None:
    events = answers.ask()
    assert events[0]["event"] == "comparison" and events[-1]["event"] == "end"
    assert events[-1] | {"seconds": 0} == {
        "event": "end",
        "state": "done",
        "seconds": 0,
        "saved": True,
    }
    labels = [column["label"] for column in events[0]["comparison"]["columns"]]
    assert labels == ["tiny", *ADAPTERS]
    done = texts(events)
    assert len(done) == 4 and len(set(done.values())) == 4, "all four disagree"
    for key, text in done.items():
        pieces = [event["text"] for event in of(events, "token") if place(event) == key]
        assert "".join(pieces) == text and len(pieces) > 1
    order = [place(event)[0] for event in of(events, "token")]
    assert set(order[:8]) == {0, 1, 2, 3}, "they take turns token by token"
    for event in of(events, "done"):
        metrics = event["metrics"]
        assert metrics["mixed"] and metrics["stop_reason"] in ("limit", "end")
        assert 0 < metrics["first_token_s"] <= metrics["seconds"]
        assert metrics["tokens"] <= 12 and metrics["exact"] is False
        assert 0 <= metrics["expected_probability"] <= 1
        assert metrics["task"]["kind"] == "label" and metrics["diff"]


def test_answers_do_not_depend_on_the_batch_and_exact_ones_stand_alone(answers: Answers) -> None:
    together = texts(answers.ask(rows=ROWS))
    alone = answers.ask(rows=ROWS, exact=True)
    assert texts(alone) == together and len(together) == 8
    assert not any(event["metrics"]["mixed"] for event in of(alone, "done"))
    sampled = {"generation": [{"max_new_tokens": 12, "temperature": 1.0, "seed": 5}]}
    first = texts(answers.ask(rows=ROWS, **sampled))
    assert first == texts(answers.ask(rows=ROWS, exact=True, **sampled)) != together


def test_rows_are_unseen_and_settings_and_prompts_make_more_answers(answers: Answers) -> None:
    settings = [{"max_new_tokens": 4}, {"max_new_tokens": 6, "temperature": 0.8}]
    events = answers.ask("one", rows={"dataset": "colours", "count": 9}, generation=settings)
    comparison = events[0]["comparison"]
    assert comparison["prompt_name"] == "say it", "as the adapter was trained"
    assert comparison["rows"] == 3, "all rows that training set aside, and no others"
    assert {place(event)[1:] for event in of(events, "done")} == {
        (row, setting) for row in range(3) for setting in range(2)
    }
    example = answers.post(
        "comparisons/example",
        {"dataset": "colours", "prompt": "say it", "adapters": ["one"], "seed": 1},
    )
    assert example["unseen"] and example["row"] in [q["row"] for q in comparison["questions"]]
    assert example["prompt"].startswith("Q: Say ") and example["expected"].startswith(" ")


def test_what_cannot_share_a_batch_answers_after_the_others_and_says_so(answers: Answers) -> None:
    events = answers.ask(None, "dora", "one")
    (notice,) = [event for event in of(events, "notice") if event["code"] == "switching"]
    assert "dora" in notice["message"] and notice["columns"] == [1]
    done = texts(events)
    assert len(set(done.values())) == 3
    mixed = {place(event)[0]: event["metrics"]["mixed"] for event in of(events, "done")}
    assert mixed == {0: True, 1: False, 2: True}


def test_a_chat_needs_a_chat_template_and_an_empty_prompt_is_refused(answers: Answers) -> None:
    chat = {"messages": [{"role": "user", "content": "Say {red}"}]}
    events = answers.ask(None, "one", question=chat)
    assert {event["error"]["code"] for event in of(events, "error")} == {"no_chat_template"}
    assert events[-1]["state"] == "failed" and not events[-1]["saved"]
    (error,) = of(answers.ask(None, question={"text": ""}), "error")
    assert "empty" in error["error"]["message"] and error["error"]["remedy"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"columns": [{"base_model": "none"}]}, "columns.0.base_model"),
        ({"columns": [{"base_model": "tiny", "adapter": "won"}]}, "columns.0.adapter"),
        (
            {"columns": [{"base_model": "tiny", "adapter": "one", "checkpoint": 3}]},
            "columns.0.adapter",
        ),
        ({"rows": {"dataset": "colors"}, "question": None}, "rows.dataset"),
        ({"question": None}, None),
        ({"generation": []}, "generation"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_the_stream(answers, wrong, field) -> None:
    answer = answers.client.post("comparisons", json={**asked(), **wrong})
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert error.get("field") == field
    assert error["message"] and error["remedy"]


def test_cancel_stops_within_tokens_and_keeps_what_is_there(answers: Answers) -> None:
    long = Background(answers, tokens=400)
    long.writing()
    running = answers.get(f"comparisons/{long.events[0]['id']}")
    assert running["state"] == "running"
    answers.client.post(f"comparisons/{long.events[0]['id']}/cancel")
    events = long.all()
    assert events[-1]["state"] == "cancelled" and events[-1]["saved"]
    reasons = {event["metrics"]["stop_reason"] for event in of(events, "done")}
    assert "cancelled" in reasons
    kept = answers.get(f"comparisons/{events[0]['id']}")
    assert kept["answers"][0]["text"] and len(kept["answers"][0]["text"]) < 4000
    assert len(texts(answers.ask())) == 4, "the next question is answered"


def test_a_closed_connection_cancels(answers: Answers) -> None:
    stream = answers.stream(tokens=400)
    opened = next(stream)
    next(event for event in stream if event["event"] == "token")
    stream.close()
    deadline = time.monotonic() + 60
    while answers.get(f"comparisons/{opened['id']}")["state"] == "running":
        assert time.monotonic() < deadline, "still answering nobody"
        time.sleep(0.05)
    assert answers.get(f"comparisons/{opened['id']}")["state"] == "cancelled"


def test_a_killed_helper_is_told_and_the_next_question_starts_a_new_one(answers: Answers) -> None:
    answers.ask()
    long = Background(answers, tokens=400)
    long.writing()
    killed = answers.helper_pid()
    os.kill(killed, signal.SIGKILL)
    events = long.all()
    errors = of(events, "error")
    assert len(errors) + len(of(events, "done")) == 4 and errors
    assert "SIGKILL" in errors[0]["error"]["message"] and errors[0]["error"]["remedy"]
    wanted = {"base_model": "tiny", "adapters": ["one"], "precision": "32-bit"}
    ahead = answers.post("inference/warm", wanted)["models"]
    assert [model["base_model_name"] for model in ahead] == ["tiny"], "it is loaded ahead"
    again = answers.ask()
    assert len(texts(again)) == 4 and answers.helper_pid() != killed
    (model,) = answers.get("inference/status")["models"]
    assert model["state"] == "ready" and set(model["adapters"]) == set(ADAPTERS)
    assert model["memory_bytes"] > 0 and model["idle_s"] >= 0
    refused = answers.client.post("inference/warm", json={"base_model": "tinny"})
    assert refused.status_code == 422 and "tiny" in refused.json()["error"]["remedy"]


def test_a_comparison_is_kept_voted_on_exported_and_deleted(answers: Answers) -> None:
    events = answers.ask(rows=ROWS, name="two rows")
    id = events[0]["id"]
    kept = answers.get("comparisons/two rows")
    assert kept["id"] == id and len(kept["answers"]) == 8
    assert kept["questions"][0]["prompt"].startswith("Q: Say")
    listed = answers.get("comparisons", q="two rows")["items"]
    assert [one["id"] for one in listed] == [id] and "answers" not in listed[0]
    store = (answers.server.root / "ftstudio" / "studio.json").read_text()
    assert kept["questions"][0]["prompt"][:10] not in store, "texts stay out of the store"

    code = answers.get(f"comparisons/{id}/code")
    call = ast.parse(code["text"]).body[2].value
    said = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    assert [ast.literal_eval(name) for name in call.args] == list(ADAPTERS)
    assert (said["dataset"], said["prompt"], len(said["rows"])) == ("colours", "say it", 2)
    assert said["generation"] == {"max_new_tokens": 12} and code["formats"] == ["client"]

    votes = [{"row": 0, "column": 2, "shown": [3, 2, 1, 0], "blind": True}]
    voted = answers.client.patch(f"comparisons/{id}", json={"votes": votes, "name": "judged"})
    assert voted.json()["votes"][0]["column"] == 2, voted.text
    wrong = answers.client.patch(f"comparisons/{id}", json={"votes": [{"row": 7, "column": 0}]})
    assert wrong.status_code == 422 and wrong.json()["error"]["field"] == "votes.0"

    exported = answers.client.get(f"comparisons/{id}/export", params={"format": "csv"})
    lines = list(csv.DictReader(io.StringIO(exported.text, newline="")))
    assert len(lines) == 8 and {line["column"] for line in lines} == {"tiny", *ADAPTERS}
    better = [line["column"] for line in lines if line["better"] == "True"]
    assert better == [ADAPTERS[1]] and lines[0]["expected"]
    whole = answers.client.get(f"comparisons/{id}/export", params={"format": "json"}).json()
    assert len(whole["answers"]) == 8 and whole["name"] == "judged"

    assert answers.client.delete(f"comparisons/{id}").status_code == 204
    assert answers.client.get(f"comparisons/{id}").status_code == 404
    assert not (answers.server.root / "ftstudio" / "comparisons" / id).exists()


def test_several_base_models_answer_one_after_another(answers: Answers) -> None:
    columns = [{"base_model": "tiny", "adapter": "one"}, {"base_model": "other"}]
    events = answers.ask(columns=columns)
    done = texts(events)
    assert len(set(done.values())) == 2 and events[-1]["state"] == "done"
    order = [(e["event"], place(e)[0]) for e in events if e["event"] in ("started", "done")]
    assert order == [("started", 0), ("done", 0), ("started", 1), ("done", 1)]
    loaded = answers.get("inference/status")["models"]
    assert {model["base_model_name"] for model in loaded} == {"tiny", "other"}
    (left,) = answers.post("inference/stop", {"base_model": "other"})["models"]
    assert left["base_model_name"] == "tiny"


def test_a_run_that_needs_the_gpu_gets_it_and_the_user_is_told(answers: Answers) -> None:
    long = Background(answers, tokens=400)
    long.writing()
    answers.gpu.touch()
    spec = {"name": "judge", "base_model": "tiny", "dataset": "colours", "prompt": "say it"}
    job = answers.post("jobs", {"type": "evaluate", "request_id": "gpu", "spec": spec})
    try:
        errors = of(long.all(), "error")
        assert {event["error"]["code"] for event in errors} == {"evicted"}
        assert "“judge” needs the GPU" in errors[0]["error"]["message"]
        (refused, *_) = of(answers.ask(), "error")
        assert refused["error"]["code"] == "gpu_busy" and refused["error"]["remedy"]
        assert "judge" in answers.get("inference/status")["blocked"]
        assert answers.get("inference/status")["models"] == []
    finally:
        answers.gpu.unlink()
        answers.post(f"jobs/{job['id']}/stop", {"save": False})


def test_a_kept_comparison_is_logged_to_mlflow_once_with_its_votes(
    answers: Answers, tmp_path: Path
) -> None:
    from mlflow import MlflowClient

    comparison = answers.ask(None, "one", rows=ROWS)[0]["comparison"]["id"]
    address = f"comparisons/{comparison}"
    assert answers.get(address)["mlflow"] is None
    voted = answers.client.patch(address, json={"votes": [{"row": 0, "column": 1}]})
    assert voted.status_code == 200
    job = answers.post(f"{address}/mlflow", {"request_id": "log it"})
    again = answers.post(f"{address}/mlflow", {"request_id": "log it"})
    assert again["id"] == job["id"]
    while answers.get(f"jobs/{job['id']}")["state"] not in ("succeeded", "failed", "lost"):
        time.sleep(0.2)
    link = answers.get(address)["mlflow"]
    assert link == answers.get(f"jobs/{job['id']}/mlflow")
    assert (
        link["url"]
        == f"ftstudio/mlflow/#/experiments/{link['experiment_id']}/runs/{link['run_id']}"
    )
    client = MlflowClient(link["tracking_uri"])
    run = client.get_run(link["run_id"])
    assert run.data.params["columns"] == "tiny, one" and run.data.params["questions"] == "2"
    assert (run.data.metrics["one/votes"], run.data.metrics["tiny/votes"]) == (1, 0)
    files = {file.path for file in client.list_artifacts(link["run_id"])}
    assert {"comparison_answers.json", "comparison.json"} <= files
    kept = client.download_artifacts(link["run_id"], "comparison_answers.json", str(tmp_path))
    table = json.loads(Path(kept).read_text())
    better = [dict(zip(table["columns"], row, strict=True))["better"] for row in table["data"]]
    assert len(better) == 4 and better.count(True) == 1 and better.count(None) == 2
