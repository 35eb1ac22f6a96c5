"""The documents of one table, as records: found by id or name, guarded by their revision."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python
from tinydb.table import Document, Table

from ftstudio_ext.core.errors import Conflict, InvalidInput, NotFound, StudioError
from ftstudio_ext.schema.common import Page, Record, now

if TYPE_CHECKING:
    from .database import Database

R = TypeVar("R", bound=Record)
Where = Mapping[str, Any] | Callable[[R], bool]

_KEPT_BY_US = frozenset({"id", "revision", "created_at", "updated_at"})


class Collection(Generic[R]):
    """What `Database.collection` hands out. Names are unique, whatever their case."""

    def __init__(self, database: Database, table: Table, model: type[R]) -> None:
        self._database = database
        self._table = table
        self._model = model
        self._noun = table.name.removesuffix("s").replace("_", " ")

    def get(self, key: str) -> R:
        """The record with this id or name; raises `NotFound`."""
        return self._record(self._document(key))

    def find(self, **equals: Any) -> builtins.list[R]:
        """All records whose fields have these values, the newest first."""
        return list(self._records(self._matching(None, equals)))

    def list(
        self,
        q: str | None = None,
        limit: int | None = 50,
        offset: int = 0,
        where: Where[R] | None = None,
    ) -> Page[R]:
        """One page of the records whose name contains each word of `q`, the newest first.
        `where` narrows them to given values of fields, or to those that it answers True for."""
        if callable(where):
            found = [r for r in self._records(self._matching(q, {})) if where(r)]
            return Page(items=found[offset:][:limit], total=len(found))
        documents = self._matching(q, where or {})
        page = documents[offset:][:limit]
        return Page(items=list(self._records(page)), total=len(documents))

    def insert(self, record: R) -> R:
        """Save a new record; raises `Conflict` when its id or name is taken."""
        document, stored = self._storable(record)
        with self._database.transaction():
            if self._table.contains(doc_id=record.id):  # type: ignore[arg-type]
                raise Conflict(f"There is a {self._noun} with the id {record.id} already.")
            self._claim_name(record.name, record.id)
            self._table.insert(Document(document, doc_id=record.id))  # type: ignore[arg-type]
        return stored

    def update(self, key: str, changes: Mapping[str, Any], revision: int | None = None) -> R:
        """Change fields of the record with this id or name. With `revision`, only if the record
        still has it: raises `Conflict` when someone else was faster."""
        self._check_fields(changes)
        with self._database.transaction():
            document = self._document(key)
            self._check_revision(document, revision)
            changed = {
                **document,
                **changes,
                "revision": int(document.get("revision", 0)) + 1,
                "updated_at": now(),
            }
            new, stored = self._storable(self._validated(changed))
            self._claim_name(stored.name, stored.id)
            # Fields of a newer version, unknown to this one, stay in the document.
            self._table.update(new, doc_ids=[document.doc_id])
        return stored

    def delete(self, key: str) -> None:
        """Remove the record with this id or name; raises `NotFound`."""
        with self._database.transaction():
            self._table.remove(doc_ids=[self._document(key).doc_id])

    def _document(self, key: str) -> Document:
        by_id = self._table.get(doc_id=key)  # type: ignore[call-overload]
        if by_id is not None:
            return by_id
        name = _folded(key)
        names = []
        for document in self._table:
            names.append(str(document.get("name", "")))
            if _folded(names[-1]) == name:
                return document
        near = get_close_matches(key, names, n=1)
        raise NotFound(
            f"There is no {self._noun} “{key}”.",
            remedy=f"Did you mean “{near[0]}”?" if near else None,
        )

    def _matching(self, q: str | None, equals: Mapping[str, Any]) -> builtins.list[Document]:
        unknown = equals.keys() - self._model.model_fields.keys()
        if unknown:
            raise TypeError(f"a {self._noun} has no field {sorted(unknown)}")
        wanted = {field: to_jsonable_python(value) for field, value in equals.items()}
        words = _folded(q or "").split()
        return [
            document
            for document in reversed(self._table.all())
            if all(word in _folded(str(document.get("name", ""))) for word in words)
            and all(document.get(field) == value for field, value in wanted.items())
        ]

    def _records(self, documents: builtins.list[Document]) -> Iterator[R]:
        """The readable ones; one damaged document must not hide all the others."""
        for document in documents:
            try:
                yield self._record(document)
            except StudioError as error:
                self._database.tell(error.info())

    def _record(self, document: Document) -> R:
        try:
            return self._model.model_validate(document)
        except ValidationError as error:
            first = error.errors()[0]
            raise Conflict(
                f"The stored {self._noun} {document.doc_id} cannot be read: "
                f"{'.'.join(map(str, first['loc']))}: {first['msg']}.",
                code="damaged_record",
                remedy="Delete it and create it again, or mend it in the backup or the file.",
            ) from error

    def _storable(self, record: R) -> tuple[dict[str, Any], R]:
        """The record as JSON, and as it will be read back."""
        try:
            document = orjson.loads(orjson.dumps(record.model_dump(mode="json")))
        except (orjson.JSONEncodeError, PydanticSerializationError) as error:
            raise InvalidInput(
                f"This {self._noun} holds a value that JSON cannot hold: {error}.",
                remedy="Use text without broken characters, and numbers of at most 64 bits.",
            ) from error
        return document, self._validated(document)

    def _validated(self, fields: Mapping[str, Any]) -> R:
        try:
            return self._model.model_validate(fields)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"]))
            raise InvalidInput(f"{field}: {first['msg']}.", field=field) from error

    def _check_fields(self, changes: Mapping[str, Any]) -> None:
        """A mistake of the calling code, not of a person."""
        wrong = (changes.keys() - self._model.model_fields.keys()) | (changes.keys() & _KEPT_BY_US)
        if wrong:
            raise TypeError(f"a {self._noun}'s {sorted(wrong)} cannot be changed")

    def _check_revision(self, document: Document, revision: int | None) -> None:
        current = document.get("revision")
        if revision is not None and revision != current:
            raise Conflict(
                f"The {self._noun} “{document.get('name')}” was changed meanwhile: "
                f"it is at revision {current}, your change began at {revision}.",
                field="revision",
                remedy="Load it again and repeat your change.",
            )

    def _claim_name(self, name: str, own_id: str) -> None:
        """A name may not read like another record's name or id."""
        for document in self._table:
            taken = (_folded(str(document.doc_id)), _folded(str(document.get("name", ""))))
            if document.doc_id != own_id and _folded(name) in taken:
                raise Conflict(
                    f"There is a {self._noun} called “{name}” already.",
                    field="name",
                    remedy="Choose another name.",
                )


def _folded(text: str) -> str:
    return text.strip().casefold()
