"""Changes of the stored form from one version of the schema to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

FIRST_VERSION = 1
_META = "_meta"  # the table that tells about the file itself

Tables = dict[str, dict[str, Any]]
"""What the file holds: {table: {document id: document}}."""


@dataclass(frozen=True)
class Migration:
    """One step: brings documents of version `to_version - 1` to `to_version`, in place."""

    to_version: int
    about: str
    apply: Callable[[Tables], None]


MIGRATIONS: tuple[Migration, ...] = ()
"""In order and without gaps; a step that was once released is never changed again."""


def version_of(tables: Tables) -> int:
    """The schema version of these tables; the first one where none is noted."""
    version = tables.get(_META, {}).get("schema", {}).get("version")
    return version if isinstance(version, int) else FIRST_VERSION


def set_version(tables: Tables, version: int) -> None:
    """Note the schema version in the tables."""
    tables.setdefault(_META, {})["schema"] = {"version": version}


def latest_version(migrations: Sequence[Migration]) -> int:
    """The version that a store has after all of `migrations`."""
    return migrations[-1].to_version if migrations else FIRST_VERSION


def check_order(migrations: Sequence[Migration]) -> None:
    """Raises ValueError unless the steps follow each other from the first version on."""
    versions = [step.to_version for step in migrations]
    if versions != list(range(FIRST_VERSION + 1, FIRST_VERSION + 1 + len(versions))):
        raise ValueError(f"migrations are out of order or have gaps: {versions}")
