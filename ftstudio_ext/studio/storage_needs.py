"""Who needs what is on the disk: records, adapters, and jobs that run or may be resumed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio_ext.jobs import protocol
from ftstudio_ext.schema.datasets import HubSource
from ftstudio_ext.schema.jobs import FINAL_STATES, Job
from ftstudio_ext.schema.models import HubModelSource
from ftstudio_ext.schema.storage import StorageUse

if TYPE_CHECKING:
    from .studio import Studio

Uses = dict[str, list[StorageUse]]


def _uses() -> Uses:
    return defaultdict(list)


@dataclass
class Needs:
    """Each map goes from what is needed to what needs it."""

    models: Uses = field(default_factory=_uses)
    """Model of the hub, by its repository."""
    datasets: Uses = field(default_factory=_uses)
    """Dataset of the studio, by its id."""
    adapters: Uses = field(default_factory=_uses)
    """Adapter, by its id."""
    imported: Uses = field(default_factory=_uses)
    """Dataset of the hub, by its repository: the studio has a copy of its own."""
    unfinished: list[tuple[Job, str]] = field(default_factory=list)
    """Jobs that are waiting or at work, with the text of their specification."""

    def jobs_naming(self, text: str) -> list[StorageUse]:
        """Unfinished jobs whose specification names a path or a repository."""
        quoted = json.dumps(text, ensure_ascii=False)[1:-1]
        return [_job(job) for job, spec in self.unfinished if quoted in spec]


def read_needs(studio: Studio, jobs: list[Job]) -> Needs:
    """Look through all records once."""
    needs = Needs()
    for model in studio.models.list(limit=100_000).items:
        if isinstance(model.source, HubModelSource):
            use = StorageUse(kind="base_model", id=model.id, name=model.name)
            needs.models[model.source.repo_id].append(use)
    for dataset in studio.datasets.list(limit=100_000).items:
        if isinstance(dataset.source, HubSource):
            use = StorageUse(kind="dataset", id=dataset.id, name=dataset.name)
            needs.imported[dataset.source.repo_id].append(use)
    for adapter in studio.adapters.all():
        use = StorageUse(kind="adapter", id=adapter.id, name=adapter.name)
        for repo in _repositories({"base_model": adapter.manifest.base_model}):
            needs.models[repo].append(use)
        if adapter.dataset_id:
            needs.datasets[adapter.dataset_id].append(use)
    for job in jobs:
        if job.state != "succeeded":  # the others may be resumed
            _add_job(needs, job)
    return needs


def _add_job(needs: Needs, job: Job) -> None:
    spec = protocol.read_object(Path(job.run_dir) / "spec.json") or {}
    resolved = spec.get("resolved")
    resolved = resolved if isinstance(resolved, dict) else {}
    for repo in set(_repositories(resolved)):
        needs.models[repo].append(_job(job))
    for noun, uses in (("dataset", needs.datasets), ("adapter", needs.adapters)):
        for record in _records(resolved, noun):
            if object_id := record.get("id"):
                uses[object_id].append(_job(job))
    if job.state not in FINAL_STATES:
        needs.unfinished.append((job, json.dumps(spec, ensure_ascii=False)))


def _repositories(resolved: dict[str, Any]) -> Iterator[str]:
    """Repositories of the hub among the base models that a record names."""
    for record in _records(resolved, "base_model"):
        source = record.get("source")
        repo = source.get("repo_id") if isinstance(source, dict) else None
        if isinstance(repo, str):
            yield repo


def _records(resolved: dict[str, Any], noun: str) -> Iterator[dict[str, Any]]:
    several = resolved.get(f"{noun}s")
    for record in (resolved.get(noun), *(several if isinstance(several, list) else ())):
        if isinstance(record, dict):
            yield record


def _job(job: Job) -> StorageUse:
    return StorageUse(kind="job", id=job.id, name=job.name)
