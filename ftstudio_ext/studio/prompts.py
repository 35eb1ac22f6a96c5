"""Prompts: stored template pairs, suggestions, and rows rendered by them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ftstudio_ext.core import templates
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.suggest import suggest
from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.prompts import (
    Preview,
    PreviewRequest,
    Prompt,
    PromptCreate,
    PromptPatch,
    Suggestion,
    SuggestRequest,
)
from ftstudio_ext.store.ids import new_id

from .records import reference

if TYPE_CHECKING:
    from .studio import Studio

SAMPLED_ROWS = 50


class Prompts:
    """The prompts of a workspace."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._records = studio.database.collection("prompts", Prompt)

    def list(
        self,
        q: str | None = None,
        dataset: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Prompt]:
        where = {"dataset_id": self._studio.datasets.get(dataset).id} if dataset else None
        return self._records.list(q=q, limit=limit, offset=offset, where=where)

    def get(self, id_or_name: str) -> Prompt:
        return self._records.get(id_or_name)

    def referred(self, id_or_name: str, field: str) -> Prompt:
        """The prompt that a field of a request means."""
        names = lambda: [prompt.name for prompt in self._records.find()]  # noqa: E731
        return reference(self._records.get, id_or_name, field, "prompt", names)

    def of_dataset(self, dataset_id: str) -> Sequence[Prompt]:
        return self._records.find(dataset_id=dataset_id)

    def create(self, request: PromptCreate) -> Prompt:
        dataset = self._studio.datasets.referred(request.dataset, "dataset")
        _check(request.prompt_template, dataset, "prompt_template")
        _check(request.completion_template, dataset, "completion_template")
        return self._records.insert(
            Prompt(
                id=new_id("pr"),
                name=request.name,
                dataset_id=dataset.id,
                prompt_template=request.prompt_template,
                completion_template=request.completion_template,
            )
        )

    def patch(self, id_or_name: str, change: PromptPatch, revision: int | None = None) -> Prompt:
        """Change a prompt. Jobs are not touched: they keep the templates they ran with."""
        changes = change.model_dump(exclude_unset=True, exclude_none=True)
        prompt = self._records.get(id_or_name)
        if changes.keys() & {"prompt_template", "completion_template"}:
            dataset = self._studio.datasets.get(prompt.dataset_id)
            for field in ("prompt_template", "completion_template"):
                if field in changes:
                    _check(changes[field], dataset, field)
        return self._records.update(prompt.id, changes, revision)

    def delete(self, id_or_name: str, cascade: bool = False) -> None:
        """Delete a prompt; runs and adapters keep a copy of its templates."""
        self._records.delete(id_or_name)

    # --- suggestions and examples ------------------------------------------------------------

    async def suggest(self, request: SuggestRequest) -> Suggestion:
        """Templates that fit a dataset, judged by the names of its columns and by sampled rows."""
        datasets = self._studio.datasets
        dataset = await asyncio.to_thread(datasets.referred, request.dataset, "dataset")
        split = datasets.split(dataset, None, "split")
        answer = await self._studio.helpers.call(
            "data",
            "sample_rows",
            {
                "dataset_dir": str(datasets.directory(dataset)),
                "split_file": split.file,
                "n": SAMPLED_ROWS,
                "seed": 0,
            },
        )
        return await asyncio.to_thread(suggest, dataset.columns, answer["rows"])

    async def preview(self, request: PreviewRequest) -> Preview:
        """One row rendered; a random one when the request names none."""
        datasets = self._studio.datasets
        dataset = await asyncio.to_thread(datasets.referred, request.dataset, "dataset")
        prompt_template, completion_template = await asyncio.to_thread(self._pair, request)
        _check(prompt_template, dataset, "prompt_template")
        _check(completion_template, dataset, "completion_template")
        split = datasets.split(dataset, request.split, "split")
        answer = await self._studio.helpers.call(
            "data",
            "render",
            {
                "dataset_dir": str(datasets.directory(dataset)),
                "split_file": split.file,
                "row": request.row,
                "seed": request.seed,
                "prompt_template": prompt_template,
                "completion_template": completion_template,
            },
        )
        return Preview.model_validate({**answer, "split": split.name})

    def _pair(self, request: PreviewRequest) -> tuple[str, str]:
        """The templates to render: the given ones, or those of the stored prompt."""
        stored = self.referred(request.prompt, "prompt") if request.prompt else None
        prompt_template = request.prompt_template
        completion_template = request.completion_template
        if stored:
            prompt_template = prompt_template or stored.prompt_template
            completion_template = completion_template or stored.completion_template
        for field, template in (
            ("prompt_template", prompt_template),
            ("completion_template", completion_template),
        ):
            if not template:
                raise InvalidInput(
                    f"'{field}' is missing.",
                    field=field,
                    remedy="Give both templates, or name a stored prompt with 'prompt'.",
                )
        return prompt_template or "", completion_template or ""


def _check(template: str, dataset: Dataset, field: str) -> None:
    templates.check(template, [column.name for column in dataset.columns], field)
