"""Adapters: what training leaves, and what one imports from elsewhere."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from .common import Name, StoredModel, StudioModel, Timestamp, now, ui


class DirectoryAdapterSource(StudioModel):
    """A PEFT folder (adapter_config.json, adapter_model.safetensors)."""

    source: Literal["directory"] = "directory"
    path: str = Field(
        description="A folder below the server's root directory.",
        json_schema_extra=ui(widget="path"),
    )


AdapterSource = Annotated[DirectoryAdapterSource, Field()]


class AdapterCreate(StudioModel):
    """Import an adapter."""

    name: Name | None = Field(None, description="Taken from the folder when absent.")
    source: AdapterSource
    base_model: str | None = Field(
        None, description="Id or name; found from adapter_config.json when absent."
    )


class AdapterManifest(StoredModel):
    """`ftstudio.json` in an adapter's folder: where it came from, so that the folder alone can
    be understood and the index rebuilt from it."""

    protocol: int = 1
    id: str
    name: str
    revision: int = Field(1, description="Grows when the manifest is changed, by renaming.")
    origin: Literal["trained", "imported"]
    created_at: Timestamp = Field(default_factory=now)
    job_id: str | None = None
    base_model: dict[str, Any] = Field({}, description="id, name, source, revision")
    dataset: dict[str, Any] = Field({}, description="id, name, content_hash, source_revision")
    prompt: dict[str, Any] = Field({}, description="id, name and both templates")
    split: dict[str, Any] = Field({}, description="seed, fractions and row counts of each part")
    method: str | None = None
    seed: int | None = None
    versions: dict[str, str] = {}
    metrics: dict[str, float] = {}
    mlflow_run_id: str | None = None


class Adapter(StoredModel):
    """An adapter as the studio shows it: its manifest, and what its folder holds now."""

    id: str
    name: str
    revision: int = 1
    created_at: Timestamp
    updated_at: Timestamp
    path: str = Field(description="Absolute folder.")
    size_bytes: int = 0
    base_model_id: str | None = None
    dataset_id: str | None = None
    prompt_id: str | None = None
    job_id: str | None = None
    manifest: AdapterManifest
    config: dict[str, Any] = Field({}, description="adapter_config.json, as it stands.")


class AdapterPatch(StudioModel):
    """Renaming changes the display name; the folder never moves."""

    name: Name | None = None
