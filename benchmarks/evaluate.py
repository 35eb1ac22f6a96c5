"""An evaluation by our job, against a pipeline logged in MLflow and called row by row.

Both answer the same rows with the same model in 32 bits, greedily, with the same limit; the
answers must be equal. Each way runs in a process of its own, one after the other. Reported apart:
generation, scoring with statistics, and logging.

    python benchmarks/evaluate.py --model <folder of a causal language model> [--rows 24]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

PROMPT = "{sql_context}\nQuestion: {sql_prompt}\nSQL:"
MAX_NEW_TOKENS = 32
BATCH = 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--threads", default="2")
    parser.add_argument("--way", choices=WAYS, help="Only this one, in this process.")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.way:
        report = WAYS[given.way](given.model.absolute(), given.rows, given.folder)
        (given.folder / f"{given.way}.json").write_text(json.dumps(report))
        return
    with tempfile.TemporaryDirectory() as folder:
        found = {way: in_process(way, given, Path(folder)) for way in WAYS}
    show(found, given.rows)


def in_process(way: str, given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """One way in a fresh process."""
    options = ["--rows", str(given.rows), "--folder", str(folder), "--way", way]
    subprocess.run(
        [sys.executable, __file__, "--model", str(given.model), *options],
        env=os.environ
        | {
            "OMP_NUM_THREADS": given.threads,
            "HF_HUB_OFFLINE": "1",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/{way}.db",
        },
        cwd=folder,
        stdout=sys.stderr,
        check=True,
    )
    return dict(json.loads((folder / f"{way}.json").read_text()))


# --- ours ---------------------------------------------------------------------------------------


def ours(model: Path, rows: int, folder: Path) -> dict[str, Any]:
    """The evaluation job, as the server would launch it."""
    from ftstudio_ext.jobs.worker import WorkerRun
    from ftstudio_ext.schema.evaluation_results import Metrics, ScoredRow
    from ftstudio_ext.workers.evaluate import evaluate

    run = job(model, questions(rows), folder)
    evaluate(WorkerRun(run, 1))
    metrics = Metrics.model_validate_json((run / "result" / "metrics.json").read_text())
    lines = (run / "result" / "rows.jsonl").read_text().splitlines()
    answers = {row.row: row.text for row in map(ScoredRow.model_validate_json, lines)}
    return {
        "generation": metrics.timing.generation,
        "scoring": metrics.timing.scoring + metrics.timing.statistics,
        "logging": metrics.timing.logging,
        "answers": [answers[row] for row in range(rows)],
        "metrics": [info.key for info in metrics.infos],
    }


def job(model: Path, rows: list[dict[str, str]], folder: Path) -> Path:
    """A run directory with everything resolved."""
    from ftstudio_ext.core.files import write_json_atomic
    from ftstudio_ext.schema.datasets import Column, Dataset, FileSource, Split
    from ftstudio_ext.schema.evaluations import EvaluateSpec, ResolvedEvaluation
    from ftstudio_ext.schema.jobs import JobSpec
    from ftstudio_ext.schema.models import BaseModelRecord, DirectoryModelSource
    from ftstudio_ext.schema.prompts import Prompt
    from ftstudio_ext.schema.training import Tracking

    names = {"base_model": "model", "dataset": "questions", "prompt": "sql"}
    spec = EvaluateSpec.model_validate(
        {
            "name": "benchmark",
            **names,
            "splits": ["test"],
            "rows": len(rows),
            "precision": "32-bit",
            "batch_size": BATCH,
            "sql": {"rows_column": "sql_inserts"},
            "generation": {"max_new_tokens": MAX_NEW_TOKENS},
        }
    )
    write_arrow(folder / "data" / "test.arrow", rows)
    source = DirectoryModelSource(path=str(model))
    resolved = ResolvedEvaluation(
        base_model=BaseModelRecord(id="bm_1", name="model", source=source, path=str(model)),
        dataset=Dataset(
            id="ds_1",
            name="questions",
            source=FileSource(path="data"),
            columns=[Column(name=name, type="string") for name in rows[0]],
            splits=[Split(name="test", rows=len(rows), file="test.arrow")],
            rows=len(rows),
        ),
        dataset_dir=str(folder / "data"),
        prompt=Prompt(
            id="pr_1",
            name="sql",
            dataset_id="ds_1",
            prompt_template=PROMPT,
            completion_template=" {sql}",
        ),
        tracking=Tracking(
            tracking_uri=os.environ["MLFLOW_TRACKING_URI"],
            experiment="benchmark",
            artifact_location=str(folder / "artifacts"),
        ),
    )
    run = folder / "job"
    for name in ("attempts", "control", "result"):
        (run / name).mkdir(parents=True)
    fields = {"id": "job", "type": "evaluate", "name": "benchmark", "request_id": "r"}
    place = {"module": "ftstudio_ext.workers.evaluate", "python": sys.executable}
    asked = {"spec": spec.model_dump(), "resolved": resolved.model_dump(mode="json")}
    write_json_atomic(run / "spec.json", JobSpec(pythonpath=str(ROOT), **fields, **place, **asked))
    return run


def write_arrow(path: Path, rows: list[dict[str, str]]) -> None:
    import pyarrow as pa

    path.parent.mkdir(parents=True)
    table = pa.Table.from_pylist(rows)
    with pa.ipc.new_stream(str(path), table.schema) as writer:
        writer.write_table(table)


# --- row by row ---------------------------------------------------------------------------------


def row_by_row(model: Path, rows: int, folder: Path) -> dict[str, Any]:
    """A pipeline logged with MLflow's transformers flavour, loaded again, called for each row;
    then MLflow's text metrics on the answers, logged to the same store."""
    import mlflow
    import pandas
    import torch
    from transformers import pipeline

    uri, asked = logged_pipeline(model, folder), questions(rows)
    loaded = mlflow.transformers.load_model(uri, dtype=torch.float32)
    options = {"max_new_tokens": MAX_NEW_TOKENS, "do_sample": False, "return_full_text": False}
    made = pipeline("text-generation", model=loaded.model, tokenizer=loaded.tokenizer)
    prompts = [PROMPT.format(**row) for row in asked]
    made(prompts[0], max_new_tokens=2)  # what a model does once is not measured
    started = time.perf_counter()
    answers = [made(prompt, **options)[0]["generated_text"] for prompt in prompts]
    generated = time.perf_counter()
    with mlflow.start_run():
        table = pandas.DataFrame(
            {"inputs": prompts, "outputs": answers, "expected": [row["sql"] for row in asked]}
        )
        # Its "question-answering" set also counts tokens, by a download: that raises offline.
        wanted = ("exact_match", "rouge1", "rouge2", "rougeL", "rougeLsum", "bleu")
        found = mlflow.models.evaluate(
            data=table,
            predictions="outputs",
            targets="expected",
            extra_metrics=[getattr(mlflow.metrics, name)() for name in wanted],
        )
        mlflow.log_table(table, "answers.json")
    return {
        "generation": generated - started,
        "scoring": time.perf_counter() - generated,
        "logging": 0.0,  # within the scoring: the function does both
        "answers": answers,
        "metrics": sorted(found.metrics),
    }


