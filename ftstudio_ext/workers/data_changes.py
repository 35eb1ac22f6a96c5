"""What an import changes on the way: conversations become columns, columns get other names or go."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from ftstudio_ext.core.conversations import COLUMNS, rows_of, turns_of
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.templates import nearest_name
from ftstudio_ext.schema.datasets import Conversation

LONGEST_NAME = 200


class Changes:
    """Changes batches and schemas alike. One for each import: it counts what it leaves out."""

    def __init__(
        self, columns: Mapping[str, str | None] | None, conversation: Conversation | None
    ) -> None:
        self._columns = dict(columns or {})
        self._conversation = conversation
        self._made: dict[str, str] = {}
        self._filled: set[str] = set()
        self.unanswered = 0

    def batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with all changes; it may have fewer rows, or more."""
        return self._renamed(self._talked(batch) if self._conversation else batch)

    def schema(self, schema: pa.Schema) -> pa.Schema:
        """The schema of changed batches of a source with this one. Raises InvalidInput for names
        that do not fit it."""
        if self._conversation:
            kept = [field for field in schema if field.name != self._conversation.column]
            self._check_conversation(schema)
            made = self._names(schema)
            schema = pa.schema([*kept, *((name, pa.string()) for name in made.values())])
        self._check_columns(schema)
        fields = [
            pa.field(new, field.type)
            for field in schema
            if (new := self._columns.get(field.name, field.name)) is not None
        ]
        return pa.schema(fields)

    def without_empty(self, schema: pa.Schema) -> pa.Schema:
        """The final schema without columns of a conversation that no row has filled."""
        spare = {
            self._columns.get(name, name)
            for role, name in self._made.items()
            if role in ("system", "history") and role not in self._filled
        }
        return pa.schema([field for field in schema if field.name not in spare])

    def notes(self) -> list[str]:
        """What people should know about the import."""
        if not self.unanswered:
            return []
        one = self.unanswered == 1
        return [
            f"{self.unanswered:,} conversation{'' if one else 's'} without a question and an "
            f"answer {'was' if one else 'were'} left out."
        ]

    # --- conversations ---------------------------------------------------------------------

    def _talked(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        assert self._conversation is not None
        self._check_conversation(batch.schema)
        made = self._names(batch.schema)
        cells: dict[str, list[str | None]] = {name: [] for name in COLUMNS}
        origins: list[int] = []
        for number, value in enumerate(batch.column(self._conversation.column).to_pylist()):
            turns = turns_of(value)
            if turns is None and value not in (None, "", []):
                raise InvalidInput(
                    f"Column {self._conversation.column!r} holds a value that is no list of "
                    f"messages: {str(value)[:80]!r}.",
                    field="conversation.column",
                    remedy="Messages are objects with role and content, or from and value. "
                    "Choose another column, or import without `conversation`.",
                )
            rows = list(rows_of(turns or [], self._conversation.answers))
            self.unanswered += not rows
            for row in rows:
                origins.append(number)
                for name in COLUMNS:
                    cells[name].append(row[name])
        rest = batch.drop_columns([self._conversation.column]).take(pa.array(origins, pa.int64()))
        self._filled |= {name for name in COLUMNS if any(cells[name])}
        arrays = [*rest.columns, *(pa.array(cells[name], pa.string()) for name in COLUMNS)]
        return pa.RecordBatch.from_arrays(arrays, names=[*rest.schema.names, *made.values()])

    def _names(self, schema: pa.Schema) -> dict[str, str]:
        """{role: column}; a column that is there already keeps its name."""
        assert self._conversation is not None
        others = set(schema.names) - {self._conversation.column}
        self._made = {
            name: f"{self._conversation.column}_{name}" if name in others else name
            for name in COLUMNS
        }
        return self._made

    def _check_conversation(self, schema: pa.Schema) -> None:
        assert self._conversation is not None
        if self._conversation.column not in schema.names:
            raise _no_column(self._conversation.column, schema.names, "conversation.column")

    # --- names -----------------------------------------------------------------------------

    def _renamed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        if not self._columns:
            return batch
        kept = [name for name in batch.schema.names if self._columns.get(name, name) is not None]
        arrays = [batch.column(name) for name in kept]
        names = [str(self._columns.get(name, name)) for name in kept]
        if not kept:
            raise _nothing_left()
        return pa.RecordBatch.from_arrays(arrays, names=names)

    def _check_columns(self, schema: pa.Schema) -> None:
        taken: dict[str, str] = {}
        for old, new in self._columns.items():
            if old not in schema.names:
                raise _no_column(old, schema.names, f"columns.{old}")
            if new is not None and (not new.strip() or len(new) > LONGEST_NAME):
                raise InvalidInput(
                    f"{new[:40]!r} cannot be the name of a column.",
                    field=f"columns.{old}",
                    remedy=f"Give a name of up to {LONGEST_NAME} characters, or null to leave "
                    "the column out.",
                )
        for old in schema.names:
            name = self._columns.get(old, old)
            if name is not None and name in taken:
                raise InvalidInput(
                    f"The columns {taken[name]!r} and {old!r} would both be called {name!r}.",
                    field=f"columns.{old if old in self._columns else taken[name]}",
                    remedy="Give one of them another name, or leave it out.",
                )
            if name is not None:
                taken[name] = old
        if not taken:
            raise _nothing_left()


def _no_column(name: str, known: list[str], field: str) -> InvalidInput:
    near = nearest_name(name, known)
    listed = ", ".join(known[:20])
    return InvalidInput(
        f"The source has no column {name!r}.",
        field=field,
        remedy=f"Did you mean {near!r}?" if near else f"Its columns are {listed}.",
    )


def _nothing_left() -> InvalidInput:
    return InvalidInput(
        "All columns would be left out.", field="columns", remedy="Keep at least one column."
    )
