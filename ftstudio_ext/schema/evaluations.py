"""Evaluation: a base model and adapters answer rows that they have not seen, and are judged."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from .adapters import Adapter
from .common import Name, StoredModel, StudioModel, ui
from .datasets import Dataset
from .generation import GenerationSettings
from .models import BaseModelRecord
from .prompts import Prompt

Precision = Literal["auto", "4-bit", "16-bit"]


class SqlExecution(StudioModel):
    """Judge SQL by what it returns: both answers run in an SQLite database in memory."""

    schema_column: str = Field(
        "sql_context",
        title="Schema column",
        description="Column with the CREATE TABLE (and INSERT) statements of a row.",
        json_schema_extra=ui("scoring", order=1),
    )
    rows_column: str | None = Field(
        None,
        title="Rows column",
        description="Column with further INSERT statements, where the schema column has none.",
        json_schema_extra=ui("scoring", order=2),
    )
    time_limit_s: float = Field(
        2.0,
        gt=0,
        le=60,
        title="Time limit per query",
        json_schema_extra=ui("scoring", order=3, unit="s", advanced=True),
    )


class EvaluateSpec(StudioModel):
    """An evaluation as people ask for it. Ids or unique names stand for objects."""

    name: Name = Field(title="Name", json_schema_extra=ui("basics", order=1))
    base_model: str = Field(
        title="Base model", json_schema_extra=ui("basics", order=2, widget="model")
    )
    adapters: list[str] = Field(
        [],
        max_length=16,
        title="Adapters",
        description="Adapters of this base model to judge.",
        json_schema_extra=ui("basics", order=3, widget="adapters"),
    )
    dataset: str = Field(title="Dataset", json_schema_extra=ui("basics", order=4, widget="dataset"))
    prompt: str = Field(title="Prompt", json_schema_extra=ui("basics", order=5, widget="prompt"))
    splits: list[str] | None = Field(
        None,
        min_length=1,
        title="Splits",
        description="When absent: the test rows that the first adapter's training set aside.",
        json_schema_extra=ui("data", order=1),
    )
    rows: int = Field(
        100,
        ge=1,
        title="Rows per split",
        description="Drawn at random; all of them where a split has fewer.",
        json_schema_extra=ui("data", order=2),
    )
    seed: int = Field(
        42, ge=0, lt=2**32, title="Seed", json_schema_extra=ui("data", order=3, advanced=True)
    )
    allow_training_rows: bool = Field(
        False,
        title="Allow training rows",
        description="Judge an adapter on rows it was trained on, too. Its score then says nothing "
        "about new rows.",
        json_schema_extra=ui("data", order=4, advanced=True),
    )
    base_shots: list[int] = Field(
        [0],
        max_length=4,
        title="Base model with examples",
        description="The base model answers once for each entry, with so many solved training "
        "rows in front of the question. Empty leaves the base model out.",
        json_schema_extra=ui("basics", order=6),
    )
    precision: Precision = Field(
        "auto",
        title="Precision",
        description="Auto: as the first adapter was trained; 16 bits without adapters.",
        json_schema_extra=ui("generation", order=1, advanced=True),
    )
    batch_size: int = Field(
        16,
        ge=1,
        le=512,
        title="Batch size",
        json_schema_extra=ui("generation", order=2, unit="rows", advanced=True),
    )
    generation: GenerationSettings | None = Field(
        None,
        title="Generation",
        description="When absent: greedy, with room for all but the longest 1 % of the expected "
        "answers.",
        json_schema_extra=ui("generation", order=3, advanced=True),
    )
    sql: SqlExecution | None = Field(
        None,
        title="SQL execution",
        description="Also judge SQL by its result.",
        json_schema_extra=ui("scoring", order=1),
    )

    @model_validator(mode="after")
    def _somebody_answers(self) -> EvaluateSpec:
        if not self.adapters and not self.base_shots:
            raise ValueError("nobody would answer: give adapters, or base_shots, or both")
        if any(not 0 <= shots <= 32 for shots in self.base_shots):
            raise ValueError("base_shots are numbers of examples from 0 to 32")
        for field in ("adapters", "splits", "base_shots"):
            values = getattr(self, field) or []
            if len(set(values)) < len(values):
                raise ValueError(f"{field} names something twice")
        return self


class ResolvedEvaluation(StoredModel):
    """`resolved` in the spec.json of an evaluation job: every name looked up once."""

    base_model: BaseModelRecord
    adapters: list[Adapter] = Field(default_factory=list)
    dataset: Dataset
    dataset_dir: str = Field(description="Absolute folder with the dataset's Arrow files.")
    prompt: Prompt


class Rate(StoredModel):
    """A share of rows with its 95 % interval (Wilson score interval)."""

    value: float
    low: float
    high: float
    successes: int
    n: int


class Score(StoredModel):
    """How one system did on one split."""

    system: str
    label: str
    adapter_id: str | None = None
    shots: int = 0
    split: str
    rows: int
    exact_match: Rate
    execution: Rate | None = Field(None, description="Absent without SQL execution.")
    stopped: Rate = Field(description="Ended by themselves, before the length limit.")
    seconds: float = Field(description="Time spent generating.")
    new_tokens: int = 0
    expected_not_executable: int = Field(0, description="Left out of `execution`.")


class Metrics(StoredModel):
    """`result/metrics.json`."""

    scores: list[Score]
    precision: str
    device: str
    max_new_tokens: int
    batch_size: int
    seconds: float = Field(description="Generation in all attempts, without loading.")


class ScoredRow(StoredModel):
    """A line of `result/rows.jsonl`."""

    system: str
    split: str
    row: int
    expected: str
    text: str = Field(description="What the model wrote, special tokens aside.")
    answer: str = Field(description="What was judged: code fences and text around it stripped.")
    exact_match: bool
    execution: bool | None = None
    error: str | None = Field(None, description="Why the answer could not be executed.")
    stopped: bool
    new_tokens: int
    seconds: float
