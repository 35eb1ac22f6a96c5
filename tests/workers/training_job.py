"""A training job's run directory, written as the server writes it, and its worker process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio_ext.core.files import read_json, write_json_atomic
from ftstudio_ext.jobs.rundir import RunDir
from ftstudio_ext.schema.datasets import Column, Dataset, FileSource, Split
from ftstudio_ext.schema.jobs import Event, JobSpec
from ftstudio_ext.schema.models import BaseModelRecord, DirectoryModelSource, HubModelSource
from ftstudio_ext.schema.prompts import Prompt, PromptContent
from ftstudio_ext.schema.training import ResolvedTraining, Tracking, TrainSpec

REPOSITORY = Path(__file__).parents[2]

Rows = Sequence[dict[str, Any]]

COLOURS = ["red", "green", "blue", "yellow", "black", "white"]


def colour_rows(count: int) -> list[dict[str, Any]]:
    """Trivially learnable: say the colour that stands in the question."""
    return [
        {
            "id": index,
            "question": f"Say the colour {COLOURS[index % 6]}" + " please" * (index % 4),
            "answer": f"{COLOURS[index % 6]} it is",
        }
        for index in range(count)
    ]


def write_dataset(folder: Path, splits: dict[str, Rows]) -> Dataset:
    """Arrow stream files and the record that describes them."""
    folder.mkdir(parents=True)
    columns: list[Column] = []
    found = []
    for name, rows in splits.items():
        table = pa.Table.from_pylist(list(rows))
        columns = [Column(name=field.name, type=str(field.type)) for field in table.schema]
        with pa.ipc.new_stream(str(folder / f"{name}.arrow"), table.schema) as writer:
            for batch in table.to_batches(max_chunksize=50):
                writer.write_batch(batch)
        found.append(Split(name=name, rows=len(rows), file=f"{name}.arrow"))
    return Dataset(
        id="ds_1",
        name="colours",
        source=FileSource(path="colours.jsonl"),
        columns=columns,
        splits=found,
        rows=sum(split.rows for split in found),
        content_hash="0" * 64,
    )


class TrainingJob:
    """A submitted job in a workspace of its own."""

    def __init__(
        self,
        workspace: Path,
        model: Path,
        splits: dict[str, Rows] | None = None,
        *,
        prompt: str = "Question: {question}\nAnswer:\n",
        completion: str = "{answer}",
        content: PromptContent | None = None,
        output_dir: Path | None = None,
        tracking_uri: str | None = None,
        hub: tuple[str, str] | None = None,
        env: dict[str, str] | None = None,
        **spec: Any,
    ) -> None:
        self.workspace = workspace
        self.env = {"HF_HUB_OFFLINE": "1"} if env is None else env
        dataset_dir = workspace / "datasets" / "ds_1"
        dataset = write_dataset(dataset_dir, splits or {"train": colour_rows(60)})
        self.adapter_dir = workspace / "adapters" / "colours"
        self.adapter_dir.mkdir(parents=True)
        (self.adapter_dir / ".reserved").write_text("job_1")
        self.tracking = Tracking(
            tracking_uri=tracking_uri or f"sqlite:///{workspace}/mlflow.db",
            experiment="studio",
            artifact_location=(workspace / "mlartifacts").as_uri(),
        )
        self.spec = TrainSpec.model_validate(
            {"name": "colours", "base_model": "tiny", "dataset": "colours", "prompt": "p"} | spec
        )
        self.resolved = resolved = ResolvedTraining(
            base_model=BaseModelRecord(
                id="bm_1",
                name="tiny",
                source=HubModelSource(repo_id=hub[0]) if hub else DirectoryModelSource(path="tiny"),
                source_revision=hub[1] if hub else None,
                path=None if hub else str(model),
            ),
            dataset=dataset,
            dataset_dir=str(dataset_dir),
            prompt=Prompt(
                id="pr_1",
                name="p",
                dataset_id="ds_1",
                **vars(content)
                if content
                else {"prompt_template": prompt, "completion_template": completion},
            ),
            adapter_id="ad_1",
            adapter_dir=str(self.adapter_dir),
            output_dir=str(output_dir) if output_dir else None,
            tracking=self.tracking,
        )
        self.run = RunDir(workspace / "jobs" / "job_1")
        for name in ("attempts", "control", "checkpoints", "result"):
            (self.run.path / name).mkdir(parents=True)
        job = JobSpec(
            id="job_1",
            type="train",
            name="colours",
            request_id="r1",
            module="ftstudio_ext.workers.train",
            python=sys.executable,
            pythonpath=str(REPOSITORY),
            spec=self.spec.model_dump(),
            resolved=resolved.model_dump(mode="json"),
        )
        write_json_atomic(self.run.path / "spec.json", job)

    def start(self, attempt: int = 1, module: str = "ftstudio_ext.workers.train") -> Any:
        """The worker process of one attempt; its output goes to the log."""
        environment = os.environ | {
            "PYTHONPATH": str(REPOSITORY),
            "OMP_NUM_THREADS": "2",
            **self.env,
        }
        with (self.run.path / "log.txt").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, str(self.run.path), str(attempt)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=self.workspace,
            )

    def finish(self, attempt: int = 1) -> int:
        """Run one attempt to its end; its exit code."""
        return int(self.start(attempt).wait(timeout=120))

    def events(self, kind: str | None = None, attempt: int | None = None) -> list[Event]:
        found = self.run.events().events
        return [
            event
            for event in found
            if (kind is None or event.kind == kind)
            and (attempt is None or event.attempt == attempt)
        ]

    def losses(self, attempt: int | None = None, name: str = "loss") -> dict[int, float]:
        """{step: value} of one metric."""
        return {
            int(event.step or 0): event.values[name]
            for event in self.events("metric", attempt)
            if event.values and name in event.values
        }

    def manifest(self) -> dict[str, Any]:
        """What the adapter says of itself."""
        found: dict[str, Any] = read_json(self.adapter_dir / "ftstudio.json")
        return found

    def log(self) -> str:
        return self.run.log(tail=400).text

    def control(self, verb: str, attempt: int = 1) -> None:
        (self.run.path / "control" / f"{attempt}.{verb}").touch()
