"""Comparisons: a base model and any number of adapters answer the same questions side by side."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from .common import Name, Record, StoredModel, StudioModel, Timestamp, now
from .errors import ErrorInfo
from .evaluation_results import MlflowLink
from .evaluations import SqlExecution
from .generation import GenerationSettings
from .inference import InferencePrecision

TaskKind = Literal["auto", "none", "sql", "json", "label"]
StopReason = Literal["end", "limit", "cancelled", "error"]
ComparisonState = Literal["running", "done", "cancelled", "failed"]

MAX_COLUMNS = 16
MAX_ROWS = 500


class ChatMessage(StudioModel):
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class CompareColumn(StudioModel):
    """Who answers: a base model alone, or with an adapter."""

    base_model: str = Field(description="Id or name.")
    adapter: str | None = Field(None, description="Id or name; the base model alone when absent.")
    checkpoint: int | None = Field(
        None, ge=0, description="Step of a checkpoint of the run that made the adapter."
    )
    prompt: str | None = Field(
        None, description="Id or name of a prompt for dataset rows, instead of the common one."
    )
    generation: GenerationSettings | None = Field(
        None, description="Instead of the common settings."
    )
    label: str | None = Field(None, max_length=120, description="Made from the names when absent.")


class Question(StudioModel):
    """A question in free text, or as a chat."""

    text: str | None = Field(None, max_length=1_000_000)
    messages: list[ChatMessage] | None = Field(None, min_length=1, max_length=200)
    expected: str | None = Field(None, description="The completion that would be right.")
    values: dict[str, Any] = Field(
        {}, description="The dataset row it comes from; task metrics read their columns here."
    )
    dataset: str | None = Field(None, description="Id or name, where it comes from a row.")
    prompt: str | None = Field(None, description="Id or name of the prompt that rendered it.")
    split: str | None = None
    row: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _one_form(self) -> Question:
        if (self.text is None) == (self.messages is None):
            raise ValueError("give either text or messages")
        return self


class RowsQuestion(StudioModel):
    """Questions from the rows of a dataset."""

    dataset: str = Field(description="Id or name.")
    prompt: str | None = Field(
        None, description="Id or name; that of the first adapter when absent."
    )
    split: str | None = Field(
        None, description="When absent: the test rows that the adapters' training set aside."
    )
    rows: list[int] | None = Field(
        None, min_length=1, max_length=MAX_ROWS, description="Chosen rows, counted from 0 …"
    )
    count: int = Field(1, ge=1, le=MAX_ROWS, description="… or so many, drawn at random.")
    seed: int = Field(42, ge=0, lt=2**32)


class TaskMetric(StudioModel):
    """How answers are judged besides their text."""

    kind: TaskKind = Field(
        "auto", description="Auto: by the look of the expected answer and of the row."
    )
    sql: SqlExecution | None = Field(
        None, description="Where the row holds its database; found by itself when absent."
    )


class CompareRequest(StudioModel):
    """Ask a question, or some rows of a dataset, in all columns."""

    name: Name | None = Field(None, description="Made from the columns when absent.")
    columns: list[CompareColumn] = Field(min_length=1, max_length=MAX_COLUMNS)
    question: Question | None = Field(None, description="Either a question of one's own, …")
    rows: RowsQuestion | None = Field(None, description="… or rows of a dataset.")
    generation: list[GenerationSettings] = Field(
        [GenerationSettings()],
        min_length=1,
        max_length=8,
        description="With several, each column answers each question once with each of them.",
    )
    precision: InferencePrecision = Field(
        "auto", description="Auto: as the first adapter was trained; 16 bits without adapters."
    )
    exact: bool = Field(
        False,
        description="One answer at a time: answers do not depend on what else is in the batch.",
    )
    task: TaskMetric = TaskMetric()
    save: bool = Field(True, description="Keep the comparison, to open or export it again.")

    @model_validator(mode="after")
    def _one_source(self) -> CompareRequest:
        if (self.question is None) == (self.rows is None):
            raise ValueError("give either a question or rows")
        return self


# --- answers -----------------------------------------------------------------------------------


class AnswerKey(StoredModel):
    """Which answer: places in the comparison's `columns`, `questions` and `generation`."""

    column: int
    row: int
    setting: int = 0


