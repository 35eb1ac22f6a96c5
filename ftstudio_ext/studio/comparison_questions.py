"""The questions of a comparison: a free one, or rows of a dataset. Each is given to every column,
in the words of that column's prompt."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core import examples
from ftstudio_ext.core.answers import look
from ftstudio_ext.core.errors import InvalidInput, NotFound
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.core.unseen import unseen
from ftstudio_ext.schema.comparisons import (
    AskedQuestion,
    ChatMessage,
    CompareRequest,
    Comparison,
    RowsQuestion,
)
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.prompts import Message, Prompt, PromptContent, PromptTask

from .comparison_columns import Column

if TYPE_CHECKING:
    from .studio import Studio

LONGEST_VALUES = 20_000
"""Characters of a row that are kept whole; of longer ones the columns in use."""


def ask_freely(
    studio: Studio, request: CompareRequest, columns: Sequence[Column], comparison: Comparison
) -> list[list[dict[str, Any]]]:
    """Fill in the comparison's one question; what each column is given."""
    question = request.question
    assert question is not None
    declared, template = _trained_task(columns), None
    if question.dataset:
        dataset = studio.datasets.referred(question.dataset, "question.dataset")
        comparison.dataset_id, comparison.dataset_name = dataset.id, dataset.name
    if question.prompt:
        prompt = studio.prompts.referred(question.prompt, "question.prompt")
        comparison.prompt_id, comparison.prompt_name = prompt.id, prompt.name
        declared, template = prompt.task, prompt.chat_template
    messages = question.messages
    shown = question.text if messages is None else transcript(messages)
    comparison.questions = [
        AskedQuestion(
            split=question.split,
            row=question.row,
            prompt=shown or "",
            messages=[m.model_dump() for m in messages] if messages else None,
            expected=question.expected,
            values=question.values,
        )
    ]
    common = {"values": question.values, "expected": question.expected, "task": declared}
    if messages is None:
        return [[{"text": question.text, **common}] for _ in columns]
    contents = [
        chat_content(messages, _chat_template(column, columns) or template) for column in columns
    ]
    return [[{"content": content, **common}] for content in contents]


def chat_content(messages: Sequence[ChatMessage], template: str | None) -> dict[str, Any]:
    """Messages as a prompt without placeholders, whose answer is to be written."""
    turns = [Message(role=m.role, content=_literal(m.content)) for m in messages]
    answer = Message(role="assistant", content="-")
    content = PromptContent(mode="chat", messages=[*turns, answer], chat_template=template)  # type: ignore[arg-type]
    return content.model_dump(mode="json")


def transcript(messages: Sequence[ChatMessage]) -> str:
    """A conversation for people to read."""
    return "\n\n".join(f"{m.role.capitalize()}: {m.content}" for m in messages)


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _chat_template(column: Column, columns: Sequence[Column]) -> str | None:
    """The built-in chat template that the column's adapter was trained with; a base model goes
    with the first adapter that has one."""
    own = [column.adapter] if column.adapter else [other.adapter for other in columns]
    for adapter in own:
        found = adapter.manifest.prompt.get("chat_template") if adapter else None
        if isinstance(found, str):
            return found
    return None


def _trained_task(columns: Sequence[Column]) -> PromptTask:
    """What the prompt declares that the first adapter was trained with."""
    for column in columns:
        if column.adapter and column.adapter.manifest.prompt:
            return _known_content(column.adapter.manifest.prompt).task
    return "auto"


def _known_content(kept: Mapping[str, Any]) -> PromptContent:
    """The prompt as a run kept it."""
    fields = PromptContent.model_fields.keys() & kept.keys()
    return PromptContent.model_validate({name: kept[name] for name in fields})


