"""A comparison, from what is asked for to what the models are given: one round for each base
model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.schema.comparisons import CompareRequest, Comparison, TaskKind, TaskMetric
from ftstudio_ext.schema.models import BaseModelRecord
from ftstudio_ext.schema.prompts import PromptTask
from ftstudio_ext.store.ids import new_id

from .answerers import LoadedAdapter, precision_for
from .comparison_columns import Column, columns_of, shown
from .comparison_questions import ask_freely, ask_rows

if TYPE_CHECKING:
    from .studio import Studio


@dataclass
class Round:
    """What one base model is asked: the arguments of `Inference.answer`."""

    model: BaseModelRecord
    precision: str
    adapters: list[LoadedAdapter]
    work: dict[str, Any]


@dataclass
class Plan:
    """The comparison as it begins, and its rounds."""

    comparison: Comparison
    rounds: list[Round] = field(default_factory=list)


async def plan(studio: Studio, request: CompareRequest, name: str) -> Plan:
    """Look up everything, draw and render the rows; raises InvalidInput before anything is
    loaded."""
    columns = await in_thread(columns_of, studio, request)
    adapters = [column.adapter for column in columns if column.adapter]
    precision = precision_for(request.precision, adapters)
    comparison = Comparison(
        id=new_id("cmp"),
        name=name,
        columns=[shown(column) for column in columns],
        generation=request.generation,
        precision=precision,
        exact=request.exact,
    )
    if request.rows is not None:
        contents = await ask_rows(studio, request.rows, columns, comparison)
    else:
        contents = await in_thread(ask_freely, studio, request, columns, comparison)
    comparison.rows = len(comparison.questions)
    return Plan(comparison, _rounds(request, columns, comparison, contents, precision))


def judged_by(wanted: TaskMetric, declared: PromptTask) -> dict[str, Any]:
    """The task metric of a question: as asked for, else as its prompt declares."""
    kinds: dict[PromptTask, TaskKind] = {"sql": "sql", "json": "json", "label": "label"}
    if wanted.kind == "auto" and declared != "auto":
        wanted = wanted.model_copy(update={"kind": kinds.get(declared, "none")})
    return wanted.model_dump(mode="json")


def _rounds(
    request: CompareRequest,
    columns: Sequence[Column],
    comparison: Comparison,
    contents: Sequence[Sequence[dict[str, Any]]],
    precision: str,
) -> list[Round]:
    """One for each base model, in the order of the columns."""
    rounds: dict[str, Round] = {}
    places: dict[str, int] = {}
    for place, column in enumerate(columns):
        one = rounds.setdefault(
            column.model.id,
            Round(
                column.model,
                precision,
                [],
                {"questions": [], "asks": [], "exact": request.exact},
            ),
        )
        if column.loaded and column.loaded not in one.adapters:
            one.adapters.append(column.loaded)
        settings = [column.request.generation] if column.request.generation else request.generation
        for row, question in enumerate(contents[place]):
            question = {**question, "task": judged_by(request.task, question["task"])}
            key = f"{column.model.id} {row} {json.dumps(question, sort_keys=True, default=str)}"
            if key not in places:
                places[key] = len(one.work["questions"])
                one.work["questions"].append(question)
            for setting, generation in enumerate(settings):
                one.work["asks"].append(
                    {
                        "answer": {"column": place, "row": row, "setting": setting},
                        "adapter": column.loaded.key if column.loaded else None,
                        "question": places[key],
                        "settings": generation.model_dump(mode="json"),
                    }
                )
    for one in rounds.values():
        one.work["asks"].sort(key=lambda ask: ask["answer"]["row"])
    return list(rounds.values())
