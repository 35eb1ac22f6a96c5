"""Exports: adapters in the form that other programs take."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .adapters import Adapter
from .common import Slug, StoredModel, StudioModel, Timestamp, now, ui
from .models import BaseModelRecord

ExportFormat = Literal["merged", "adapter"]
ExportPrecision = Literal["auto", "bfloat16", "float16", "float32"]


class ExportSpec(StudioModel):
    """Export an adapter into a folder below `exports/` of the workspace."""

    adapter: str = Field(title="Adapter", json_schema_extra=ui("basics", order=1, widget="adapter"))
    format: ExportFormat = Field(
        "merged",
        title="Format",
        description="Merged: a whole model with the adapter in its weights, which every program "
        "for Hugging Face models loads. Adapter: the PEFT folder as it is.",
        json_schema_extra=ui("basics", order=2),
    )
    name: Slug | None = Field(
        None,
        title="Folder",
        description="Below exports/; made from the adapter's name when absent.",
        json_schema_extra=ui("basics", order=3),
    )
    precision: ExportPrecision = Field(
        "auto",
        title="Precision",
        description="Of a merged model's weights. Auto: as the base model's are stored.",
        json_schema_extra=ui("basics", order=4, advanced=True),
    )


class ExportRequest(StudioModel):
    """Export the adapter of the address."""

    request_id: str = Field(min_length=1, max_length=128)
    format: ExportFormat = "merged"
    name: Slug | None = None
    precision: ExportPrecision = "auto"


class ResolvedExport(StoredModel):
    """`resolved` in the spec.json of an export."""

    adapter: Adapter
    base_model: BaseModelRecord | None = Field(None, description="For a merged model.")
    export_dir: str = Field(description="Absolute; appears whole, as the last act.")


class ExportManifest(StoredModel):
    """`ftstudio-export.json` in the folder: where it comes from."""

    protocol: int = 1
    job_id: str
    created_at: Timestamp = Field(default_factory=now)
    format: ExportFormat
    precision: str | None = None
    adapter: dict[str, Any] = Field({}, description="The adapter's own manifest.")
    versions: dict[str, str] = {}


class Export(StoredModel):
    """The data of the job's `result` event."""

    path: str = Field(description="Absolute folder.")
    format: ExportFormat
    precision: str | None = None
    size_bytes: int
