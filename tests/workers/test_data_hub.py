"""The hub's models are looked up and its datasets imported, pinned; without it, in words.

The hub is a stand-in on this machine that speaks the real libraries' protocol.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ftstudio_ext.jobs.rundir import RunDir
from ftstudio_ext.schema.jobs import JobSpec
from ftstudio_ext.workers.data_rows import open_table

from .stand_in_hub import COMMIT, Hub, Repo, serving
from .test_data_models import CONFIG

MODEL = {
    "config.json": json.dumps(CONFIG).encode(),
    "tokenizer.json": b'{"added_tokens": [{"id": 2, "content": "</s>"}]}',
    "tokenizer_config.json": b'{"pad_token": "<pad>"}',
    "model.safetensors": b"x" * 1_000,
}
LABELS = b"""---
dataset_info:
  features:
  - {name: text, dtype: string}
  - name: label
    dtype: {class_label: {names: {'0': bad, '1': good}}}
---
"""
CONFIGS = b"""---
configs:
- {config_name: one, data_files: a.jsonl}
- {config_name: two, data_files: b.jsonl}
---
"""


def parquet(**columns) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def hub():
    made = Hub(
        models={
            "org/tiny": Repo(MODEL, parameters=1_234),
            "org/gated": Repo(MODEL, gated=True),
            "org/pickle": Repo({**MODEL, "pytorch_model.bin": b"x"} | {"model.safetensors": b""}),
            "org/lora": Repo({"adapter_config.json": b"{}", "adapter_model.safetensors": b"x"}),
            "org/gguf": Repo({"model-q4.gguf": b"GGUF"}),
        },
        datasets={
            "org/splits": Repo(
                {
                    "README.md": LABELS,
                    "data/train-00000-of-00001.parquet": parquet(text=["a", "b"] * 600, label=[0, 1] * 600),
                    "data/test-00000-of-00001.parquet": parquet(text=["c"], label=[1]),
                }
            ),
            "org/configs": Repo({"README.md": CONFIGS, "a.jsonl": b'{"a": 1}\n{"a": "x"}\n', "b.jsonl": b'{"b": "x"}\n'}),
            "org/script": Repo({"script.py": b"import datasets\n"}),
            "org/gated": Repo({"a.csv": b"a\n1\n"}, gated=True),
            "org/nothing": Repo({"README.md": b"# nothing\n"}),
        },
    )  # fmt: skip
    del made.models["org/pickle"].files["model.safetensors"]
    with serving(made):
        yield made


def environment(home: Path, endpoint: str, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    return {**kept, "HF_HOME": str(home), "HF_ENDPOINT": endpoint, "PYTHONPATH": os.pathsep.join(sys.path), **more}  # fmt: skip


ASK = """
import json, sys
from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.workers.data import VERBS
for line in sys.stdin:
    try:
        print(json.dumps(VERBS["hub_model_facts"](json.loads(line), None)))
    except StudioError as error:
        print(json.dumps({"kind": type(error).__name__, **error.info().model_dump()}))
"""


def ask(home: Path, endpoint: str, *asked: tuple[str, str | None], **more: str) -> list[dict]:
    lines = "".join(json.dumps({"repo_id": name, "revision": rev}) + "\n" for name, rev in asked)
    ran = subprocess.run(
        [sys.executable, "-c", ASK], input=lines, capture_output=True, text=True,
        env=environment(home, endpoint, **more), timeout=60,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_hub_model_is_pinned_and_described(hub: Hub, tmp_path: Path):
    (answer,) = ask(tmp_path, hub.url, ("org/tiny", None))
    assert answer["commit"] == answer["source_revision"] == COMMIT
    assert answer["path"] is None, "the weights were not downloaded"
    facts = answer["facts"]
    assert (facts["parameters"], facts["size_bytes"]) == (1_234, 1_000)
    assert (facts["eos_token"], facts["pad_token"]) == ("</s>", "<pad>")
    assert not [path for path in hub.asked if "model.safetensors" in path]


def test_hub_model_is_found_in_the_cache_without_the_hub(hub: Hub, tmp_path: Path):
    ask(tmp_path, hub.url, ("org/tiny", "main"))
    nowhere = "http://127.0.0.1:9"
    for answer in ask(tmp_path, nowhere, ("org/tiny", COMMIT), ("org/tiny", None)):
        assert answer["commit"] == COMMIT and answer["facts"]["layers"] == 2
    (answer,) = ask(tmp_path, nowhere, ("org/tiny", COMMIT), HF_HUB_OFFLINE="1")
    assert answer["commit"] == COMMIT
    unknown, bad = ask(
        tmp_path, nowhere, ("org/other", None), ("a--b/..", None), HF_HUB_OFFLINE="1"
    )
    assert (unknown["kind"], unknown["code"]) == ("Unavailable", "unavailable")
    assert "HF_HUB_OFFLINE" in unknown["remedy"] and "local folder" in unknown["remedy"]
    assert bad["kind"] in ("InvalidInput", "Unavailable")


def test_hub_refusals_are_said(hub: Hub, tmp_path: Path):
    gated, missing, revision, pickle, lora, gguf = ask(
        tmp_path, hub.url, ("org/gated", None), ("org/none", None), ("org/tiny", "v9"),
        ("org/pickle", None), ("org/lora", None), ("org/gguf", None),
    )  # fmt: skip
    assert gated["kind"] == "Forbidden" and "gated" in gated["message"]
    assert "Accept the terms" in gated["remedy"]
    assert missing["kind"] == "NotFound" and "private" in missing["message"]
    assert (revision["kind"], revision["field"]) == ("NotFound", "source.revision")
    for answer, says in ((pickle, "no safetensors"), (lora, "an adapter"), (gguf, "GGUF")):
        assert answer["kind"] == "InvalidInput" and says in answer["message"]
        assert answer["field"] == "source.repo_id" and answer["remedy"]


def start_import(root: Path, endpoint: str, repo_id: str, attempt: int = 1, **source) -> RunDir:
    """Run the import job's worker as the supervisor does; its run directory afterwards."""
    run_dir = root / "job"
    for name in ("attempts", "control", "result", "checkpoints"):
        (run_dir / name).mkdir(parents=True, exist_ok=True)
    dataset = {"id": "ds1", "name": "From the hub", "state": "importing"}
    dataset["source"] = {"source": "hub", "repo_id": repo_id, **source}
    spec = JobSpec(
        id="job", type="import", name="import", request_id="r", slot="light", spec={},
        module="ftstudio_ext.workers.import_dataset", python=sys.executable, pythonpath="",
        resolved={"dataset": dataset, "dataset_dir": str(root / "datasets" / "ds1")},
    )  # fmt: skip
    (run_dir / "spec.json").write_text(spec.model_dump_json())
    command = [sys.executable, "-m", spec.module, str(run_dir), str(attempt)]
    ran = subprocess.run(
        command, env=environment(root / "hf", endpoint), capture_output=True, text=True, timeout=90
    )
    (run_dir / "log.txt").write_text(ran.stdout + ran.stderr)
    (run_dir / "exit").write_text(str(ran.returncode))
    return RunDir(run_dir)


