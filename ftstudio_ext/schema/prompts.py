"""Prompts: how a dataset row becomes the text a model reads and the text it should write."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .common import Name, Record, StoredModel, StudioModel, ui

_TEMPLATE_HELP = "Text with {column} placeholders; write {{ and }} for literal braces."


class PromptTemplates(StudioModel):
    """The pair of templates: what the model is given, and what it learns to answer."""

    prompt_template: str = Field(
        description=_TEMPLATE_HELP,
        min_length=1,
        max_length=200_000,
        json_schema_extra=ui(widget="template"),
    )
    completion_template: str = Field(
        description=_TEMPLATE_HELP,
        min_length=1,
        max_length=200_000,
        json_schema_extra=ui(widget="template"),
    )


class PromptCreate(PromptTemplates):
    """Save a prompt for a dataset."""

    name: Name
    dataset: str = Field(description="Id or name of the dataset whose columns are used.")


class PromptPatch(StudioModel):
    """What people may change about a prompt."""

    name: Name | None = None
    prompt_template: str | None = Field(None, min_length=1, max_length=200_000)
    completion_template: str | None = Field(None, min_length=1, max_length=200_000)


class Prompt(Record):
    """A stored prompt. Jobs keep a copy of the templates they ran with."""

    dataset_id: str
    prompt_template: str
    completion_template: str


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


class PreviewRequest(StudioModel):
    """Render templates on one row; a random one when `row` is absent."""

    dataset: str
    prompt: str | None = Field(None, description="Id or name of a stored prompt, or …")
    prompt_template: str | None = None
    completion_template: str | None = None
    split: str | None = None
    row: int | None = Field(None, ge=0)
    seed: int | None = None


class Preview(StoredModel):
    """One rendered row."""

    split: str
    row: int
    total: int
    values: dict[str, Any]
    prompt: str
    completion: str