async def ask_rows(
    studio: Studio, wanted: RowsQuestion, columns: Sequence[Column], comparison: Comparison
) -> list[list[dict[str, Any]]]:
    """Draw and render rows into the comparison's questions; what each column is given."""
    dataset = await in_thread(studio.datasets.referred, wanted.dataset, "rows.dataset")
    comparison.dataset_id, comparison.dataset_name = dataset.id, dataset.name
    common = await in_thread(_common_prompt, studio, wanted, columns, comparison)
    contents = [_content(column.prompt) if column.prompt else common for column in columns]
    names = [column.name for column in dataset.columns]
    for content in contents:
        examples.check_prompt(content, names, "prompt.")
    split, numbers = await in_thread(_numbers, studio, dataset, wanted, columns, contents)
    rows = await read_rows(studio, dataset, split, numbers)
    used = [name for content in contents for name in examples.placeholders_of(content)]
    for number, row in zip(numbers, rows, strict=True):
        texts = [examples.prompt_text(content, row) for content in contents]
        expected = examples.expected_completion(contents[0], row)
        comparison.questions.append(
            AskedQuestion(
                split=split,
                row=number,
                prompt=texts[0],
                prompts=texts if len(set(texts)) > 1 else None,
                messages=_messages(contents[0], row),
                expected=expected,
                values=_kept(row, used, expected, contents[0].task),
            )
        )
    return [
        [
            {
                "content": content.model_dump(mode="json"),
                "values": row,
                "expected": examples.expected_completion(content, row),
                "task": content.task,
            }
            for row in rows
        ]
        for content in contents
    ]


def _common_prompt(
    studio: Studio, wanted: RowsQuestion, columns: Sequence[Column], comparison: Comparison
) -> PromptContent:
    """The prompt that is named; else the one that the first adapter was trained with."""
    if wanted.prompt:
        prompt = studio.prompts.referred(wanted.prompt, "rows.prompt")
        comparison.prompt_id, comparison.prompt_name = prompt.id, prompt.name
        return _content(prompt)
    for column in columns:
        if column.adapter and column.adapter.manifest.prompt:
            kept = column.adapter.manifest.prompt
            comparison.prompt_name = str(kept.get("name") or "") or None
            try:
                comparison.prompt_id = studio.prompts.get(str(kept.get("id"))).id
            except NotFound:
                comparison.prompt_id = None
            return _known_content(kept)
    raise InvalidInput(
        "No prompt is named, and no adapter brings one.",
        field="rows.prompt",
        remedy="Choose a prompt of the dataset.",
    )


def _content(prompt: Prompt) -> PromptContent:
    return PromptContent.model_validate(prompt.model_dump())


def _numbers(
    studio: Studio,
    dataset: Dataset,
    wanted: RowsQuestion,
    columns: Sequence[Column],
    contents: Sequence[PromptContent],
) -> tuple[str, list[int]]:
    """(split, rows): those that are named, or unseen ones; never a prompt's own solved examples."""
    if wanted.split is not None or wanted.rows is not None:
        split = studio.datasets.split(dataset, wanted.split, "rows.split").name
        if wanted.rows is not None:
            return split, wanted.rows
    manifests = [column.adapter.manifest for column in columns if column.adapter]
    found = unseen(dataset, manifests, wanted.split)
    rows = list(found.rows)
    for content in contents:
        rows = list(examples.without_examples(content, found.split, rows))
    if not rows:
        raise InvalidInput(
            "All unseen rows stand in the prompt itself, as solved examples.",
            field="rows.rows",
            remedy="Choose rows yourself, or take examples out of the prompt.",
        )
    rng = random.Random(f"ftstudio comparison {wanted.seed}")
    return found.split, sorted(rng.sample(rows, min(wanted.count, len(rows))))


async def read_rows(
    studio: Studio, dataset: Dataset, split: str, numbers: Sequence[int]
) -> list[dict[str, Any]]:
    """Whole rows, in this order."""
    answer = await studio.helpers.call(
        "data",
        "named_rows",
        {
            "dataset_dir": str(studio.datasets.directory(dataset)),
            "split_file": studio.datasets.split(dataset, split, "split").file,
            "rows": list(numbers),
        },
    )
    rows: list[dict[str, Any]] = answer["rows"]
    return rows


def _messages(content: PromptContent, row: dict[str, Any]) -> list[dict[str, Any]] | None:
    if content.mode != "chat":
        return None
    return [dict(turn) for turn in examples.messages_of(content, row)[:-1]]


def _kept(
    row: dict[str, Any], used: Sequence[str], expected: str, task: PromptTask
) -> dict[str, Any]:
    """The row as it is kept with its answers: whole, or what the prompt and the task need."""
    if len(json.dumps(row, default=str)) <= LONGEST_VALUES:
        return row
    found = look([expected], [row], task)
    wanted = {*used, found.schema_column, found.rows_column}
    return {name: value for name, value in row.items() if name in wanted}
