"""What the workspace holds: jobs with their checkpoints, adapters, datasets, and what was left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio_ext.core.files import TEMPORARY_PREFIX
from ftstudio_ext.jobs import checkpoints, protocol
from ftstudio_ext.schema.jobs import FINAL_STATES, Job
from ftstudio_ext.schema.storage import StorageUse

from .folders import DELETED
from .storage_found import Found, entries, found, measure
from .storage_needs import Needs

if TYPE_CHECKING:
    from .studio import Studio

LEFT_OVER_S = 3600.0
OWN = frozenset({"studio.json", "backups", ".run", "lineage.json"})
TRACKING = ("mlflow.db", "mlflow.db-wal", "mlflow.db-shm", "mlartifacts")
KEPT_HIDDEN = frozenset({".reserved"})


def job_items(jobs: list[Job], needs: Needs, adapters: dict[str, StorageUse]) -> Iterator[Found]:
    for job in jobs:
        made = adapters.get(job.id)
        old = old_checkpoints(job, needs)
        yield found(
            f"job:{job.id}",
            "job",
            job.name,
            Path(job.run_dir),
            object_id=job.id,
            used_by=[made] if made else [],
            goes=old,
            cleans=_cleans(job, len(old)),
            kept="It is not finished."
            if job.state not in FINAL_STATES
            else "It has no old checkpoints.",
        )


def old_checkpoints(job: Job, needs: Needs) -> list[Path]:
    """The checkpoints that nothing needs any more. The newest and the best stay; a job that can be
    resumed keeps two whole ones, since the newest may turn out to be damaged."""
    if job.state not in FINAL_STATES:
        return []
    folder = Path(job.run_dir) / "checkpoints"
    known = [path for path in entries(folder) if checkpoints.step_of(path) is not None]
    known.sort(key=lambda path: checkpoints.step_of(path) or 0, reverse=True)
    whole = [path for path in known if checkpoints.problem(path, contents=False) is None]
    kept = set(whole[: 2 if job.can_resume else 1])
    kept |= {path for path in known if checkpoints.step_of(path) == _best_step(whole)}
    kept |= {path for path in known if needs.jobs_naming(str(path))}
    graves = [path for path in entries(folder) if path.name.startswith(DELETED)]
    return [path for path in known if path not in kept] + graves


def _best_step(whole: list[Path]) -> int | None:
    """The step of the lowest validation loss, as the newest checkpoint remembers it."""
    for path in whole:
        state = protocol.read_object(path / "trainer_state.json") or {}
        step = state.get("best_global_step")
        if isinstance(step, int):
            return step
    return None


def _cleans(job: Job, count: int) -> str:
    what = "1 old checkpoint goes" if count == 1 else f"{count} old checkpoints go"
    if job.can_resume:
        return f"{what}; the two newest and the best stay, so that the job can be resumed."
    return f"{what}; the newest and the best stay, and so does its adapter."


def adapter_items(studio: Studio, needs: Needs) -> Iterator[Found]:
    for adapter in studio.adapters.all():
        yield found(
            f"adapter:{adapter.id}",
            "adapter",
            adapter.name,
            Path(adapter.path),
            object_id=adapter.id,
            used_by=needs.adapters.get(adapter.id, ()),
            kept="Delete the adapter itself when you no longer want it.",
        )


def dataset_items(studio: Studio, needs: Needs) -> Iterator[Found]:
    for dataset in studio.datasets.list(limit=100_000).items:
        yield found(
            f"dataset:{dataset.id}",
            "dataset",
            dataset.name,
            studio.settings.datasets_dir / dataset.id,
            object_id=dataset.id,
            used_by=needs.datasets.get(dataset.id, ()),
            kept="Delete the dataset itself when you no longer want it.",
        )


def other_items(studio: Studio, needs: Needs) -> Iterator[Found]:
    """Everything else below the workspace."""
    workspace = studio.settings.workspace
    tracking = [path for name in TRACKING if (path := workspace / name).exists()]
    if tracking:
        kept = "Delete runs on MLflow's own pages, then run `mlflow gc`."
        size = measure(*tracking)
        yield found("tracking:mlflow", "tracking", "MLflow", tracking[-1], size, kept=kept)
    own = [path for name in sorted(OWN) if (path := workspace / name).exists()]
    kept = "The studio needs them."
    yield found(
        "other:studio", "other", "The studio's own files", workspace, measure(*own), kept=kept
    )
    for path in entries(workspace / "exports"):
        if not path.name.startswith("."):
            kept = "Delete it in the file browser when you no longer want it."
            yield found(f"export:{path.name}", "export", path.name, path, kept=kept)
    yield from _caches(workspace / "cache", needs)
    yield from _uploads(studio, needs)
    yield from _left_over(workspace)
    known = {*TRACKING, *OWN, "jobs", "adapters", "datasets", "exports", "uploads", "cache"}
    for path in entries(workspace):
        if path.name not in known and not path.name.startswith(TEMPORARY_PREFIX):
            kept = "The studio does not know what it is."
            yield found(f"other:{path.name}", "other", path.name, path, kept=kept)


def _caches(folder: Path, needs: Needs) -> Iterator[Found]:
    """What a run has worked out and the next one need not: `cache/<purpose>/<key>/`."""
    for purpose in entries(folder):
        for path in entries(purpose):
            users = needs.jobs_naming(str(path))
            busy = bool(needs.unfinished) and _is_new(path)
            yield found(
                f"cache:{purpose.name}/{path.name}",
                "cache",
                f"{purpose.name.replace('-', ' ')} {path.name[:12]}",
                path,
                used_by=users,
                goes=() if users or busy else (path,),
                cleans="The next run that needs it works it out again.",
                kept="A job that is waiting or at work may need it.",
            )


def _uploads(studio: Studio, needs: Needs) -> Iterator[Found]:
    folder = studio.settings.uploads_dir
    for path in entries(folder) if not folder.is_symlink() else ():
        users = needs.jobs_naming(studio.paths.relative(path))
        yield found(
            f"upload:{path.name}",
            "upload",
            path.name,
            path,
            used_by=users,
            goes=() if users or _is_new(path) else (path,),
            cleans="A file that was uploaded and never imported.",
            kept="It may still be imported; after a day it goes by itself.",
        )


def _left_over(workspace: Path) -> Iterator[Found]:
    """Hidden folders that killed processes have left beside whole ones."""
    for parent in (workspace, *(workspace / name for name in ("jobs", "adapters", "datasets"))):
        for path in entries(parent):
            name = path.name
            hidden = name.startswith(TEMPORARY_PREFIX) if parent == workspace else name[0] == "."
            if hidden and name not in KEPT_HIDDEN:
                relative = path.relative_to(workspace).as_posix()
                yield found(
                    f"leftover:{relative}",
                    "leftover",
                    relative,
                    path,
                    goes=() if _is_new(path) else (path,),
                    cleans="Something that was not finished, or not wholly deleted.",
                    kept="It is new: something may be writing to it.",
                )


def _is_new(path: Path) -> bool:
    """Whether anything in it was written within the hour."""
    return time.time() - max(measure(path).modified_s, _made(path)) < LEFT_OVER_S


def _made(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0
