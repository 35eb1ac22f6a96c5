"""What the dataset doctor finds in a dataset: columns, lengths, findings, remedies."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from .common import Name, StoredModel, StudioModel, Timestamp, now
from .jobs import Job

FindingCode = Literal[
    "empty_rows",
    "empty_cells",
    "duplicates",
    "near_duplicates",
    "leaked_rows",
    "constant_column",
    "id_like_column",
    "mostly_empty_column",
    "imbalanced_column",
    "extreme_lengths",
    "too_long",
]
FixKind = Literal["drop_rows", "dedupe", "drop_leaked", "drop_columns", "set_max_length"]


class ProfileRequest(StudioModel):
    """Examine a dataset; with a base model and a prompt also how many tokens its rows have."""

    model: str | None = Field(None, description="Id or name of a base model: its tokenizer.")
    prompt: str | None = Field(None, description="Id or name of a prompt: the columns in use.")
    max_length: int | None = Field(
        None, ge=1, description="Tokens; the limit whose consequences are judged."
    )
    near_duplicates: bool = Field(True, description="Look for rows that differ little.")
    request_id: str | None = Field(None, max_length=128)


class RowRef(StoredModel):
    """One row of one split, and the beginning of what it says."""

    split: str
    row: int
    text: str = ""
    same_as: int | None = Field(None, description="The row that it repeats, …")
    same_as_split: str | None = Field(None, description="… and the split of that row.")


class DataFix(BaseModel):
    """What a button beside a finding does; send it back to `apply` as it is. `set_max_length` is
    for the training form: it changes no data."""

    kind: FixKind
    label: str = Field("", description="What the button says.")
    finding: str | None = Field(None, description="Id of the finding whose rows are dropped.")
    columns: list[str] = Field([], description="Columns that are dropped.")
    max_length: int | None = Field(None, description="Tokens, for set_max_length.")


class Finding(StoredModel):
    """One thing that is wrong, or may be."""

    id: str = Field(
        description="Unique in its profile: the code, with the column where it has one."
    )
    code: FindingCode
    level: Literal["warning", "info"]
    message: str = Field(description="A sentence with the numbers in it.")
    count: int = Field(description="Rows concerned; of a column, its rows.")
    share: float = Field(description="`count` as a part of the rows that were looked at.")
    column: str | None = None
    rows: list[RowRef] = Field([], description="Some of them.")
    remedy: str
    fix: DataFix | None = Field(None, description="The remedy in one click, where there is one.")


class Quantiles(StoredModel):
    """How a quantity is spread; whole numbers for lengths."""

    min: float
    p25: float
    p50: float
    p75: float
    p95: float
    p99: float
    max: float
    mean: float


class Histogram(StoredModel):
    """`counts[i]` values lie from `edges[i]` up to, not including, `edges[i + 1]`; the last bin
    includes its end."""

    edges: list[float]
    counts: list[int]


class ValueCount(StoredModel):
    """A value, as text, and its rows."""

    value: str | None
    count: int


class ColumnProfile(StoredModel):
    """One column over all splits."""

    name: str
    type: str
    used: bool | None = Field(None, description="Whether the prompt asks for it; null without one.")
    nulls: int = Field(description="Rows without a value; NaN counts as none.")
    blank: int = Field(description="Rows with text that is only white space, or an empty list.")
    distinct: int
    distinct_is_estimate: bool = False
    numbers: Quantiles | None = Field(
        None, description="Of numeric columns; min, max and mean of all, the rest of a sample."
    )
    characters: Quantiles | None = Field(None, description="Lengths of text columns.")
    histogram: Histogram | None = Field(
        None, description="Of the lengths in characters, for text columns."
    )
    top: list[ValueCount] = Field([], description="Most frequent values, where there are few.")


class SplitProfile(StoredModel):
    """One split."""

    name: str
    rows: int
    bytes: int


class LimitShare(StoredModel):
    """What a max length would leave out."""

    max_length: int
    too_long: int = Field(description="Counted rows that do not fit: training leaves them out.")
    share: float


class TokenLengths(StoredModel):
    """Tokens of whole rows: prompt, completion and end, as training reads them."""

    model: str
    model_id: str
    prompt: str
    prompt_id: str
    rows: int = Field(description="Rows that were counted.")
    is_sample: bool = Field(description="Whether they were drawn at random out of more.")
    tokens: Quantiles
    histogram: Histogram
    limits: list[LimitShare] = []
    context_length: int | None = None
    max_length: int | None = Field(None, description="The limit that was asked about.")
    proposed_max_length: int


class Profile(StoredModel):
    """Everything that the doctor has found in one dataset, for one content hash."""

    dataset_id: str
    content_hash: str | None
    created_at: Timestamp = Field(default_factory=now)
    job_id: str | None = None
    seconds: float = 0.0
    rows: int
    splits: list[SplitProfile]
    columns: list[ColumnProfile]
    compared_by: list[str] = Field([], description="Columns by which rows were called the same.")
    notes: list[str] = Field([], description="What was sampled, estimated or left out, in words.")
    findings: list[Finding] = Field([], description="Warnings first, then by their rows.")
    tokens: TokenLengths | None = None
    marks_file: str | None = Field(
        None, description="Arrow file beside it with the rows of all findings."
    )


class DatasetProfile(StoredModel):
    """The newest profile, and the job that makes or failed to make the next one."""

    dataset_id: str
    profile: Profile | None = Field(None, description="null: never examined.")
    job: Job | None = Field(None, description="The newest profile job; its progress counts rows.")


class ApplyRequest(StudioModel):
    """Make a cleaned copy of a dataset: `fixes` as they stand in the profile's findings."""

    fixes: list[DataFix] = Field(min_length=1, max_length=200)
    name: Name | None = Field(None, description="`<name>-clean` when absent.")
    copy_prompts: bool = Field(True, description="Also copy the dataset's prompts that still fit.")
    request_id: str | None = Field(None, max_length=128)


class FixOutcome(StoredModel):
    """What one remedy did."""

    kind: FixKind
    finding: str | None = None
    columns: list[str] = []
    dropped_rows: dict[str, int] = Field({}, description="{split: rows}")


class CleanSpec(StudioModel):
    """A light job of the type `clean`: writes the copy."""

    dataset: str
    fixes: list[DataFix] = Field(min_length=1, max_length=200)
    name: Name | None = None
    copy_prompts: bool = True


class ProfileSpec(StudioModel):
    """A light job of the type `profile`: examines a dataset."""

    dataset: str
    model: str | None = None
    prompt: str | None = None
    max_length: int | None = Field(None, ge=1)
    near_duplicates: bool = True


class ResolvedProfile(StoredModel):
    """`resolved` of a profile job."""

    dataset: dict[str, Any]
    dataset_dir: str
    base_model: dict[str, Any] | None = None
    prompt: dict[str, Any] | None = None


class ResolvedCleaning(StoredModel):
    """`resolved` of a clean job: `dataset` is what it makes, `origin` what it reads."""

    dataset: dict[str, Any]
    dataset_dir: str
    origin: dict[str, Any]
    origin_dir: str
    marks: str | None = Field(None, description="Absolute path of the profile's marks.")
