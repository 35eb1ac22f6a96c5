"""Datasets: where they come from, their columns and splits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from .common import Name, Record, StoredModel, StudioModel, ui

FileFormat = Literal["csv", "tsv", "json", "jsonl", "parquet", "arrow"]


class FileSource(StudioModel):
    """One file, or one or several files a split."""

    source: Literal["file"] = "file"
    path: str | dict[str, str | list[str]] = Field(
        description="A path below the server's root directory, or {split: path}, or {split: "
        "[path, …]}.",
        examples=["data/train.jsonl", {"train": "data/train.csv", "test": "data/test.csv"}],
        json_schema_extra=ui(widget="path"),
    )
    format: FileFormat | None = Field(None, description="Taken from the file name when absent.")


class DirectorySource(StudioModel):
    """A folder of files of one format, or a zip of such a folder. Names tell the splits: a file
    or folder called train, validation (valid, val, dev) or test, as in `train-00000.parquet`;
    where no name does, all files together are `train`."""

    source: Literal["directory"] = "directory"
    path: str = Field(
        description="A folder, or a .zip file, below the server's root directory.",
        examples=["data/sql", "data/sql.zip"],
        json_schema_extra=ui(widget="path"),
    )
    format: FileFormat | None = Field(
        None, description="Which files to take, where there are several formats."
    )


class HubSource(StudioModel):
    """A dataset of the Hugging Face hub, pinned to a revision once it is resolved."""

    source: Literal["hub"] = "hub"
    repo_id: str = Field(
        pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?$",
        examples=["gretelai/synthetic_text_to_sql"],
    )
    config: str | None = Field(None, description="The subset, where the dataset has several.")
    revision: str | None = Field(None, description="Branch, tag or commit; main when absent.")
    splits: list[str] | None = Field(
        None, min_length=1, description="The splits to import; all of them when absent."
    )


DatasetSource = Annotated[FileSource | DirectorySource | HubSource, Field(discriminator="source")]
LocalSource = Annotated[FileSource | DirectorySource, Field(discriminator="source")]


class DerivedSource(StudioModel):
    """A cleaned copy of another dataset (`POST datasets/{id}/apply`)."""

    source: Literal["derived"] = "derived"
    dataset_id: str
    dataset: str = Field(description="Its name at that time.")
    content_hash: str | None = Field(None, description="What the copy was made from.")
    steps: list[str] = Field([], description="What was done, in words.")


StoredSource = Annotated[
    FileSource | DirectorySource | HubSource | DerivedSource, Field(discriminator="source")
]


class Conversation(StudioModel):
    """Make columns of text from a column of messages (OpenAI's `messages`, ShareGPT's
    `conversations`): `system`, `history` (earlier turns), `user` and `assistant`. Columns that
    stay empty in all rows are left out, and the messages themselves are not kept."""

    column: str
    answers: Literal["last", "each"] = Field(
        "last",
        description="One row for each conversation, with its last answer; or one for each answer.",
    )


class DatasetCreate(StudioModel):
    """Import a dataset. The source is never changed: columns are renamed and dropped in the
    imported copy."""

    name: Name | None = Field(None, description="Taken from the source when absent.")
    source: DatasetSource
    columns: dict[str, str | None] = Field(
        {},
        description="{column: new name, or null to leave it out}; others stay as they are. With "
        "`conversation`, these are the columns that it makes.",
        examples=[{"sql": "answer", "id": None}],
    )
    conversation: Conversation | None = None
    delete_source: bool = Field(
        False,
        description="Delete the files after a successful import; for files in the uploads folder "
        "(see `uploads_path` of the status) only.",
    )
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


class SourceFile(StoredModel):
    """A file of the source as it was when it was imported."""

    path: str = Field(description="As the file browser shows it.")
    size: int
    modified_ns: int
    sha256: str | None = Field(None, description="Absent for large files.")


class Dataset(Record):
    """An imported dataset: an immutable Arrow copy below `datasets/<id>/` in the workspace."""

    source: StoredSource
    column_changes: dict[str, str | None] = Field(
        {}, description="Columns renamed or left out when it was imported."
    )
    conversation: Conversation | None = None
    source_files: list[SourceFile] = Field([], description="Empty for the hub and for uploads.")
    uploaded: bool = Field(False, description="Its source was uploaded for the import alone.")
    source_changed: bool | None = Field(
        None,
        description="Whether the source differs from what was imported. Told for a single dataset "
        "only; absent where there is no local source.",
    )
    source_note: str | None = Field(None, description="What has changed and what to do about it.")
    state: Literal["importing", "ready", "failed"] = "ready"
    error: str | None = None
    job_id: str | None = Field(
        None, description="Its import job, where it was not imported at once."
    )
    columns: list[Column] = []
    splits: list[Split] = []
    rows: int = 0
    bytes: int = 0
    content_hash: str | None = Field(None, description="SHA-256 over all split files.")
    source_revision: str | None = Field(None, description="The hub commit that was imported.")
    notes: list[str] = Field([], description="What the import has left out, in sentences.")
    findings: int | None = Field(
        None, description="How many findings the doctor has; null where it was never asked."
    )


class DatasetPatch(StudioModel):
    """What people may change about a dataset."""

    name: Name | None = None


class RowsPage(StoredModel):
    """Rows `offset … offset + len(rows)` of one split, each as a JSON object. Of a search, the
    hits with these numbers: `total` counts the hits found so far, all of them when `complete`."""

    split: str
    offset: int
    total: int
    rows: list[dict[str, Any]]
    indices: list[int] = Field([], description="Each row's place in the split, counted from 0.")
    next_offset: int | None = Field(
        None, description="Where the next page begins; null at the end."
    )
    complete: bool = Field(
        True, description="False: the search took its time; ask for the next page to go on."
    )
    searched: int | None = Field(None, description="Rows of the split that were searched so far.")


RecognisedFormat = Literal[
    "prompt_completion",
    "alpaca",
    "messages",
    "sharegpt",
    "turns",
    "preference",
    "question_answer",
]


class Recognised(StoredModel):
    """A format that people publish training data in, and how it is used here."""

    format: RecognisedFormat
    label: str = Field(description="Its name for people, for example Alpaca.")
    message: str = Field(description="What is where, and what becomes of it.")
    roles: dict[str, str] = Field(
        {}, description="{role: column}: prompt, completion, instruction, input, chosen …"
    )
    conversation: Conversation | None = Field(
        None, description="Send this with the import to get columns of text."
    )


class PeekRequest(StudioModel):
    """Look into files before they are imported."""

    source: LocalSource
    conversation: Conversation | None = Field(None, description="Show the columns it would make.")
    limit: int = Field(20, ge=1, le=100, description="Rows to show.")


class PeekedSplit(StoredModel):
    """A split as the file names tell it."""

    name: str
    files: list[str]
    bytes: int
    rows: int | None = Field(None, description="Known for Parquet and Arrow files.")


class Peek(StoredModel):
    """The first rows of what would be imported; types are those of these rows, and may widen."""

    format: FileFormat
    splits: list[PeekedSplit]
    ignored: list[str] = Field([], description="Files of a folder that hold no data.")
    columns: list[Column]
    rows: list[dict[str, Any]]
    recognised: Recognised | None = None
    bytes: int
    as_job: bool = Field(description="Whether the import will be a job, for its size.")
    name: str = Field(description="The name that the dataset gets when none is given.")


class ReimportRequest(StudioModel):
    """Import a dataset's source again, as a new dataset; the old one stays."""

    name: Name | None = Field(None, description="A free name like the old one when absent.")
    request_id: str | None = Field(None, max_length=128)
