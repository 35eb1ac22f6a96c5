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
from .scorers import ResolvedScorerFile, ScorerFile
from .training import Tracking

Precision = Literal["auto", "4-bit", "8-bit", "16-bit", "32-bit"]


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


class MlflowSettings(StudioModel):
    """What of an evaluation goes to MLflow."""

    enabled: bool = Field(
        True,
        title="Log to MLflow",
        description="One run for each system below one parent, with the full table.",
        json_schema_extra=ui("tracking", order=1),
    )
    traced_rows: int = Field(
        20,
        ge=0,
        le=500,
        title="Traced rows",
        description="First, worst and random rows that MLflow shows one by one; about a quarter "
        "of a second each.",
        json_schema_extra=ui("tracking", order=2, unit="rows", advanced=True),
    )


class MoreSystems(StudioModel):
    """Another base model, with adapters of its own, on the same rows."""

    base_model: str
    adapters: list[str] = Field([], max_length=16)
    base_shots: list[int] = Field([0], max_length=4)

    @model_validator(mode="after")
    def _somebody_answers(self) -> MoreSystems:
        check_systems(self.adapters, self.base_shots)
        return self


def check_systems(adapters: list[str], base_shots: list[int]) -> None:
    """Raise ValueError when nobody would answer, or somebody twice."""
    if not adapters and not base_shots:
        raise ValueError("nobody would answer: give adapters, or base_shots, or both")
    if any(not 0 <= shots <= 32 for shots in base_shots):
        raise ValueError("base_shots are numbers of examples from 0 to 32")
    for field, values in (("adapters", adapters), ("base_shots", base_shots)):
        if len(set(values)) < len(values):
            raise ValueError(f"{field} names something twice")


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
    fraction: float | None = Field(
        None,
        gt=0,
        le=1,
        title="Fraction of rows",
        description="Part of each split instead of a number of rows.",
        json_schema_extra=ui("data", order=3, advanced=True),
    )
    category_column: str | None = Field(
        None,
        title="Category column",
        description="Scores are also given for each value of this column.",
        json_schema_extra=ui("data", order=5, widget="column"),
    )
    carry_columns: list[str] = Field(
        [],
        max_length=32,
        title="Columns to carry along",
        description="Shown with each row of the result, and in its exports.",
        json_schema_extra=ui("data", order=6, advanced=True, widget="columns"),
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

    scorers: list[str] | None = Field(
        None,
        min_length=1,
        max_length=64,
        title="Scorers",
        description="When absent: those that fit the expected answers.",
        json_schema_extra=ui("scoring", order=2, widget="scorers"),
    )
    primary_metric: str | None = Field(
        None,
        title="Metric of the verdict",
        description="When absent: the strictest that fits, such as execution accuracy for SQL.",
        json_schema_extra=ui("scoring", order=3, widget="metric"),
    )
    regex: str | None = Field(
        None,
        max_length=2000,
        title="Pattern",
        description="A regular expression that a good answer contains.",
        json_schema_extra=ui("scoring", order=4, advanced=True),
    )
    json_fields: list[str] = Field(
        [],
        max_length=64,
        title="JSON fields",
        description="Fields of a JSON answer to compare; all of the expected ones when empty.",
        json_schema_extra=ui("scoring", order=5, advanced=True),
    )
    scorer_files: list[ScorerFile] = Field(
        [],
        max_length=8,
        title="Scorer files",
        description="Python files with scorers of your own; they run in the job's process only.",
        json_schema_extra=ui("scoring", order=6, advanced=True, widget="scorer-files"),
    )
    more_systems: list[MoreSystems] = Field(
        [],
        max_length=4,
        title="Other base models",
        description="With adapters of their own; asked the same rows, one base after another.",
        json_schema_extra=ui("basics", order=7, advanced=True),
    )
    mlflow: MlflowSettings = Field(default_factory=MlflowSettings, title="MLflow")

    @model_validator(mode="after")
    def _somebody_answers(self) -> EvaluateSpec:
        check_systems(self.adapters, self.base_shots)
        if self.splits and len(set(self.splits)) < len(self.splits):
            raise ValueError("splits names something twice")
        bases = [self.base_model, *(more.base_model for more in self.more_systems)]
        if len(set(bases)) < len(bases):
            raise ValueError("more_systems names a base model twice")
        return self


class ResolvedSystems(StoredModel):
    """A base model and its adapters, looked up."""

    base_model: BaseModelRecord
    adapters: list[Adapter] = Field(default_factory=list)


class ResolvedEvaluation(ResolvedSystems):
    """`resolved` in the spec.json of an evaluation job: every name looked up once."""

    more_systems: list[ResolvedSystems] = Field(default_factory=list)
    dataset: Dataset
    dataset_dir: str = Field(description="Absolute folder with the dataset's Arrow files.")
    prompt: Prompt
    scorer_files: list[ResolvedScorerFile] = Field(default_factory=list)
    tracking: Tracking | None = None

    def all_adapters(self) -> list[Adapter]:
        """Of all base models."""
        groups = [self, *self.more_systems]
        return [adapter for group in groups for adapter in group.adapters]