def exit_code(run: RunDir) -> int:
    return int((Path(run.path) / "exit").read_text())


def error_of(run: RunDir, attempt: int = 1) -> dict:
    return json.loads((Path(run.path) / "attempts" / f"{attempt}.error.json").read_text())


def test_hub_dataset_becomes_our_copy(hub: Hub, tmp_path: Path):
    run = start_import(tmp_path, hub.url, "org/splits")
    assert exit_code(run) == 0, (Path(run.path) / "log.txt").read_text()
    folder = tmp_path / "datasets" / "ds1"
    record = json.loads((folder / "dataset.json").read_text())
    assert record["source_revision"] == COMMIT and record["rows"] == 1_201
    assert {split["name"]: split["rows"] for split in record["splits"]} == {
        "train": 1_200,
        "test": 1,
    }
    assert {column["name"]: column["type"] for column in record["columns"]} == {"text": "string", "label": "string"}  # fmt: skip
    rows = open_table(str(folder), "train.arrow").slice(1, 1).to_pylist()
    assert rows == [{"text": "b", "label": "good"}], "class labels become their names"
    events = run.events(0).events
    assert [event.phase for event in events if event.kind == "phase"] == ["downloading", "saving"]
    result = next(event.data for event in events if event.kind == "result")
    assert result["content_hash"] == record["content_hash"]
    progress = run.progress()
    assert (progress.step, progress.total_steps) == (1_201, 1_201)
    again = start_import(tmp_path, "http://127.0.0.1:9", "org/splits", attempt=2)
    assert exit_code(again) == 0, "an attempt after the last act only tells the result"


def test_hub_dataset_is_found_in_the_cache_without_the_hub(hub: Hub, tmp_path: Path):
    assert exit_code(start_import(tmp_path, hub.url, "org/configs", config="two")) == 0
    (tmp_path / "datasets" / "ds1").rename(tmp_path / "first")
    run = start_import(tmp_path, "http://127.0.0.1:9", "org/configs", config="two")
    assert exit_code(run) == 0, (Path(run.path) / "log.txt").read_text()
    first, second = (
        json.loads((folder / "dataset.json").read_text())
        for folder in (tmp_path / "first", tmp_path / "datasets" / "ds1")
    )
    assert first["content_hash"] == second["content_hash"]
    assert second["source_revision"] == COMMIT
    warning = next(event for event in run.events(0).events if event.kind == "warning")
    assert "local cache" in (warning.message or "") and COMMIT in (warning.message or "")


def test_hub_columns_of_mixed_types_are_text(hub: Hub, tmp_path: Path):
    run = start_import(tmp_path, hub.url, "org/configs", config="one")
    assert exit_code(run) == 0, (Path(run.path) / "log.txt").read_text()
    table = open_table(str(tmp_path / "datasets" / "ds1"), "train.arrow")
    assert table.to_pylist() == [{"a": "1"}, {"a": "x"}]


@pytest.mark.parametrize(
    ("repo_id", "says", "field", "remedy"),
    [
        ("org/configs", "'one', 'two'", "source.config", "Set `config`"),
        ("org/none", "no dataset org/none", "source.repo_id", "token"),
        ("org/nothing", "no data files", "source.repo_id", "page"),
        ("org/script", "code from the hub is not run", "source.repo_id", "refs/convert/parquet"),
        ("org/gated", "is gated", "source.repo_id", "Accept the terms"),
    ],
)
def test_hub_datasets_that_cannot_be_had_fail_in_words(hub, repo_id, says, field, remedy, tmp_path):
    run = start_import(tmp_path, hub.url, repo_id)
    assert exit_code(run) == 1
    error = error_of(run)
    assert says in error["message"], error
    assert error["field"] == field and remedy in error["remedy"], error
    assert not list((tmp_path / "datasets").glob("*")), "something was left behind"


def test_without_hub_and_cache_the_import_fails_with_a_remedy(tmp_path: Path):
    run = start_import(tmp_path, "http://127.0.0.1:9", "org/splits")
    assert exit_code(run) == 1
    error = error_of(run)
    assert error["code"] == "unavailable" and "network" in error["remedy"]
