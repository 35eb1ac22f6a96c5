"""Prompts: how a dataset row becomes the text a model reads and the text it should write."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from .checks import Check
from .common import Name, Record, StoredModel, StudioModel, ui
from .datasets import Recognised

_TEMPLATE_HELP = (
    "Text with {column} placeholders; {?column}…{/column} stands only where the column has a "
    "value; write {{ and }} for literal braces."
)
LONGEST_TEMPLATE = 200_000

Mode = Literal["text", "chat"]
ChatTemplateName = Literal["chatml", "headings"]
PromptTask = Literal["auto", "sql", "json", "label", "short", "text"]
_TASK_HELP = (
    "What kind of answers are asked for: decides how comparisons, evaluations and the samples of "
    "runs judge them. Auto: by the look of the expected answers."
)


class Message(BaseModel):
    """One turn of a conversation, with placeholders."""

    role: Literal["system", "user", "assistant"]
    content: str = Field(
        description=_TEMPLATE_HELP,
        max_length=LONGEST_TEMPLATE,
        json_schema_extra=ui(widget="template"),
    )


class SolvedExample(BaseModel):
    """A solved row in front of the question: where it comes from, and its values. Neither
    training nor evaluation asks that row."""

    split: str
    row: int
    values: dict[str, Any]


class PromptContent(BaseModel):
    """What turns a row into a prompt and its completion.

    Text mode: two templates. Chat mode: messages, rendered by a chat template; the last message
    is the assistant's, and is what the model learns to answer.
    """

    mode: Mode = "text"
    prompt_template: str = Field(
        "",
        description=f"Text mode. {_TEMPLATE_HELP}",
        max_length=LONGEST_TEMPLATE,
        json_schema_extra=ui(widget="template"),
    )
    completion_template: str = Field(
        "",
        description=f"Text mode. {_TEMPLATE_HELP}",
        max_length=LONGEST_TEMPLATE,
        json_schema_extra=ui(widget="template"),
    )
    messages: list[Message] = Field(
        [], description="Chat mode. The last one is the assistant's.", max_length=64
    )
    chat_template: ChatTemplateName | None = Field(
        None,
        description="Chat mode. The base model's own chat template when absent; a base model "
        "without one needs one of these.",
    )
    examples: list[SolvedExample] = Field(
        [], description="Solved rows in front of every question.", max_length=16
    )
    task: PromptTask = Field("auto", description=_TASK_HELP)


class PromptTemplates(PromptContent, StudioModel):
    """The same, as people send it."""


class PromptCreate(PromptTemplates):
    """Save a prompt for a dataset."""

    name: Name
    dataset: str = Field(description="Id or name of the dataset whose columns are used.")


class PromptPatch(StudioModel):
    """What people may change about a prompt."""

    name: Name | None = None
    mode: Mode | None = None
    prompt_template: str | None = Field(None, max_length=LONGEST_TEMPLATE)
    completion_template: str | None = Field(None, max_length=LONGEST_TEMPLATE)
    messages: list[Message] | None = Field(None, max_length=64)
    chat_template: ChatTemplateName | None = Field(
        None, description="null goes back to the base model's own."
    )
    examples: list[SolvedExample] | None = Field(None, max_length=16)
    task: PromptTask | None = Field(None, description=_TASK_HELP)


class Prompt(PromptContent, Record):
    """A stored prompt. Jobs keep a copy of the prompt that they ran with."""

    dataset_id: str


class SuggestRequest(StudioModel):
    """Ask for templates that fit a dataset."""

    dataset: str


class Suggestion(StoredModel):
    """Proposed templates, with the reason for each choice in words."""

    prompt_template: str
    completion_template: str
    input_columns: list[str]
    output_column: str
    ignored_columns: list[str]
    reasons: list[str]
    mode: Mode = Field("text", description="`chat` where the data are conversations.")
    messages: list[Message] = Field([], description="For chat mode; the templates stay usable.")
    recognised: Recognised | None = Field(
        None, description="The format that people publish such data in, if it is one."
    )
    task: PromptTask = Field("auto", description="Where the sampled answers leave no doubt.")


class PromptChoice(StudioModel):
    """A stored prompt, a draft, or a stored prompt with some fields changed."""

    dataset: str
    prompt: str | None = Field(None, description="Id or name of a stored prompt, or …")
    mode: Mode | None = None
    prompt_template: str | None = Field(None, max_length=LONGEST_TEMPLATE)
    completion_template: str | None = Field(None, max_length=LONGEST_TEMPLATE)
    messages: list[Message] | None = Field(None, max_length=64)
    chat_template: ChatTemplateName | None = None
    examples: list[SolvedExample] | None = Field(None, max_length=16)
    task: PromptTask | None = None


class ExamplesRequest(PromptChoice):
    """Draw solved rows to stand in front of every question."""

    n: int = Field(2, ge=1, le=16)
    seed: int = Field(0, description="Another seed draws other rows.")


class Examples(StoredModel):
    """Solved rows for the field `examples` of a prompt."""

    examples: list[SolvedExample]


class PreviewRequest(PromptChoice):
    """Render rows: those that are named, or random ones. With a model, also as its tokens."""

    split: str | None = None
    row: int | None = Field(None, ge=0, description="One row; the same as `rows` with one entry.")
    rows: list[int] | None = Field(None, min_length=1, max_length=20)
    n: int = Field(1, ge=1, le=20, description="How many random rows, where none are named.")
    seed: int | None = None
    model: str | None = Field(
        None, description="Id or name of a base model: rows are also shown as its tokens."
    )
    max_length: int | None = Field(None, ge=1, description="The limit of the run; tokens.")
    loss_on: Literal["completion", "all"] = "completion"
    checks: bool = Field(
        False, description="Also check the prompt over a sample of rows; needs `model`."
    )


class Token(StoredModel):
    """One token. The texts joined are what the model reads (some tokenizers put a space in
    front); a character that is made of several tokens stands with the first of them."""

    id: int
    text: str
    kind: Literal["prompt", "completion", "end"]
    learned: bool = Field(description="Whether the loss counts how well it is predicted.")
    special: str | None = Field(
        None, description="bos, eos, pad, unk; `special` for others, such as <|im_start|>."
    )


class TokenView(StoredModel):
    """A row exactly as training reads it."""

    tokens: list[Token]
    prompt_tokens: int
    completion_tokens: int = Field(description="With the end.")
    learned_tokens: int
    omitted: int = Field(
        0, description="Tokens in the middle of a very long row that are counted but not listed."
    )
    omitted_at: int | None = Field(None, description="Position of the first of them.")
    max_length: int | None = Field(None, description="The run's limit, or the model's context.")
    limit_at: int | None = Field(
        None, description="Position of the first token over the limit; absent when all fit."
    )
    outcome: Literal["used", "too_long", "nothing_to_learn"] = Field(
        description="What training does with it. Rows are left out whole, never cut."
    )


class RenderedMessage(StoredModel):
    """One turn with the row's values in place."""

    role: Literal["system", "user", "assistant"]
    content: str


class PreviewRow(StoredModel):
    """One rendered row. In chat mode `prompt` is what the chat template makes of the messages;
    without a model it is a plain transcript."""

    row: int
    values: dict[str, Any]
    prompt: str
    completion: str
    messages: list[RenderedMessage] = []
    tokens: TokenView | None = None


class CheckedSample(StoredModel):
    """How many rows the checks looked at."""

    rows: int
    total: int


class Preview(PreviewRow):
    """The first row, all rows, and what the checks found."""

    split: str
    total: int
    rows: list[PreviewRow] = []
    checks: list[Check] = []
    checked: CheckedSample | None = None
