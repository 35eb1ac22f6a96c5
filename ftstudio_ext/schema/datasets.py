"""Datasets: where they come from, their columns and splits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from .common import Name, Record, StoredModel, StudioModel, ui

FileFormat = Literal["csv", "tsv", "json", "jsonl", "parquet", "arrow"]


class FileSource(StudioModel):
    """One file, or one file a split."""

    source: Literal["file"] = "file"
    path: str | dict[str, str] = Field(
        description="A path below the server's root directory, or {split: path}.",
        examples=["data/train.jsonl", {"train": "data/train.csv", "test": "data/test.csv"}],
        json_schema_extra=ui(widget="path"),
    )
    format: FileFormat | None = Field(None, description="Taken from the file name when absent.")


class HubSource(StudioModel):
    """A dataset of the Hugging Face hub, pinned to a revision once it is resolved."""

    source: Literal["hub"] = "hub"
    repo_id: str = Field(
        pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?$",
        examples=["gretelai/synthetic_text_to_sql"],
    )
    config: str | None = Field(None, description="The subset, where the dataset has several.")
    revision: str | None = Field(None, description="Branch, tag or commit; main when absent.")


DatasetSource = Annotated[FileSource | HubSource, Field(discriminator="source")]


class DatasetCreate(StudioModel):
    """Import a dataset."""

    name: Name | None = Field(None, description="Taken from the source when absent.")
    source: DatasetSource
    request_id: str | None = Field(None, max_length=128)


class Column(StoredModel):
    """A column and its type in words: string, int64, float64, bool, list<string>, struct …"""

    name: str
    type: str


class Split(StoredModel):
    """A named part of a dataset, as one Arrow stream file."""

    name: str
    rows: int
    file: str = Field(description="Name of the Arrow file inside the dataset's folder.")
    bytes: int = 0


class Dataset(Record):
    """An imported dataset: an immutable Arrow copy below `datasets/<id>/` in the workspace."""

    source: DatasetSource
    state: Literal["importing", "ready", "failed"] = "ready"
    error: str | None = None
    job_id: str | None = Field(None, description="The import job of a dataset from the hub.")
    columns: list[Column] = []
    splits: list[Split] = []
    rows: int = 0
    bytes: int = 0
    content_hash: str | None = Field(None, description="SHA-256 over all split files.")
    source_revision: str | None = Field(None, description="The hub commit that was imported.")


class DatasetPatch(StudioModel):
    """What people may change about a dataset."""

    name: Name | None = None


class RowsPage(StoredModel):
    """Rows `offset … offset + len(rows)` of one split, each as a JSON object."""

    split: str
    offset: int
    total: int
    rows: list[dict[str, Any]]
