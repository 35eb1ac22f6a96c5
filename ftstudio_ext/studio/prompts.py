"""Prompts: stored template pairs, suggestions, and rows rendered by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.examples import check_prompt
from ftstudio_ext.core.suggest import suggest
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.prompts import (
    Examples,
    ExamplesRequest,
    Preview,
    PreviewRequest,
    Prompt,
    PromptChoice,
    PromptContent,
    PromptCreate,
    PromptPatch,
    PromptTemplates,
    Suggestion,
    SuggestRequest,
)
from ftstudio_ext.store.ids import new_id

from .previews import preview, solved_examples
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
        _check(request, dataset)
        content = {name: getattr(request, name) for name in PromptContent.model_fields}
        return self._records.insert(
            Prompt(id=new_id("pr"), name=request.name, dataset_id=dataset.id, **content)
        )

    def patch(self, id_or_name: str, change: PromptPatch, revision: int | None = None) -> Prompt:
        """Change a prompt. Jobs are not touched: they keep the templates they ran with."""
        changes = _changes(change)
        prompt = self._records.get(id_or_name)
        if changes.keys() & PromptContent.model_fields.keys():
            _check(_changed(prompt, changes), self._studio.datasets.get(prompt.dataset_id))
        return self._records.update(prompt.id, changes, revision)

    def delete(self, id_or_name: str, cascade: bool = False) -> None:
        """Delete a prompt; runs and adapters keep a copy of its templates."""
        self._records.delete(id_or_name)

    # --- suggestions and examples ------------------------------------------------------------

    async def suggest(self, request: SuggestRequest) -> Suggestion:
        """Templates that fit a dataset, judged by the names of its columns and by sampled rows."""
        datasets = self._studio.datasets
        dataset = await in_thread(datasets.referred, request.dataset, "dataset")
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
        return await in_thread(suggest, dataset.columns, answer["rows"])

    async def preview(self, request: PreviewRequest) -> Preview:
        """Rows as the prompt makes them: rendered, as tokens, checked."""
        prompt = await in_thread(self._content, request)
        return await preview(self._studio, request, prompt)

    async def examples(self, request: ExamplesRequest) -> Examples:
        """Solved rows for a prompt, from the rows that runs train on."""
        prompt = await in_thread(self._content, request)
        return await solved_examples(self._studio, request, prompt)

    def _content(self, request: PromptChoice) -> PromptContent:
        """The prompt to show: the stored one, with what the request says instead."""
        stored = self.referred(request.prompt, "prompt") if request.prompt else PromptContent()
        return _changed(stored, _changes(request))


def _changes(request: PromptPatch | PromptChoice) -> dict[str, Any]:
    """The fields that are set; only a chat template may be set to nothing."""
    given = request.model_dump(exclude_unset=True)
    return {k: v for k, v in given.items() if v is not None or k == "chat_template"}


def _changed(prompt: PromptContent, changes: dict[str, Any]) -> PromptContent:
    content = {name: getattr(prompt, name) for name in PromptContent.model_fields}
    return PromptTemplates.model_validate(
        content | {name: value for name, value in changes.items() if name in content}
    )


def _check(prompt: PromptContent, dataset: Dataset) -> None:
    check_prompt(prompt, [column.name for column in dataset.columns])
