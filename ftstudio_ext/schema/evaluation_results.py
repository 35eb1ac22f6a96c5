"""What an evaluation has found: estimates with intervals, paired comparisons, verdicts, rows."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .common import StoredModel, Timestamp
from .jobs import JobState, Progress
from .scorers import MetricInfo

Outcome = Literal["win", "loss", "tie"]
ALL_SPLITS = "all"
"""Stands for all splits together where a split's name stands."""


class Estimate(StoredModel):
    """A metric of one system with its 95 % interval: Wilson for shares, else a seeded bootstrap."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = Field(0, description="Rows that have a value.")
    successes: int | None = Field(None, description="For shares.")


class SystemInfo(StoredModel):
    """Somebody who answered: a base model after so many examples, or an adapter."""

    key: str
    label: str
    base_model: str = ""
    adapter: str | None = None
    adapter_id: str | None = None
    shots: int = 0


class Score(StoredModel):
    """How one system did on one split, or on all rows (`all`)."""

    system: str
    label: str
    adapter_id: str | None = None
    shots: int = 0
    split: str
    rows: int
    metrics: dict[str, Estimate] = {}
    new_tokens: int = 0
    seconds: float = Field(0, description="Spent generating.")


class PairedComparison(StoredModel):
    """Two systems on the same rows, paired row by row, by one metric."""

    system: str
    baseline: str
    split: str
    metric: str
    n: int
    value: float | None = None
    baseline_value: float | None = None
    difference: float | None = Field(None, description="System minus baseline.")
    low: float | None = Field(None, description="95 % interval of the difference.")
    high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = Field(
        None, description="After Holm's correction over all systems compared with the baseline."
    )
    test: str = Field("", description="The test's name, in words.")
    wins: int = Field(0, description="Rows on which the system is better than the baseline.")
    losses: int = 0
    ties: int = 0
    verdict: Literal["better", "worse", "different", "none"] = Field(
        "none", description="`different`: shown, but neither direction is better by itself."
    )
    sentence: str = ""


class GroupScore(StoredModel):
    """A metric of a system on the rows of one group: for plots by length and by category."""

    by: Literal["length", "category"]
    group: str
    order: int
    system: str
    metric: str
    estimate: Estimate


class Distribution(StoredModel):
    """A histogram of the rows' values: counts[i] lie between edges[i] and edges[i + 1]."""

    metric: str
    system: str
    edges: list[float]
    counts: list[int]


class Confusion(StoredModel):
    """Which label was answered (columns) where which was expected (rows)."""

    system: str
    labels: list[str]
    counts: list[list[int]]


class Plots(StoredModel):
    """Data of the plots, over all splits."""

    distributions: list[Distribution] = []
    groups: list[GroupScore] = []
    confusions: list[Confusion] = []


class MlflowLink(StoredModel):
    """Where MLflow shows something. `url` is relative to the Jupyter server's base URL and starts
    MLflow's own page inside it; absent where that is not installed."""

    tracking_uri: str
    experiment_id: str
    run_id: str
    url: str | None = None
    runs: dict[str, str] = Field({}, description="Run ids by system.")
    compare_url: str | None = Field(
        None, description="The baseline's and the first adapter's traces, row by row."
    )


class Timing(StoredModel):
    """Seconds in all attempts, by what they were spent on; loading is not among them."""

    generation: float = 0
    scoring: float = 0
    statistics: float = 0
    logging: float = 0


class Metrics(StoredModel):
    """`result/metrics.json`."""

    infos: list[MetricInfo] = Field([], description="The metrics, in the order of the table.")
    primary_metric: str = ""
    systems: list[SystemInfo] = []
    splits: list[str] = []
    scores: list[Score] = Field(description="Each system on each split.")
    overall: list[Score] = Field([], description="Each system on all rows.")
    comparisons: list[PairedComparison] = []
    baseline: str | None = Field(None, description="The strongest base system.")
    verdict: str = ""
    verdicts: list[PairedComparison] = Field(
        [], description="Each other system against the baseline, by the primary metric."
    )
    plots: Plots = Field(default_factory=Plots)
    notes: list[str] = Field([], description="What to keep in mind when reading the numbers.")
    precision: str
    device: str
    max_new_tokens: int
    batch_size: int
    seconds: float = Field(description="Generation in all attempts, without loading.")
    timing: Timing = Field(default_factory=Timing)


