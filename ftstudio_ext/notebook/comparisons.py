"""Comparisons in a notebook: asked in one call, followed token by token or read as a table."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ftstudio_ext.schema.comparisons import Answer, Comparison

from . import display, formats
from .errors import StudioApiError
from .listing import key_of

if TYPE_CHECKING:
    from .client import Studio


@dataclass(frozen=True)
class Piece:
    """More of an answer: `text` of the column with this label, to the question of this number."""

    column: str
    row: int
    text: str


class ComparisonHandle:
    """Answers side by side, while they come and afterwards.

    Looping over it gives the pieces of all answers as they are written; everything else waits for
    the end. A loop that is left early cancels what is not written yet.
    """

    def __init__(self, studio: Studio, request: dict[str, Any]) -> None:
        self._studio = studio
        self._lines = _events(studio.connection.lines("comparisons", body=request))
        opened = next(self._lines)
        self.comparison = Comparison.model_validate(opened["comparison"])
        self.notices: list[str] = []
        self._ended = False

    @property
    def id(self) -> str:
        """The id under which it is kept."""
        return self.comparison.id

    def __iter__(self) -> Iterator[Piece]:
        """The pieces of all answers, as they come; once."""
        try:
            for event in self._events():
                if event["event"] == "token":
                    key = event["answer"]
                    label = self.comparison.columns[key["column"]].label
                    yield Piece(label, key["row"], event["text"])
        finally:
            self.cancel()

    def cancel(self) -> None:
        """Stop what is not written yet."""
        if not self._ended:
            self._ended = True
            self._lines.close()

    def result(self) -> Comparison:
        """Questions and answers with their metrics; waits for the end."""
        for _ in self._events():
            pass
        return self.comparison

    def texts(self) -> dict[str, list[str]]:
        """The answers by column, one a question."""
        found: dict[str, list[str]] = {column.label: [] for column in self.comparison.columns}
        for answer in self.result().answers:
            found[self.comparison.columns[answer.answer.column].label].append(answer.text)
        return found

    def frame(self) -> Any:
        """The answers as a pandas DataFrame: a line an answer."""
        import pandas

        found = self.result()
        return pandas.DataFrame(
            {
                "question": answer.answer.row,
                "column": found.columns[answer.answer.column].label,
                "setting": answer.answer.setting,
                "prompt": found.questions[answer.answer.row].prompt,
                "expected": found.questions[answer.answer.row].expected,
                "text": answer.text,
                **answer.metrics.model_dump(exclude={"task", "diff"}),
                "task": answer.metrics.task.passed if answer.metrics.task else None,
                "error": answer.error.message if answer.error else None,
            }
            for answer in found.answers
        )

    def vote(self, column: str | None, row: int = 0) -> None:
        """Keep which answer to a question was the better one; None: neither."""
        labels = [one.label for one in self.result().columns]
        if column is not None and column not in labels:
            raise StudioApiError(
                f"There is no column “{column}”.",
                field="column",
                remedy=f"Choose one of: {', '.join(labels)}.",
            )
        votes = [vote.model_dump(mode="json") for vote in self.comparison.votes if vote.row != row]
        place = None if column is None else labels.index(column)
        votes.append({"row": row, "column": place, "shown": list(range(len(labels)))})
        answer = self._studio.connection.request(
            "PATCH", "comparisons", self.id, body={"votes": votes}
        )
        changed = Comparison.model_validate({**self.comparison.model_dump(), **answer})
        self.comparison = changed

    # --- reading -------------------------------------------------------------------------------

    def _events(self) -> Iterator[dict[str, Any]]:
        if self._ended:
            return
        for event in self._lines:
            kind = event["event"]
            if kind == "notice":
                self.notices.append(event["message"])
            elif kind in ("done", "error") and event.get("answer"):
                self.comparison.answers.append(Answer.model_validate(event))
            elif kind == "end":
                self.comparison.state = event["state"]
                self._ended = True
            yield event
        self._ended = True
        self.comparison.answers.sort(
            key=lambda one: (one.answer.row, one.answer.setting, one.answer.column)
        )

    # --- how it looks --------------------------------------------------------------------------

    def __repr__(self) -> str:
        parts = []
        for answer in self.result().answers:
            label = self.comparison.columns[answer.answer.column].label
            said = f"! {answer.error.message}" if answer.error else answer.text.strip()
            parts.append(f"[{answer.answer.row}] {label}: {said}")
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        found = self.result()
        headers = ["", *(column.label for column in found.columns), "expected"]
        rows = []
        for number, question in enumerate(found.questions):
            for setting in range(len(found.generation)):
                given = {
                    one.answer.column: one
                    for one in found.answers
                    if (one.answer.row, one.answer.setting) == (number, setting)
                }
                cells: list[object] = [display.code(question.prompt, lines=8)]
                cells += [_cell(given.get(place)) for place in range(len(found.columns))]
                cells.append(display.code(question.expected or "–", lines=8))
                rows.append(cells)
        return display.table(headers, rows, caption=" ".join(self.notices))


def request_for(
    studio: Studio,
    adapters: Sequence[Any],
    question: str | Sequence[dict[str, str]] | None,
    columns: Sequence[dict[str, Any]] | None,
    base_model: Any,
    dataset: Any,
    rows: int | Sequence[int],
    fields: dict[str, Any],
) -> dict[str, Any]:
    """The body of `POST comparisons`."""
    if columns is None:
        base = key_of(base_model) if base_model is not None else _base_of(studio, adapters)
        names: list[Any] = [None, *adapters]
        columns = [
            {"base_model": base, "adapter": None if one is None else key_of(one)} for one in names
        ]
    body: dict[str, Any] = {"columns": list(columns)}
    expected, prompt = fields.pop("expected", None), fields.pop("prompt", None)
    seed, split = fields.pop("seed", None), fields.pop("split", None)
    if question is not None:
        form = "text" if isinstance(question, str) else "messages"
        body["question"] = {form: question, "expected": expected}
    else:
        wanted: dict[str, Any] = {"dataset": key_of(dataset) if dataset is not None else ""}
        wanted |= {"count": rows} if isinstance(rows, int) else {"rows": list(rows)}
        extra = {"prompt": None if prompt is None else key_of(prompt), "split": split, "seed": seed}
        body["rows"] = wanted | {key: value for key, value in extra.items() if value is not None}
    settings = fields.pop("generation", None)
    if settings is not None:
        body["generation"] = [settings] if isinstance(settings, dict) else list(settings)
    return {**body, **fields}


def _events(lines: Generator[str, None, None]) -> Generator[dict[str, Any], None, None]:
    """One event a line; closing it closes the connection."""
    with contextlib.closing(lines):
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _base_of(studio: Studio, adapters: Sequence[Any]) -> str:
    for adapter in adapters:
        known = adapter if hasattr(adapter, "base_model_id") else studio.adapters[adapter]
        if known.base_model_id:
            return str(known.base_model_id)
    raise StudioApiError(
        "It is not clear which base model is meant.",
        field="base_model",
        remedy="Name it: base_model=…",
    )


def _cell(answer: Answer | None) -> object:
    if answer is None:
        return "–"
    if answer.error:
        return display.problem(answer.error.message, answer.error.remedy)
    metrics = answer.metrics
    facts = [f"{metrics.tokens} tokens"]
    if metrics.tokens_per_s:
        facts.append(f"{formats.number(metrics.tokens_per_s)} tokens/s")
    if metrics.exact is not None:
        facts.append("exact" if metrics.exact else f"{(metrics.similarity or 0):.0%} alike")
    if metrics.task:
        facts.append(metrics.task.message or "")
    return display.Html(display.code(answer.text, lines=8) + display.soft(" · ".join(facts)))
