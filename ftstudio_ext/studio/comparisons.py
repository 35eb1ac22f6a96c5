"""Comparisons: asked, followed, kept. The store has who answered what and the votes; texts lie in
`comparisons/<id>/comparison.json` of the workspace."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ftstudio_ext.core import examples
from ftstudio_ext.core.errors import Conflict, InvalidInput, NotFound, StudioError
from ftstudio_ext.core.files import read_json, write_json_atomic
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.core.unseen import known_to, unseen
from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.comparisons import (
    ChatMessage,
    CompareExample,
    CompareRequest,
    Comparison,
    ComparisonPatch,
    ComparisonSummary,
    ExampleRequest,
    Vote,
)
from ftstudio_ext.schema.prompts import PromptContent

from .comparison_export import Format, exported
from .comparison_plan import plan
from .comparison_questions import read_rows
from .comparison_run import ComparisonRun
from .folders import discard, sweep
from .mlflow_page import kept_link
from .records import clean_name, insert_named

if TYPE_CHECKING:
    from .studio import Studio

FILE = "comparison.json"
LINK_FILE = "mlflow.json"
KEPT_UNNAMED = 200
"""The newest comparisons are kept without being asked; those with a name or votes always."""

log = logging.getLogger(__name__)


class Comparisons:
    """The comparisons of a workspace."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._folder = studio.settings.workspace / "comparisons"
        self._records = studio.database.collection("comparisons", ComparisonSummary)
        self._running: dict[str, ComparisonRun] = {}

    # --- asking ------------------------------------------------------------------------------

    async def start(self, request: CompareRequest) -> ComparisonRun:
        """Begin to answer; raises InvalidInput for what cannot be asked."""
        if request.name is not None:
            await in_thread(self._refuse_taken, request.name)
        found = await plan(self._studio, request, request.name or "comparison")
        comparison = found.comparison
        comparison.named = request.name is not None
        if not comparison.named:
            labels = " vs ".join(column.label for column in comparison.columns)
            comparison.name = clean_name(labels[:70])

        async def save(ended: Comparison) -> bool:
            wanted = request.save and any(not answer.error for answer in ended.answers)
            try:
                if wanted:
                    await in_thread(self._keep, ended)
            finally:
                self._running.pop(ended.id, None)
            return wanted

        run = ComparisonRun(found, self._studio.inference, save)
        self._running[comparison.id] = run
        return run

    def cancel(self, id_or_name: str) -> None:
        """Stop a comparison that is being answered; nothing to do for others. On the event loop."""
        if run := self._running.get(id_or_name):
            run.cancel()
        else:
            self._records.get(id_or_name)

    async def example(self, request: ExampleRequest) -> CompareExample:
        """A row as a question; a random one that the adapters have not seen."""
        studio = self._studio
        dataset = await in_thread(studio.datasets.referred, request.dataset, "dataset")
        prompt = await in_thread(studio.prompts.referred, request.prompt, "prompt")
        content = PromptContent.model_validate(prompt.model_dump())
        examples.check_prompt(content, [column.name for column in dataset.columns], "prompt.")
        adapters = await in_thread(
            lambda: [studio.adapters.get(name).manifest for name in request.adapters]
        )
        if request.row is not None:
            split = studio.datasets.split(dataset, request.split, "split").name
            number, total = request.row, studio.datasets.split(dataset, split, "split").rows
            sure, note = await in_thread(known_to, dataset, adapters, split, number)
        else:
            found = await in_thread(unseen, dataset, adapters, request.split)
            split, total, sure, note = found.split, len(found.rows), found.sure, found.note
            rows = examples.without_examples(content, split, list(found.rows))
            number = _drawn(rows or found.rows, request.seed)
        row = (await read_rows(studio, dataset, split, [number]))[0]
        turns = examples.messages_of(content, row)[:-1] if content.mode == "chat" else None
        return CompareExample(
            split=split,
            row=number,
            total=total,
            unseen=sure,
            note=note,
            prompt=examples.prompt_text(content, row),
            messages=[ChatMessage.model_validate(turn) for turn in turns] if turns else None,
            expected=examples.expected_completion(content, row),
            values=row,
        )

    # --- kept --------------------------------------------------------------------------------

    def list(
        self, q: str | None = None, limit: int = 50, offset: int = 0
    ) -> Page[ComparisonSummary]:
        return self._records.list(q=q, limit=limit, offset=offset)

    def get(self, id_or_name: str) -> Comparison:
        """With questions and answers; one that is being answered has the answers so far."""
        if run := self._running.get(id_or_name):
            return run.so_far()
        record = self._records.get(id_or_name)
        try:
            texts = read_json(self._folder / record.id / FILE)
            kept = {name: texts[name] for name in ("questions", "answers")}
            found = Comparison.model_validate({**record.model_dump(), **kept})
        except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
            raise Conflict(
                f"The texts of “{record.name}” cannot be read: {error}",
                code="damaged_record",
                remedy="Delete it, and ask again.",
            ) from error
        found.mlflow = kept_link(self.link_file(record.id))
        return found

    def link_file(self, id: str) -> Path:
        """Where a comparison keeps the link to its run in MLflow."""
        return self._folder / id / LINK_FILE

    def patch(
        self, id_or_name: str, change: ComparisonPatch, revision: int | None = None
    ) -> ComparisonSummary:
        """Rename it, or replace its votes."""
        record = self._records.get(id_or_name)
        changes: dict[str, Any] = {}
        if change.name is not None:
            changes |= {"name": change.name, "named": True}
        if change.votes is not None:
            _check_votes(change.votes, record)
            changes["votes"] = [vote.model_dump(mode="json") for vote in change.votes]
        return self._records.update(record.id, changes, revision)

    def delete(self, id_or_name: str) -> None:
        """Delete a comparison and its texts."""
        record = self._records.get(id_or_name)
        discard(self._folder / record.id)
        self._records.delete(record.id)

    def export(self, id_or_name: str, format: Format) -> tuple[str, str]:
        """(file name, text) of the whole comparison."""
        return exported(self.get(id_or_name), format)

    def reconcile(self) -> None:
        """Sweep what a crash has left of a deletion."""
        sweep(self._folder)

    def _keep(self, comparison: Comparison) -> None:
        folder = self._folder / comparison.id
        folder.mkdir(parents=True, exist_ok=True)
        try:
            write_json_atomic(folder / FILE, comparison)
            fields = comparison.model_dump(exclude={"questions", "answers"})
            kept = insert_named(
                self._records, ComparisonSummary.model_validate(fields), not comparison.named
            )
        except BaseException:
            discard(folder)
            raise
        comparison.name = kept.name
        self._prune()

    def _prune(self) -> None:
        """Old ones that nobody has named or voted on go."""
        plain = [one for one in self._records.find() if not one.named and not one.votes]
        for old in plain[KEPT_UNNAMED:]:
            try:
                self.delete(old.id)
            except (OSError, StudioError) as error:
                log.info("An old comparison stays: %s", error)

    def _refuse_taken(self, name: str) -> None:
        try:
            self._records.get(name)
        except NotFound:
            return
        raise Conflict(
            f"There is a comparison called “{name}” already.",
            field="name",
            remedy="Choose another name.",
        )


def _check_votes(votes: list[Vote], record: ComparisonSummary) -> None:
    columns = len(record.columns)
    for place, vote in enumerate(votes):
        wrong = [n for n in (vote.column, *vote.shown) if n is not None and n >= columns]
        if wrong or vote.row >= record.rows or vote.setting >= len(record.generation):
            raise InvalidInput(
                "The vote is for an answer that the comparison does not have.",
                field=f"votes.{place}",
                remedy=f"It has {columns} columns, {record.rows} questions and "
                f"{len(record.generation)} settings, counted from 0.",
            )


def _drawn(rows: Sequence[int], seed: int | None) -> int:
    return random.Random(seed).choice(rows)