class ScoredRow(StoredModel):
    """A line of `result/rows.jsonl`: one answer, judged."""

    system: str
    split: str
    row: int
    text: str = Field(description="What the model wrote, special tokens aside.")
    answer: str = Field(description="What was judged: code fences and text around it stripped.")
    scores: dict[str, float | None] = Field(
        {}, description="By metric; null where the row cannot be judged by it."
    )
    notes: dict[str, str] = Field({}, description="By scorer: why the answer is wrong, in words.")
    stats: dict[str, list[float]] = Field(
        {}, description="By metric: what metrics of all rows together are computed from."
    )
    labels: list[str] | None = Field(None, description="Expected and given label.")
    stopped: bool
    new_tokens: int
    seconds: float = Field(description="Its share of its batch's time.")
    scoring_s: float = Field(0, description="Spent judging it.")


class AskedRow(StoredModel):
    """A line of `result/questions.jsonl`: a row as all systems were asked it."""

    split: str
    row: int
    prompt: str
    expected: str
    prompt_tokens: int = 0
    category: str | None = None
    values: dict[str, Any] = Field({}, description="The columns that are carried along.")


class EvaluationSummary(StoredModel):
    """An evaluation in a list."""

    job_id: str
    name: str
    state: JobState
    created_at: Timestamp
    finished_at: Timestamp | None = None
    progress: Progress | None = None
    base_model: str | None = None
    dataset: str | None = None
    prompt: str | None = None
    adapters: list[str] = []
    rows: int | None = Field(None, description="Asked; absent before the end.")
    verdict: str | None = Field(None, description="One sentence; absent before the end.")
    outcome: Literal["better", "worse", "different", "none"] | None = Field(
        None, description="Of the best adapter against the baseline."
    )


class Evaluation(EvaluationSummary):
    """An evaluation with all its numbers; `metrics` is absent before the end."""

    metrics: Metrics | None = None
    mlflow: MlflowLink | None = None


class EvaluationRow(StoredModel):
    """A row with the answers of all systems."""

    split: str
    row: int
    prompt: str
    expected: str
    category: str | None = None
    values: dict[str, Any] = {}
    answers: dict[str, ScoredRow] = Field({}, description="By system.")
    outcome: Outcome | None = Field(None, description="Of the system against the baseline.")
    difference: float | None = Field(
        None, description="By the metric, turned so that more is better."
    )


class EvaluationRowsPage(StoredModel):
    """A page of rows; the counts are of all rows that match, before the choice of outcome."""

    items: list[EvaluationRow]
    total: int
    metric: str
    system: str | None
    baseline: str | None
    wins: int = 0
    losses: int = 0
    ties: int = 0


class OtherEvaluation(StoredModel):
    """Another evaluation's systems against one of this, on the rows that both were asked."""

    job_id: str
    name: str
    rows: int
    shared_rows: int = Field(0, description="Asked in both, with the same expected answer.")
    other_prompt: bool = Field(False, description="Asked in the words of another prompt.")
    problem: str | None = Field(None, description="Why no difference is tested, in a sentence.")
    comparisons: list[PairedComparison] = []


class EvaluationAgainst(StoredModel):
    """Systems of other evaluations (`system` of the comparisons) against one of this evaluation
    (`baseline`), with Holm's correction over all of them."""

    metric: str
    system: str = Field(description="Of this evaluation, with which all are compared.")
    label: str
    others: list[OtherEvaluation] = []
