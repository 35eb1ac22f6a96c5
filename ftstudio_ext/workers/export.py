"""Export an adapter: merged into its base model, or its PEFT folder as it is.

Merging happens in the base model's own precision, never in 4 bits: an update merged into
quantized weights is rounded away (three of four next words stay the same). The folder appears
whole, as the last act. Run as `python -m ftstudio_ext.workers.export <run dir> <attempt>`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import Conflict, InvalidInput
from ftstudio_ext.core.files import read_json, write_json_atomic
from ftstudio_ext.jobs.worker import WorkerRun, main
from ftstudio_ext.schema.exports import Export, ExportManifest, ExportSpec, ResolvedExport
from ftstudio_ext.schema.models import BaseModelRecord

from . import environment, model_files
from .adapter_output import make_durable
from .data_files import staging
from .reporting import Reporter

MANIFEST = "ftstudio-export.json"


def export(run: WorkerRun) -> None:
    """The whole job."""
    spec = ExportSpec.model_validate(run.spec.spec)
    resolved = ResolvedExport.model_validate(run.spec.resolved)
    place = Path(resolved.export_dir)
    environment.prepare("cpu")  # the host has room for a whole model, and nothing is computed
    with Reporter(run) as reporter:
        if not _is_done(place, run.spec.id):
            _refuse_taken(place)
            with staging(place) as folder:
                precision = _fill(folder, reporter, spec, resolved)
                manifest = ExportManifest(
                    job_id=run.spec.id,
                    format=spec.format,
                    precision=precision,
                    adapter=resolved.adapter.manifest.model_dump(mode="json"),
                    versions=environment.package_versions(),
                )
                write_json_atomic(folder / MANIFEST, manifest)
                make_durable(folder)
        done = ExportManifest.model_validate(read_json(place / MANIFEST))
        result = Export(
            path=str(place),
            format=done.format,
            precision=done.precision,
            size_bytes=sum(path.stat().st_size for path in place.iterdir()),
        )
        reporter.emit(kind="result", data=result.model_dump(mode="json"))


def _fill(
    folder: Path, reporter: Reporter, spec: ExportSpec, resolved: ResolvedExport
) -> str | None:
    """Write the files; the precision of a merged model."""
    adapter = Path(resolved.adapter.path)
    if resolved.base_model is None:
        reporter.phase("saving")
        for path in adapter.iterdir():
            if path.is_file() and not path.name.startswith("."):
                shutil.copyfile(path, folder / path.name)
        return None
    model, precision = _merged(reporter, spec, resolved.base_model, adapter)
    reporter.check_stop()
    reporter.phase("saving")
    model.save_pretrained(folder, safe_serialization=True)
    _save_tokenizer(resolved.base_model, adapter, folder)
    return precision


def _merged(
    reporter: Reporter, spec: ExportSpec, record: BaseModelRecord, adapter: Path
) -> tuple[Any, str]:
    """The base model with the adapter in its weights."""
    reporter.phase("downloading" if model_files.is_on_hub(record) else "loading")
    base = model_files.local_folder(record)
    config = model_files.check_folder(base)
    if stored := model_files.quantized_with(config):
        raise InvalidInput(
            f"The base model's weights are stored quantized ({stored}): merging into them would "
            f"round the adapter away.",
            field="adapter",
            remedy="Import the original model in 16 bits as the adapter's base, or export the "
            "adapter alone.",
            code="already_quantized",
        )
    reporter.phase("loading")
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    dtype = "auto" if spec.precision == "auto" else getattr(torch, spec.precision)
    model = AutoModelForCausalLM.from_pretrained(
        base, dtype=dtype, use_safetensors=True, local_files_only=True, trust_remote_code=False
    )
    reporter.check_stop()
    wrapped = PeftModel.from_pretrained(model, adapter, is_trainable=False)
    merged = wrapped.merge_and_unload(safe_merge=True)
    return merged, str(merged.dtype).removeprefix("torch.")


def _save_tokenizer(record: BaseModelRecord, adapter: Path, folder: Path) -> None:
    """That of the adapter, which has the pad token and chat template of its training."""
    from . import tokenizers

    has_own = (adapter / "tokenizer_config.json").is_file()
    source = adapter if has_own else model_files.local_folder(record)
    tokenizers.load_tokenizer(source).save_pretrained(folder)


def _refuse_taken(place: Path) -> None:
    if place.exists():
        raise Conflict(
            f"There is an export “{place.name}” already.",
            field="name",
            remedy="Delete that folder and resume, or export under another name.",
        )


def _is_done(place: Path, job_id: str) -> bool:
    """An earlier attempt was killed right after its last act."""
    try:
        return bool(read_json(place / MANIFEST).get("job_id") == job_id)
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    main(export)