def logged_pipeline(model: Path, folder: Path) -> str:
    """The model in MLflow."""
    import mlflow
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

    mlflow.create_experiment("benchmark", artifact_location=str(folder / "logged"))
    mlflow.set_experiment("benchmark")
    loaded = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    made = pipeline("text-generation", model=loaded, tokenizer=AutoTokenizer.from_pretrained(model))
    with mlflow.start_run():
        info = mlflow.transformers.log_model(
            made, name="model", task="text-generation", pip_requirements=["transformers"]
        )
    return str(info.model_uri)


# --- both ---------------------------------------------------------------------------------------

WAYS = {"row_by_row": row_by_row, "ours": ours}


def questions(count: int) -> list[dict[str, str]]:
    """Rows of the demo's data; the same for everybody."""
    from ftstudio_ext.demo import sql_data

    return sql_data.generate(train=1, test=max(count, 8))["test_seen"][:count]


def show(found: dict[str, dict[str, Any]], rows: int) -> None:
    """The table of benchmarks/README.md."""
    theirs, mine = found["row_by_row"], found["ours"]
    equal = sum(map(str.__eq__, theirs["answers"], mine["answers"]))
    print(f"{rows} rows, equal answers: {equal} of {rows}\n")
    print("| | row by row | ours | ratio |\n|---|---:|---:|---:|")
    whole = [sum(way[part] for part in PARTS) for way in (theirs, mine)]
    for part in PARTS:
        print(f"| {part} | {theirs[part]:.1f} s | {mine[part]:.1f} s | |")
    for name, pair in (
        ("generation", (theirs["generation"], mine["generation"])),
        ("all", (whole[0], whole[1])),
    ):
        speeds = [rows / seconds for seconds in pair]
        cells = " | ".join(f"{speed:.2f} rows/s" for speed in speeds)
        print(f"| {name} | {cells} | {pair[0] / pair[1]:.1f}× |")
    print(f"\nmetrics row by row: {', '.join(theirs['metrics'])}")
    print(f"metrics ours: {', '.join(mine['metrics'])}, each with an interval")
    if equal < rows:
        sys.exit(f"{rows - equal} answers differ.")


PARTS = ("generation", "scoring", "logging")

if __name__ == "__main__":
    main()
