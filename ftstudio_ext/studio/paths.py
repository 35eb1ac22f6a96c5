"""Paths that people give: inside the server's root directory or an allow-listed one, or refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from ftstudio_ext.core.errors import Forbidden, InvalidInput


class PathPolicy:
    """Decides which paths people may use. Symbolic links are followed before the decision."""

    def __init__(self, root: Path, allowed: Iterable[Path] = ()) -> None:
        self.root = root.resolve()
        self.allowed = tuple(path.resolve() for path in allowed)

    def resolve(self, text: str, field: str) -> Path:
        """The absolute path that `text` means, which need not exist. Relative paths start at the
        server's root directory, as in the file browser."""
        cleaned = text.strip()
        if unusable := _unusable(cleaned):
            raise InvalidInput(
                f"'{field}' {unusable}.",
                field=field,
                remedy="Give a path below the server's root directory, for example data/train.csv.",
            )
        given = Path(cleaned)
        if ".." in given.parts:
            raise InvalidInput(
                f"'{cleaned}' holds '..', which is not followed.",
                field=field,
                remedy="Write the path from the server's root directory on, without '..'.",
            )
        try:
            path = (self.root / given.expanduser()).resolve()
        except (OSError, RuntimeError) as error:  # a loop of links, or no home directory
            raise InvalidInput(
                f"'{cleaned}' cannot be resolved: {str(error).rstrip('.')}.",
                field=field,
                remedy="Give a path from the server's root directory on, without a loop of "
                "symbolic links.",
            ) from None
        if not self.contains(path):
            raise self._outside(cleaned, given, path, field)
        return path

    def contains(self, path: Path) -> bool:
        """Whether a resolved path lies inside the root or an allow-listed directory."""
        return any(path.is_relative_to(base) for base in (self.root, *self.allowed))

    def existing_file(self, text: str, field: str) -> Path:
        """As `resolve`, and there is a file."""
        path = self.resolve(text, field)
        if _is(stat.S_ISDIR, path, text, field):
            raise InvalidInput(
                f"'{text}' is a folder, not a file.",
                field=field,
                remedy="Name one file, or give {split: path} for several.",
            )
        return self._must_exist(path, _is(stat.S_ISREG, path, text, field), text, field, "file")

    def existing_directory(self, text: str, field: str) -> Path:
        """As `resolve`, and there is a folder."""
        path = self.resolve(text, field)
        if _is(stat.S_ISREG, path, text, field):
            raise InvalidInput(
                f"'{text}' is a file, not a folder.",
                field=field,
                remedy="Name the folder that holds it.",
            )
        return self._must_exist(path, _is(stat.S_ISDIR, path, text, field), text, field, "folder")

    def relative(self, path: Path) -> str:
        """The path as the file browser shows it; absolute where it lies outside the root."""
        try:
            return path.resolve().relative_to(self.root).as_posix()
        except ValueError:
            return str(path)

    def _must_exist(self, path: Path, exists: bool, text: str, field: str, noun: str) -> Path:
        if exists:
            return path
        if os.path.lexists(path):
            raise InvalidInput(
                f"'{text}' is a pipe, a socket or a device, not a {noun}.",
                field=field,
                remedy=f"Name a {noun} with the data in it.",
            )
        raise InvalidInput(
            f"There is no {noun} '{text}'.",
            field=field,
            remedy=f"Relative paths start at {self.root}; check the spelling, or upload it there.",
        )

    def _outside(self, text: str, given: Path, path: Path, field: str) -> Forbidden:
        why = (
            f"'{text}' lies outside the server's root directory."
            if given.is_absolute() or text.startswith("~")
            else f"'{text}' is a link that leads outside, to {path}."
        )
        return Forbidden(
            why,
            field=field,
            remedy=(
                f"Use a path below {self.root}, or have the directory added to the setting "
                "FineTuningStudio.allowed_dirs."
            ),
        )


LONGEST_PATH, LONGEST_PART = 4000, 255


def _unusable(text: str) -> str | None:
    """Why no file system could hold such a path."""
    if not text:
        return "is empty"
    if "\0" in text:
        return "holds a null character"
    try:
        raw = os.fsencode(text)
    except UnicodeEncodeError:
        return "holds half of a surrogate pair, which is no character"
    if len(raw) > LONGEST_PATH or any(len(part) > LONGEST_PART for part in raw.split(b"/")):
        return "is longer than a path can be"
    return None


def _is(kind: Callable[[int], bool], path: Path, text: str, field: str) -> bool:
    """Whether there is something of this kind. Raises Forbidden where nobody may look."""
    try:
        return kind(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise Forbidden(
            f"'{text}' cannot be read: {error.strerror or error}.",
            field=field,
            remedy="Check the permissions of the file and of the folders above it.",
        ) from None
