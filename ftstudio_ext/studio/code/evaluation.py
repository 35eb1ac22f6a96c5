"""An evaluation job as a magic line or a client call."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.code import Code, CodeFormat
from ftstudio_ext.schema.evaluations import EvaluateSpec
from ftstudio_ext.schema.jobs import JobDetail

from . import forms
from .made import free_job_name, made, reference

if TYPE_CHECKING:
    from ..studio import Studio

FORMATS: list[CodeFormat] = ["magic", "client"]
OPTIONS = ("name", "base_model", "dataset", "prompt", "rows", "base_shots")


def evaluation_code(studio: Studio, job: JobDetail, format: CodeFormat) -> Code:
    """The same evaluation once more; raises InvalidInput for formats that it does not have."""
    if format not in FORMATS:
        raise InvalidInput(
            f"There is no code of the format “{format}” for an evaluation.",
            field="format",
            remedy=f"Use one of: {', '.join(FORMATS)}.",
        )
    adapters, fields = _fields(studio, job)
    if format == "client":
        if files := fields.pop("scorer_files", None):
            fields["scorer_files"] = [file["path"] for file in files]
        if changed := job.resources.model_dump(exclude_defaults=True):
            fields["resources"] = changed
        text = forms.client("evaluate", fields, "job.result()", positional=adapters)
    else:
        text = _line(adapters, fields)
    return made(format, job.name, text, _notes(job, format), FORMATS)


def _fields(studio: Studio, job: JobDetail) -> tuple[list[str], dict[str, Any]]:
    """Adapters by name, and all fields that differ from their defaults."""
    spec = EvaluateSpec.model_validate(job.spec)
    said = spec.model_dump(mode="json", exclude_defaults=True)
    fields = {name: value for name, value in said.items() if value != {}}
    fields["name"] = free_job_name(studio, job.name, spaces=True)
    for field, get in (
        ("base_model", studio.models.get),
        ("dataset", studio.datasets.get),
        ("prompt", studio.prompts.get),
    ):
        fields[field] = reference(get, fields[field])
    adapters = [reference(studio.adapters.get, key) for key in fields.pop("adapters", [])]
    return adapters, fields


def _line(adapters: list[str], fields: dict[str, Any]) -> str:
    """`%ftstudio evaluate …` with options; whatever has none goes by `--set`."""
    words = ["%ftstudio", "evaluate", *map(shlex.quote, adapters)]
    for name, value in fields.items():
        if name in OPTIONS:
            values = value if isinstance(value, list) else [value]
            words += [f"--{name.replace('_', '-')}", *(shlex.quote(str(item)) for item in values)]
        else:
            text = json.dumps(value, ensure_ascii=False)
            words += ["--set", shlex.quote(f"{name}={text}")]
    return " ".join(words) + "\n"


def _notes(job: JobDetail, format: CodeFormat) -> list[str]:
    device = job.resources.device
    if format == "magic" and device != "auto":
        return [f"The evaluation ran on the device “{device}”; the magic takes the best one."]
    return []
