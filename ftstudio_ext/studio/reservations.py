"""Names of adapters that unfinished jobs have claimed: two runs never write into one folder.

The folder `adapters/<name>/` is made at submission, empty; who owns it stands beside it in
`adapters/.reserved/<name>.json`, so that the worker may put the finished folder in its place."""

from __future__ import annotations

import contextlib
from pathlib import Path

from ftstudio_ext.core.errors import Conflict
from ftstudio_ext.core.files import read_json, write_json_atomic

MARKS = ".reserved"


class Reservations:
    """The reserved folders below `adapters/`."""

    def __init__(self, adapters_dir: Path) -> None:
        self._folder = adapters_dir

    def reserve(self, name: str, job_id: str, field: str) -> Path:
        """The folder for this job's adapter. Raises Conflict when the name is taken."""
        path = self._folder / name
        self._folder.mkdir(parents=True, exist_ok=True)
        if (other := self._same_folded(name)) and other != name:
            raise self._taken(other, field)
        try:
            path.mkdir()
        except FileExistsError:
            owner = self.owner(name)
            left_empty = owner is None and path.is_dir() and not any(path.iterdir())
            if owner != job_id and not left_empty:
                raise self._taken(name, field) from None
        try:
            (self._folder / MARKS).mkdir(exist_ok=True)
            write_json_atomic(self._mark(name), {"job_id": job_id})
        except OSError:  # a full disk: nothing half-done stays
            with contextlib.suppress(OSError):
                path.rmdir()
            raise
        return path

    def check_free(self, name: str, field: str) -> None:
        """Raise Conflict when a new job could not have this name."""
        path = self._folder / name
        if not self._folder.is_dir():
            return
        if other := self._same_folded(name):
            raise self._taken(other, field)
        if path.exists() and (self.owner(name) or not path.is_dir() or any(path.iterdir())):
            raise self._taken(name, field)

    def release(self, name: str, job_id: str) -> None:
        """Give up a reservation; the folder goes only when nothing was written into it."""
        if self.owner(name) != job_id:
            return
        with contextlib.suppress(OSError):
            (self._folder / name).rmdir()
        self._mark(name).unlink(missing_ok=True)

    def owner(self, name: str) -> str | None:
        """The job that has reserved the folder."""
        try:
            return read_json(self._mark(name)).get("job_id")
        except (OSError, ValueError):
            return None

    def all(self) -> dict[str, str]:
        """{folder name: job id} of all reservations."""
        names = [mark.stem for mark in (self._folder / MARKS).glob("*.json")]
        return {name: owner for name in names if (owner := self.owner(name))}

    def _mark(self, name: str) -> Path:
        return self._folder / MARKS / f"{name}.json"

    def _same_folded(self, name: str) -> str | None:
        """A folder whose name differs in case at most: some file systems take it for the same."""
        wanted = name.casefold()
        for path in self._folder.iterdir():
            if path.name.casefold() == wanted and path.name != name:
                return path.name
        return None

    def _taken(self, name: str, field: str) -> Conflict:
        owner = self.owner(name)
        return Conflict(
            f"There is an adapter folder “{name}” already"
            + (", reserved by a run that has not finished." if owner else "."),
            field=field,
            remedy="Choose another name, or delete that adapter first.",
        )
