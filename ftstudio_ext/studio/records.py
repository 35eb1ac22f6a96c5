"""What the services of stored records share: names, references, derived ids."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from ftstudio_ext.core.errors import Conflict, InvalidInput, NotFound, StudioError
from ftstudio_ext.core.templates import nearest_name
from ftstudio_ext.schema.common import Record
from ftstudio_ext.store.collection import Collection

Found = TypeVar("Found")
Kept = TypeVar("Kept", bound=Record)

ID_LENGTH = 12


def derived_id(prefix: str, request_id: str) -> str:
    """The id of what a request makes: the same request sent twice makes one object."""
    digest = hashlib.sha256(request_id.encode()).hexdigest()
    return f"{prefix}_{digest[:ID_LENGTH]}"


def reference(
    lookup: Callable[[str], Found],
    id_or_name: str,
    field: str,
    noun: str,
    names: Callable[[], Iterable[str]],
) -> Found:
    """The object that a field of a request means. A wrong reference is the caller's input, hence
    InvalidInput with the nearest name, where `GET {id}` would be NotFound."""
    try:
        return lookup(id_or_name)
    except NotFound:
        known = list(names())
        near = nearest_name(id_or_name, known)
        if near:
            remedy = f"Did you mean '{near}'?"
        elif known:
            remedy = f"Choose one of: {', '.join(known[:10])}{', …' if len(known) > 10 else ''}."
        else:
            remedy = f"There is none yet: import or create a {noun} first."
        raise InvalidInput(
            f"There is no {noun} '{id_or_name}'.", field=field, remedy=remedy
        ) from None


@contextlib.contextmanager
def prefixed(prefix: str) -> Iterator[None]:
    """Errors of the block name their field as part of a larger request."""
    try:
        yield
    except StudioError as error:
        error.field = f"{prefix}.{error.field}" if error.field else None
        raise


def clean_name(text: str, *, spaces: bool = True) -> str:
    """`text` with everything that names may not hold replaced, for proposed names."""
    wanted = re.sub(r"[^A-Za-z0-9._ -]" if spaces else r"[^A-Za-z0-9._-]", "-", text)
    return wanted.lstrip("._ -")[:90].rstrip(" ") or "unnamed"


def free_name(wanted: str, taken: Callable[[str], bool]) -> str:
    """`wanted`, or `wanted-2`, `wanted-3`, …: the first that is not taken."""
    if not taken(wanted):
        return wanted
    number = 2
    while taken(f"{wanted}-{number}"):
        number += 1
    return f"{wanted}-{number}"


def insert_named(records: Collection[Kept], record: Kept, name_is_ours: bool) -> Kept:
    """Insert a record. A name that was made from the source, and not wanted by anybody, gives way
    when another request has taken it meanwhile."""
    wanted = record.name
    while True:
        try:
            return records.insert(record)
        except Conflict as error:
            if not name_is_ours or error.field != "name":
                raise
            taken = {other.name.casefold() for other in records.find()}
            record.name = free_name(wanted, lambda name: name.casefold() in taken)  # noqa: B023


def named(items: Iterable[Any], noun: str, at_most: int = 5) -> str:
    """`2 prompts (a, b)`; empty for none."""
    names = [item.name for item in items]
    if not names:
        return ""
    shown = ", ".join(names[:at_most]) + (", …" if len(names) > at_most else "")
    return f"{len(names)} {noun}{'' if len(names) == 1 else 's'} ({shown})"
