"""An evaluation's run directory, written as the server writes it."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from ftstudio_ext.core.files import write_json_atomic
from ftstudio_ext.core.sampling import parts
from ftstudio_ext.jobs.rundir import RunDir
from ftstudio_ext.jobs.worker import WorkerRun
from ftstudio_ext.schema.adapters import Adapter, AdapterManifest
from ftstudio_ext.schema.common import now
from ftstudio_ext.schema.evaluation_results import Metrics, ScoredRow
from ftstudio_ext.schema.evaluations import EvaluateSpec, ResolvedEvaluation, ResolvedSystems
from ftstudio_ext.schema.jobs import JobSpec
from ftstudio_ext.schema.models import BaseModelRecord, DirectoryModelSource
from ftstudio_ext.schema.prompts import Prompt, PromptContent
from ftstudio_ext.schema.scorers import ResolvedScorerFile
from ftstudio_ext.schema.training import DataSettings, Tracking

from .training_job import REPOSITORY, write_dataset


def sql_rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "question": f"Which numbers are above {index}?",
            "schema": "CREATE TABLE t (n INT); INSERT INTO t VALUES (1), (5), (9), (30);",
            "sql": f"SELECT n FROM t WHERE n > {index};",
        }
        for index in range(count)
    ]


def base_model(name: str, path: Path) -> BaseModelRecord:
    source = DirectoryModelSource(path=name)
    return BaseModelRecord(id=f"bm_{name}", name=name, source=source, path=str(path))


def scorer_file(text: str) -> ResolvedScorerFile:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return ResolvedScorerFile(path="own.py", sha256=digest, text=text)


class EvaluationJob:
    """A submitted evaluation of the base and (with `adapter`) one adapter, in its workspace."""

    def __init__(
        self,
        workspace: Path,
        model: Path,
        adapter: Path | None = None,
        *,
        sizes: dict[str, int] | None = None,
        other: Path | None = None,
        own_scorers: str | None = None,
        content: PromptContent | None = None,
        tracking_uri: str | None = None,
        **spec: Any,
    ) -> None:
        self.data = rows = {
            name: sql_rows(count) for name, count in (sizes or {"train": 30}).items()
        }
        dataset = write_dataset(workspace / "datasets" / "ds_1", rows)
        data = DataSettings()
        drawn = parts({name: len(some) for name, some in rows.items()}, data, seed=5)
        self.drawn = drawn
        recorded = {
            "seed": 5,
            **data.model_dump(),
            "parts": {name: {"rows": count} for name, count in drawn.counts().items()},
        }
        manifest = AdapterManifest(
            id="ad_1",
            name="mine",
            origin="trained",
            dataset={"id": "ds_1", "content_hash": dataset.content_hash},
            split=recorded,
            method="lora",
        )
        adapters = [
            Adapter(
                id="ad_1",
                name="mine",
                created_at=now(),
                updated_at=now(),
                path=str(adapter),
                manifest=manifest,
            )
        ]
        asked = {"name": "e", "base_model": "tiny", "dataset": "d", "prompt": "p"}
        asked |= {"adapters": ["mine"] if adapter else [], "batch_size": 4}
        if other:
            asked["more_systems"] = [{"base_model": "other"}]
        self.spec = EvaluateSpec.model_validate(asked | spec)
        self.resolved = resolved = ResolvedEvaluation(
            base_model=base_model("tiny", model),
            more_systems=[ResolvedSystems(base_model=base_model("other", other))] if other else [],
            scorer_files=[scorer_file(own_scorers)] if own_scorers else [],
            tracking=Tracking(tracking_uri=tracking_uri, experiment="e") if tracking_uri else None,
            adapters=adapters if adapter else [],
            dataset=dataset,
            dataset_dir=str(workspace / "datasets" / "ds_1"),
            prompt=Prompt(
                id="pr_1",
                name="p",
                dataset_id="ds_1",
                **vars(
                    content
                    or PromptContent(
                        prompt_template="{schema}\nQuestion: {question}\nAnswer: ",
                        completion_template="{sql}",
                    )
                ),
            ),
        )
        self.run = RunDir(workspace / "jobs" / "job_1")
        for name in ("attempts", "control", "checkpoints", "result"):
            (self.run.path / name).mkdir(parents=True)
        job = JobSpec(
            id="job_1",
            type="evaluate",
            name="e",
            request_id="r1",
            module="ftstudio_ext.workers.evaluate",
            python=sys.executable,
            pythonpath=str(REPOSITORY),
            spec=self.spec.model_dump(),
            resolved=resolved.model_dump(mode="json"),
        )
        write_json_atomic(self.run.path / "spec.json", job)

    def expected(self, split: str, row: int) -> str:
        """The answer that the dataset has for a row."""
        return str(self.data[split][row]["sql"])

    @property
    def rows_file(self) -> Path:
        return self.run.result_dir / "rows.jsonl"

    def go(self, attempt: int = 1) -> Metrics:
        """Run one attempt in this process."""
        from ftstudio_ext.workers.evaluate import evaluate

        evaluate(WorkerRun(self.run.path, attempt))
        return Metrics.model_validate(
            json.loads((self.run.result_dir / "metrics.json").read_text())
        )

    def rows(self) -> list[ScoredRow]:
        lines = self.rows_file.read_text().splitlines()
        return [ScoredRow.model_validate_json(line) for line in lines]