class DiffPiece(StoredModel):
    """`same` in both; `missing`: only expected; `extra`: only in the answer."""

    kind: Literal["same", "missing", "extra"]
    text: str


class TaskScore(StoredModel):
    """The task's own verdict; `passed` is absent where it cannot be judged."""

    kind: TaskKind
    passed: bool | None = None
    message: str | None = None


class AnswerMetrics(StoredModel):
    """How an answer came about, and how it compares with the expected completion."""

    prompt_tokens: int = 0
    tokens: int = 0
    first_token_s: float | None = Field(None, description="From the start of its batch.")
    seconds: float = 0.0
    tokens_per_s: float | None = Field(None, description="Absent for fewer than two tokens.")
    stop_reason: StopReason = "end"
    mixed: bool = Field(False, description="Written in one batch with other columns.")
    exact: bool | None = None
    normalized: bool | None = Field(
        None, description="Equal but for white space, letter case, a final . or ;, and fences."
    )
    similarity: float | None = Field(None, description="0 to 1, by common characters.")
    expected_probability: float | None = Field(
        None, description="Of the whole expected completion, for short ones such as labels."
    )
    task: TaskScore | None = None
    diff: list[DiffPiece] | None = None


class Answer(StoredModel):
    """An answer as it is kept."""

    answer: AnswerKey
    text: str = ""
    metrics: AnswerMetrics = AnswerMetrics()
    error: ErrorInfo | None = None


class AskedQuestion(StoredModel):
    """A question as it was asked. `prompts` has one text a column where they differ."""

    split: str | None = None
    row: int | None = Field(None, description="The dataset's row, counted from 0.")
    prompt: str
    prompts: list[str] | None = None
    messages: list[dict[str, Any]] | None = None
    expected: str | None = None
    values: dict[str, Any] = {}


class ComparisonColumn(StoredModel):
    """A column with its names looked up."""

    label: str
    base_model_id: str
    base_model_name: str
    adapter_id: str | None = None
    adapter_name: str | None = None
    checkpoint: int | None = None
    prompt_id: str | None = None
    generation: GenerationSettings | None = None


class Vote(StoredModel):
    """The better answer to a question; no column: none was better."""

    row: int = Field(ge=0)
    setting: int = Field(0, ge=0)
    column: int | None = Field(None, ge=0)
    shown: list[int] = Field([], description="Columns in the order in which they were shown.")
    blind: bool = Field(False, description="Names were hidden.")
    at: Timestamp = Field(default_factory=now)


class ComparisonSummary(Record):
    """A comparison in lists."""

    named: bool = Field(False, description="A person has named it; others go when they are old.")
    state: ComparisonState = "running"
    error: ErrorInfo | None = None
    columns: list[ComparisonColumn]
    generation: list[GenerationSettings]
    precision: str
    exact: bool = False
    dataset_id: str | None = None
    dataset_name: str | None = None
    prompt_id: str | None = None
    prompt_name: str | None = None
    rows: int = Field(1, description="Number of questions.")
    votes: list[Vote] = []
    seconds: float | None = None


class Comparison(ComparisonSummary):
    """A comparison with its texts, which are kept in files of the workspace."""

    questions: list[AskedQuestion] = []
    answers: list[Answer] = []
    mlflow: MlflowLink | None = Field(None, description="Its newest run, once it was logged.")


class ComparisonPatch(StudioModel):
    """What people may change; `votes` replaces all votes."""

    name: Name | None = None
    votes: list[Vote] | None = Field(None, max_length=20_000)


# --- examples -------------------------------------------------------------------------------------


class ExampleRequest(StudioModel):
    """A row as a question; a random one that no adapter has trained on when `row` is absent."""

    dataset: str
    prompt: str
    adapters: list[str] = Field([], max_length=MAX_COLUMNS)
    split: str | None = None
    row: int | None = Field(None, ge=0)
    seed: int | None = None


class CompareExample(StoredModel):
    """The row, ready to be edited and sent as a `Question`."""

    split: str
    row: int
    total: int = Field(description="Rows that it was drawn from.")
    unseen: bool = Field(description="No adapter has trained on it, as far as is recorded.")
    note: str = Field(description="Where it comes from, in words.")
    prompt: str
    messages: list[ChatMessage] | None = None
    expected: str
    values: dict[str, Any]
