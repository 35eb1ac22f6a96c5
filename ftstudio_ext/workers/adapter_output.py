"""The adapter that a run leaves: whole or not there at all.

It is written to a folder near its place and moved there by one rename, so that nobody ever
finds half an adapter: adapter_model.safetensors, adapter_config.json, the tokenizer, and
ftstudio.json, from which the folder alone can be understood.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import Conflict
from ftstudio_ext.core.files import fsync_dir, read_json, write_json_atomic
from ftstudio_ext.schema.adapters import AdapterManifest
from ftstudio_ext.schema.jobs import JobSpec
from ftstudio_ext.schema.prompts import PromptContent
from ftstudio_ext.schema.training import ResolvedTraining, TrainSpec

from .environment import package_versions
from .training_data import TrainingData

MANIFEST = "ftstudio.json"
RESERVED = ".reserved"


def check_place(adapter_dir: Path, job_id: str) -> None:
    """The reserved folder must be ours to fill; raises Conflict."""
    if not adapter_dir.exists() or _is_empty(adapter_dir) or _made_by(adapter_dir) == job_id:
        return
    raise Conflict(
        f"The adapter's folder {adapter_dir} holds something else already.",
        field="name",
        remedy="Move that folder away, or start the run under another name.",
        code="adapter_exists",
    )


def write_adapter(model: Any, tokenizer: Any, manifest: AdapterManifest, place: Path) -> None:
    """Write everything under `.partial` beside `place`, make it durable, and move it there."""
    partial = place.parent / ".partial" / place.name
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    _name_base_model(model, manifest)
    model.save_pretrained(partial, safe_serialization=True, save_embedding_layers=False)
    (partial / "README.md").unlink(missing_ok=True)
    tokenizer.save_pretrained(partial)
    write_json_atomic(partial / MANIFEST, manifest)
    make_durable(partial)
    _take_place(partial, place)


def copy_adapter(adapter_dir: Path, output_dir: Path) -> Path:
    """A copy in the folder that people asked for; in a folder of its own below it, when other
    things lie there. Where it went."""
    occupied = output_dir.exists() and not _is_empty(output_dir)
    if occupied and not (output_dir / MANIFEST).exists():
        output_dir = output_dir / adapter_dir.name
    output_dir.mkdir(parents=True, exist_ok=True)
    for path in adapter_dir.iterdir():
        shutil.copy2(path, output_dir / path.name)
    fsync_dir(output_dir)
    return output_dir


def manifest_of(
    job: JobSpec,
    resolved: ResolvedTraining,
    spec: TrainSpec,
    data: TrainingData,
    metrics: dict[str, float],
    mlflow_run_id: str | None,
) -> AdapterManifest:
    """Where the adapter comes from: everything that made it, in one object."""
    model, dataset, prompt = resolved.base_model, resolved.dataset, resolved.prompt
    return AdapterManifest(
        id=resolved.adapter_id,
        name=spec.name,
        origin="trained",
        job_id=job.id,
        base_model={
            "id": model.id,
            "name": model.name,
            "source": model.source.model_dump(),
            "revision": model.source_revision,
            "path": model.path,
        },
        dataset={
            "id": dataset.id,
            "name": dataset.name,
            "content_hash": dataset.content_hash,
            "source_revision": dataset.source_revision,
        },
        prompt={
            "id": prompt.id,
            "name": prompt.name,
            **PromptContent.model_validate(prompt.model_dump()).model_dump(mode="json"),
        },
        split={
            "seed": spec.seed,
            **spec.data.model_dump(),
            "parts": {
                name: {"split": part.split, "own": part.own, "rows": len(part)}
                for name, part in (
                    ("train", data.parts.train),
                    ("validation", data.parts.validation),
                    ("test", data.parts.test),
                )
            },
            "used": {name: counts.kept for name, counts in data.counts.items()},
            "too_long": {name: counts.too_long for name, counts in data.counts.items()},
        },
        method=spec.method,
        seed=spec.seed,
        versions=package_versions(),
        metrics=metrics,
        mlflow_run_id=mlflow_run_id,
    )


def _name_base_model(model: Any, manifest: AdapterManifest) -> None:
    """A snapshot's folder in somebody's cache means nothing to others: name the hub id."""
    source = manifest.base_model["source"]
    for config in model.peft_config.values():
        if source.get("source") == "hub":
            config.base_model_name_or_path = source["repo_id"]
            config.revision = manifest.base_model["revision"] or source.get("revision")
        else:
            config.base_model_name_or_path = manifest.base_model["path"]


def _take_place(partial: Path, place: Path) -> None:
    """Rename over the empty reserved folder, or over what an earlier attempt has left there."""
    if place.exists():
        (place / RESERVED).unlink(missing_ok=True)
        if not _is_empty(place):
            shutil.rmtree(place)
    partial.rename(place)
    with contextlib.suppress(OSError):  # somebody else's is being written
        partial.parent.rmdir()
    fsync_dir(place.parent)


def make_durable(folder: Path) -> None:
    """Nothing in it is lost by a power cut from now on."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    fsync_dir(folder)


def _is_empty(folder: Path) -> bool:
    return all(entry.name == RESERVED for entry in folder.iterdir())


def _made_by(adapter_dir: Path) -> str | None:
    try:
        return str(read_json(adapter_dir / MANIFEST).get("job_id"))
    except (OSError, ValueError, AttributeError):
        return None
