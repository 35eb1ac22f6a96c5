"""Who answers: adapters that belong to a base model, checkpoints of their runs, the precision."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.adapters import Adapter
from ftstudio_ext.schema.models import BaseModelRecord

from .records import reference

if TYPE_CHECKING:
    from .studio import Studio


@dataclass(frozen=True)
class LoadedAdapter:
    """An adapter, or a checkpoint of its run, as the helper is to load it."""

    key: str
    path: str
    name: str

    def as_call(self) -> dict[str, str]:
        return {"key": self.key, "path": self.path, "name": self.name}


def adapter_of(studio: Studio, name: str, model: BaseModelRecord, field: str) -> Adapter:
    """An adapter of this base model; raises InvalidInput with the reason for others."""
    adapters = studio.adapters
    names = lambda: [adapter.name for adapter in adapters.all()]  # noqa: E731
    found = reference(adapters.get, name, field, "adapter", names)
    if found.base_model_id not in (None, model.id):
        owner = found.manifest.base_model.get("name", "another base model")
        raise InvalidInput(
            f"The adapter “{found.name}” belongs to {owner}, not to “{model.name}”.",
            field=field,
            remedy="Choose its own base model.",
        )
    return found


def loaded_adapter(
    workspace: Path, adapter: Adapter, checkpoint: int | None, field: str
) -> LoadedAdapter:
    """The adapter's folder, or that of a checkpoint of its run. The key changes with the weights:
    an adapter that was trained anew is loaded anew."""
    folder, name = Path(adapter.path), adapter.name
    if checkpoint is not None:
        folder = _checkpoint(workspace, adapter, checkpoint, field)
        name = f"{name}, step {checkpoint:,}"
    try:
        facts = (folder / "adapter_model.safetensors").stat()
    except OSError:
        raise InvalidInput(
            f"The folder of the adapter “{name}” is incomplete: {folder}.",
            field=field,
            remedy="Train it again, or import it from a whole copy.",
        ) from None
    stamp = f"{folder} {facts.st_mtime_ns} {facts.st_size}"
    key = f"a{hashlib.sha256(stamp.encode()).hexdigest()[:16]}"
    return LoadedAdapter(key, str(folder), name)


def precision_for(wanted: str, adapters: Sequence[Adapter]) -> str:
    """`auto`: as the first adapter was trained; 16 bits without."""
    if wanted != "auto":
        return wanted
    trained = adapters[0].manifest.method if adapters else None
    return "4-bit" if trained == "qlora" else "16-bit"


def _checkpoint(workspace: Path, adapter: Adapter, step: int, field: str) -> Path:
    checkpoints = workspace / "jobs" / (adapter.job_id or "-") / "checkpoints"
    folder = checkpoints / f"checkpoint-{step}"
    if adapter.job_id and (folder / "adapter_config.json").is_file():
        return folder
    there = sorted(int(p.name.rsplit("-", 1)[1]) for p in checkpoints.glob("checkpoint-[0-9]*"))
    steps = ", ".join(map(str, there))
    raise InvalidInput(
        f"The run of “{adapter.name}” has no checkpoint of step {step}.",
        field=field,
        remedy=f"Choose one of the steps {steps}." if steps else "Its run keeps none.",
    )
