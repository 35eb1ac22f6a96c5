"""A kept comparison as a client call, and as a magic line where that can say it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.code import Code, CodeFormat
from ftstudio_ext.schema.comparisons import Comparison, ComparisonColumn
from ftstudio_ext.schema.generation import GenerationSettings

from . import forms
from .made import made, reference

if TYPE_CHECKING:
    from ..studio import Studio

OPTIONS = frozenset(
    {"base_model", "question", "expected", "max_new_tokens", "temperature"},
)
"""What `%ftstudio compare` has an option for, of a question of one's own."""


def comparison_code(studio: Studio, id_or_name: str, format: CodeFormat) -> Code:
    """The same question once more; raises InvalidInput for formats that cannot say it."""
    comparison = studio.comparisons.get(id_or_name)
    adapters, fields = _columns(studio, comparison)
    fields |= _question(studio, comparison) | _settings(comparison)
    flat = {**fields, **fields.get("generation", {})} if _one_setting(fields) else fields
    words = {name: value for name, value in flat.items() if name != "generation"}
    sayable = _one_setting(fields) and "columns" not in fields and words.keys() <= OPTIONS
    formats: list[CodeFormat] = ["magic", "client"] if sayable else ["client"]
    if format not in formats:
        raise InvalidInput(
            f"There is no code of the format “{format}” for this comparison.",
            field="format",
            remedy=f"Use one of: {', '.join(formats)}.",
        )
    notes = _notes(comparison)
    if format == "client":
        text = forms.client(
            "compare", fields, "comparison", positional=adapters, notes=notes, name="comparison"
        )
    else:
        text = magic_line(adapters, words)
    return made(format, comparison.name, text, notes, formats)


def _one_setting(fields: dict[str, Any]) -> bool:
    return isinstance(fields.get("generation", {}), dict)


def _columns(studio: Studio, comparison: Comparison) -> tuple[list[str], dict[str, Any]]:
    """Adapters beside their base model, or every column by itself."""
    columns = comparison.columns
    adapters = [_adapter(studio, column) for column in columns if column.adapter_id]
    base = reference(studio.models.get, columns[0].base_model_id, columns[0].base_model_name)
    special = any(
        column.checkpoint is not None or column.prompt_id or column.generation for column in columns
    )
    one_base = len({column.base_model_id for column in columns}) == 1
    alone = [column.adapter_id is None for column in columns]
    if not special and one_base and alone == [True] + [False] * len(adapters):
        return adapters, {"base_model": base}
    return [], {"columns": [_column(studio, column) for column in columns]}


def _adapter(studio: Studio, column: ComparisonColumn) -> str:
    return reference(studio.adapters.get, str(column.adapter_id), column.adapter_name)


def _column(studio: Studio, column: ComparisonColumn) -> dict[str, Any]:
    base = reference(studio.models.get, column.base_model_id, column.base_model_name)
    said: dict[str, Any] = {"base_model": base}
    if column.adapter_id:
        said["adapter"] = _adapter(studio, column)
    if column.checkpoint is not None:
        said["checkpoint"] = column.checkpoint
    if column.prompt_id:
        said["prompt"] = reference(studio.prompts.get, column.prompt_id)
    if column.generation:
        said["generation"] = _changed(column.generation)
    return said


def _question(studio: Studio, comparison: Comparison) -> dict[str, Any]:
    """Rows of a dataset where there are several, or each column has a prompt of its own; else the
    question as it was asked."""
    questions = comparison.questions
    first = questions[0]
    if comparison.dataset_id and (len(questions) > 1 or first.prompts):
        optional: list[tuple[str, str | None, Callable[[str], Any], str | None]] = [
            ("dataset", comparison.dataset_id, studio.datasets.get, comparison.dataset_name),
            ("prompt", comparison.prompt_id, studio.prompts.get, comparison.prompt_name),
        ]
        said: dict[str, Any] = {
            field: reference(get, key, name) for field, key, get, name in optional if key
        }
        if first.split:
            said["split"] = first.split
        return said | {"rows": [question.row for question in questions]}
    said = {"question": first.messages or first.prompt}
    return said | ({"expected": first.expected} if first.expected is not None else {})


def _settings(comparison: Comparison) -> dict[str, Any]:
    said: dict[str, Any] = {}
    generation = [_changed(settings) for settings in comparison.generation]
    if generation != [{}]:
        said["generation"] = generation[0] if len(generation) == 1 else generation
    if comparison.precision != "auto":
        said["precision"] = comparison.precision
    if comparison.exact:
        said["exact"] = True
    return said


def _changed(settings: GenerationSettings) -> dict[str, Any]:
    return settings.model_dump(mode="json", exclude_defaults=True)


def magic_line(adapters: list[str], words: dict[str, Any]) -> str:
    """`%ftstudio compare …` with options."""
    said = ["%ftstudio", "compare", *map(shlex.quote, adapters)]
    for name, value in words.items():
        said += [f"--{name.replace('_', '-')}", shlex.quote(str(value))]
    return " ".join(said) + "\n"


def _notes(comparison: Comparison) -> list[str]:
    only = comparison.questions[0]
    if len(comparison.questions) == 1 and only.values and not only.prompts:
        return ["Scores that read other columns of the question's row are not repeated."]
    return []
