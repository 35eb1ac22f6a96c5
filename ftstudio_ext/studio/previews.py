"""What a prompt makes of a dataset's rows: rendered, as a model's tokens, and checked."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import InvalidInput, StudioError
from ftstudio_ext.core.examples import check_prompt
from ftstudio_ext.core.sampling import parts
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.schema.checks import Check
from ftstudio_ext.schema.datasets import Dataset, Split
from ftstudio_ext.schema.models import BaseModelRecord
from ftstudio_ext.schema.prompts import (
    CheckedSample,
    Examples,
    ExamplesRequest,
    Preview,
    PreviewRequest,
    PromptContent,
    SolvedExample,
)
from ftstudio_ext.schema.training import DataSettings, TrainSpec

if TYPE_CHECKING:
    from .studio import Studio

USUAL_SEED = int(TrainSpec.model_fields["seed"].default)
TOKENIZER_TIMEOUT_S = 120
"""A hub model's tokenizer may have to be downloaded."""


async def preview(studio: Studio, request: PreviewRequest, prompt: PromptContent) -> Preview:
    """The rows that the request names, or random ones."""
    dataset = await in_thread(studio.datasets.referred, request.dataset, "dataset")
    model = await in_thread(_model, studio, request)
    check_prompt(prompt, [column.name for column in dataset.columns])
    split = studio.datasets.split(dataset, request.split, "split")
    params = {
        **_place(studio, dataset, split),
        **_model_params(model),
        "prompt": prompt.model_dump(),
        "max_length": request.max_length,
        "loss_on": request.loss_on,
    }
    rows = request.rows if request.row is None else [request.row]
    chosen = {"rows": rows, "n": request.n, "seed": request.seed}
    try:
        answer = await _ask(studio, "render", {**params, **chosen})
        checked = await _ask(studio, "check_prompt", params) if request.checks and model else {}
    except StudioError as error:
        named = {"base_model": "model", "row": "row" if request.rows is None else "rows"}
        error.field = named.get(error.field or "", error.field)
        raise
    return Preview.model_validate({**answer["rows"][0], **answer, "split": split.name, **checked})


async def solved_examples(
    studio: Studio, request: ExamplesRequest, prompt: PromptContent
) -> Examples:
    """Rows that a run with the usual settings trains on, so that few of them are missed there;
    rows without an answer are passed over."""
    dataset = await in_thread(studio.datasets.referred, request.dataset, "dataset")
    check_prompt(prompt, [column.name for column in dataset.columns])
    train = parts({s.name: s.rows for s in dataset.splits}, DataSettings(), USUAL_SEED).train
    split = studio.datasets.split(dataset, train.split, "dataset")
    drawn = random.Random(f"ftstudio examples {request.seed}")
    rows = drawn.sample(train.rows, min(4 * request.n, len(train.rows)))
    blank = prompt.model_copy(update={"examples": []}).model_dump()
    # all columns: the templates may be changed afterwards
    params = {**_place(studio, dataset, split), "prompt": blank, "rows": rows, "all_columns": True}
    answer = await _ask(studio, "render", params)
    solved = [row for row in answer["rows"] if row["completion"].strip()][: request.n]
    return Examples(
        examples=[
            SolvedExample(split=split.name, row=row["row"], values=row["values"]) for row in solved
        ]
    )


async def training_checks(
    studio: Studio,
    dataset: Dataset,
    split_name: str | None,
    rows: Sequence[int],
    prompt: PromptContent,
    model: BaseModelRecord,
    max_length: int,
    loss_on: str,
) -> tuple[list[Check], CheckedSample]:
    """What is found over a sample of the rows that a run would train on; fields are those of a
    training specification."""
    params = {
        **_place(studio, dataset, studio.datasets.split(dataset, split_name, "data.split")),
        **_model_params(model),
        "prompt": PromptContent.model_validate(prompt.model_dump()).model_dump(),
        "rows": list(rows),
        "max_length": max_length,
        "loss_on": loss_on,
    }
    answer = await _ask(studio, "check_prompt", params)
    checks = [Check.model_validate(check) for check in answer["checks"]]
    for check in checks:
        if check.field not in ("max_length", "base_model"):
            check.field = "prompt"
    return checks, CheckedSample.model_validate(answer["checked"])


async def _ask(studio: Studio, verb: str, params: dict[str, Any]) -> dict[str, Any]:
    timeout_s = TOKENIZER_TIMEOUT_S if params.get("model") else 60
    answer: dict[str, Any] = await studio.helpers.call("data", verb, params, timeout_s=timeout_s)
    return answer


def _model(studio: Studio, request: PreviewRequest) -> BaseModelRecord | None:
    if request.model:
        return studio.models.referred(request.model, "model")
    if request.checks:
        raise InvalidInput(
            "The checks need a base model.",
            field="model",
            remedy="Name the base model that is to be trained.",
        )
    return None


def _model_params(model: BaseModelRecord | None) -> dict[str, Any]:
    if model is None:
        return {}
    kept = {"id", "name", "source", "path", "source_revision"}
    return {
        "model": model.model_dump(mode="json", include=kept),
        "context_length": model.facts.context_length,
    }


def _place(studio: Studio, dataset: Dataset, split: Split) -> dict[str, str]:
    return {
        "dataset_dir": str(studio.datasets.directory(dataset)),
        "split_file": split.file,
    }
