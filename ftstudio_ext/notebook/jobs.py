"""`studio.jobs`: the list of jobs, newest first."""

from __future__ import annotations

from typing import Any

from ftstudio_ext.schema.jobs import FINAL_STATES, JobDetail

from . import display
from .evaluations import EvaluationHandle
from .following import Look, headline
from .job import JobHandle
from .listing import Collection


class Jobs(Collection[JobHandle]):
    """Jobs of all kinds; `find(type="train", state="running")` narrows them."""

    path, title = "jobs", "jobs"
    headers = ("Name", "Type", "State", "Now", "Loss", "Submitted")
    empty = "No runs yet. Start one: studio.train(…), or studio.train_form()."

    def _made(self, data: dict[str, Any]) -> JobHandle:
        kind = EvaluationHandle if data["type"] == "evaluate" else JobHandle
        return kind(self._studio, JobDetail.model_validate({"spec": {}, **data}))

    def _cells(self, item: JobHandle) -> list[object]:
        job = item.job
        loss = (
            display.sparkline(job.progress.sparkline, width=90, height=18) if job.progress else ""
        )
        ended = job.error.message if job.error else ""
        now = ended if job.state in FINAL_STATES else headline(Look(job))
        return [job.name, job.type, display.state(job.state), now, loss, job.created_at]
