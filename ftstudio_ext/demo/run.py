"""The tutorial, headlessly: everything a person would click, through the same REST interface.

Import a dataset and a model, let the studio suggest a prompt, train a QLoRA adapter, kill the
Jupyter server in the middle, evaluate base and adapter on rows they have not seen.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.schema.jobs import FINAL_STATES

from . import model, sql_data
from .server import DemoServer
from .terminal import Terminal, progress_text, table

DATASET = "text-to-sql"
PROMPT = "question to SQL"
PARTS = ("train", "test_seen", "test_unseen")
SPLIT_NAMES = {"test_seen": "seen in training", "test_unseen": "never seen"}
VALIDATION_ROWS, TRAIN_ROWS = 16, 480
TRAINING: dict[str, Any] = {
    "method": "qlora",
    "max_length": 256,
    "effective_batch_size": 8,
    "epochs": 1,
    "learning_rate": 1.5e-3,
    "lora": {"r": 8, "alpha": 16, "dropout": 0.0},
    "data": {
        "validation_fraction": VALIDATION_ROWS / (TRAIN_ROWS + VALIDATION_ROWS),
        "test_fraction": 0,
    },
}
KILL_AT = 0.4
"""Part of the training steps after which the server is killed."""


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    folder: Path
    model: Path | None = None
    precision: str = "16-bit"


class Demo:
    """One run of the tutorial in `options.folder`."""

    def __init__(self, options: Options, terminal: Terminal) -> None:
        self.options = options
        self.terminal = terminal
        options.folder.mkdir(parents=True, exist_ok=True)
        self.server = DemoServer(options.folder)

    def run(self) -> dict[str, Any]:
        """All of it; returns the metrics."""
        say = self.terminal.say
        self._bring_model()
        started = time.monotonic()
        try:
            with self.terminal.step("Start a Jupyter server with the extension"):
                self.server.start()
                say(f"  pid {self.server.pid}, workspace {self.server.get('status')['workspace']}")
            with self.terminal.step("Import dataset and base model, write a prompt"):
                self._import()
            name = self._free_name("sql-demo")
            with self.terminal.step(f"Train the QLoRA adapter “{name}” (NF4, CPU or GPU)"):
                self._train(name)
            with self.terminal.step("Evaluate base and adapter on tables they have not seen"):
                metrics = self._evaluate(name)
        finally:
            self.server.stop()
        self._report(metrics, time.monotonic() - started)
        return metrics

    def _bring_model(self) -> None:
        folder = self.options.folder / "models" / model.NAME
        if self.options.model is None:
            with self.terminal.step(f"Bring the model {model.NAME} (kept for the next time)"):
                model.bring_model(folder, lambda text: self.terminal.say(f"  {text}"))

    def _import(self) -> None:
        folder = self.options.folder
        rows = sql_data.generate(train=TRAIN_ROWS + VALIDATION_ROWS)
        for part in PARTS:
            sql_data.write_jsonl(rows[part], folder / "data" / f"{part}.jsonl")
        files = {part: f"data/{part}.jsonl" for part in PARTS}
        dataset = self._made("datasets", DATASET, {"source": {"source": "file", "path": files}})
        counts = ", ".join(f"{split['rows']} {split['name']}" for split in dataset["splits"])
        self.terminal.say(f"  dataset “{DATASET}”: {counts}")
        path = self.options.model or f"models/{model.NAME}"
        source = {"source": "directory", "path": str(path)}
        found = self._made("models", self._model_name, {"source": source})
        parameters = (found["facts"]["parameters"] or 0) / 1e6
        self.terminal.say(f"  base model “{self._model_name}”: {parameters:.0f} M parameters")
        suggested = self.server.post("prompts/suggest", {"dataset": DATASET})
        templates = {k: suggested[k] for k in ("prompt_template", "completion_template")}
        self._made("prompts", PROMPT, {"dataset": DATASET, **templates})
        shown = templates["prompt_template"] + templates["completion_template"]
        self.terminal.say("  prompt, as suggested: " + shown.replace("\n", "⏎"))

    @property
    def _model_name(self) -> str:
        return self.options.model.name if self.options.model else model.NAME

    def _made(self, collection: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """The record of that name; made when an earlier run of the demo has not left it."""
        found = self.server.find(collection, name)
        return found or self.server.post(collection, {"name": name, **body})

    def _free_name(self, wanted: str) -> str:
        names = [wanted, *(f"{wanted}-{number}" for number in range(2, 1000))]
        taken = {item["name"] for item in self.server.get("adapters", limit=500)["items"]}
        taken |= {item["name"] for item in self.server.get("jobs", limit=500)["items"]}
        return next(name for name in names if name not in taken)

    def _train(self, name: str) -> None:
        spec = TRAINING | {
            "name": name,
            "base_model": self._model_name,
            "dataset": DATASET,
            "prompt": PROMPT,
        }
        job = self._submit("train", spec)
        self._watch(job, until=KILL_AT)
        self._kill_and_restart(job)
        self._watch(job)

    def _kill_and_restart(self, job: dict[str, Any]) -> None:
        """Kill the server; the run's own files show that it goes on; start the server again."""
        say = self.terminal.say
        progress_file = Path(job["run_dir"]) / "progress.json"
        before = json.loads(progress_file.read_text())["step"]
        say(f"  ✗ kill -9 {self.server.pid} (the Jupyter server), at step {before}")
        self.server.kill()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            progress = json.loads(progress_file.read_text())
            if progress["step"] > before + 1:
                break
            time.sleep(0.5)
        say(
            f"  ✓ no server, yet the run is at step {progress['step']}, loss {progress['loss']:.3f}"
        )
        seconds = self.server.start()
        found = self.server.get(f"jobs/{job['id']}")
        events = self.server.get(f"jobs/{job['id']}/events", after=0)["events"]
        points = sum("loss" in (event.get("values") or {}) for event in events)
        say(
            f"  ✓ a new server ({seconds:.1f} s) finds it {found['state']}, attempt "
            f"{found['attempt']}, with all {points} points of its chart"
        )

    def _evaluate(self, adapter: str) -> dict[str, Any]:
        spec = {
            "name": f"{adapter} against base",
            "base_model": self._model_name,
            "adapters": [adapter],
            "dataset": DATASET,
            "prompt": PROMPT,
            "splits": list(SPLIT_NAMES),
            "base_shots": [0, 4],
            "precision": self.options.precision,
            "batch_size": 32,
            "sql": {"schema_column": "sql_context", "rows_column": "sql_inserts"},
            "mlflow": {"traced_rows": 6},
        }
        job = self._submit("evaluate", spec)
        self._watch(job)
        events = self.server.get(f"jobs/{job['id']}/events", after=0)["events"]
        return dict(next(event["data"] for event in events if event["kind"] == "result"))

    def _submit(self, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
        return dict(
            self.server.post("jobs", {"type": kind, "spec": spec, "request_id": uuid.uuid4().hex})
        )

    def _watch(self, job: dict[str, Any], until: float = 2.0) -> None:
        """Show progress till the job's end, or till that part of its steps is done."""
        while True:
            found = self.server.get(f"jobs/{job['id']}")
            progress = found.get("progress") or {}
            ended = found["state"] in FINAL_STATES
            self.terminal.progress(progress_text(found), force=ended)
            if ended:
                break
            training = progress.get("phase") == "training" and progress.get("total_steps")
            if training and progress["step"] >= until * progress["total_steps"]:
                return
            time.sleep(0.5)
        if found["state"] != "succeeded":
            error = found.get("error") or {}
            raise StudioError(
                f"The job “{found['name']}” {found['state']}: {error.get('message')}",
                remedy=error.get("remedy") or f"Its log: {found['run_dir']}/log.txt",
            )

    def _report(self, metrics: dict[str, Any], seconds: float) -> None:
        say = self.terminal.say
        bits = metrics["precision"].removesuffix("-bit")
        say(
            f"\nTrained with the base in 4 bits; judged with the base in {bits} bits, "
            f"greedy, on {metrics['device']}. In brackets 95 % intervals."
        )
        say("Both tests ask the same questions, about tables that training never showed.")
        say("Zero-shot, the base reads the bare prompt; 4-shot shows it the format by examples.\n")
        for line in table(metrics, SPLIT_NAMES):
            say(f"  {line}")
        say(
            "\nThis is a small model on synthetic SQL: it shows the workflow, not production quality."
        )
        say(f"The tutorial took {seconds:.0f} s; its workspace: {self.options.folder}")
