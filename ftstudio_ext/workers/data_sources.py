"""Where an import reads from: files, a folder's files, or the members of a zip, by split."""

from __future__ import annotations

import hashlib
import shutil
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ftstudio_ext.core.errors import NotFound
from ftstudio_ext.core.formats import MAX_FILES, arrange
from ftstudio_ext.schema.datasets import (
    DirectorySource,
    FileFormat,
    FileSource,
    LocalSource,
    SourceFile,
)

from .data_files import check_split_names
from .readers import Reader, open_reader
from .readers.base import BATCH_BYTES, MAX_ROW_BYTES
from .readers.problems import refuse

HASHED_BYTES = 64 << 20
"""Sources up to this size are hashed, so that a touched file is told from a changed one."""
MAX_UNPACKED_BYTES = 20 << 30
LOOKED_AT_BYTES = 2 * BATCH_BYTES + MAX_ROW_BYTES
"""Of a packed text, for a look at its first rows."""
_TEXTS = ("csv", "tsv", "json", "jsonl")
_ZIP_ERRORS = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError)
_BROKEN_ZIP = "Check that it was written or uploaded completely, and pack it again."


@dataclass(frozen=True)
class Part:
    """One file of a split. `shown` is its name for people, also that of a zip's member."""

    split: str
    path: Path
    shown: str

    def reader(self, format_name: FileFormat | None) -> Reader:
        """Raises NotFound or InvalidInput."""
        return open_reader(self.path, format_name, self.shown)


@dataclass
class Sources:
    """All of it; `originals` are the files that people have, for a zip the zip itself."""

    parts: list[Part]
    originals: list[tuple[str, Path]]
    format: FileFormat | None
    ignored: list[str]
    names: dict[str, list[str]] = field(default_factory=dict)
    """All members of a zip, by split, also those that a look leaves packed."""
    size_bytes: int = 0

    def __post_init__(self) -> None:
        self.size_bytes = self.size_bytes or sum(
            path.stat().st_size for _, path in self.originals if path.is_file()
        )

    def by_split(self) -> dict[str, list[Part]]:
        """Parts in their order, by split."""
        found: dict[str, list[Part]] = {}
        for part in self.parts:
            found.setdefault(part.split, []).append(part)
        return found


def gather(source: LocalSource, params: dict[str, Any], unpack_to: Path) -> Sources:
    """The files of a source. `params` may have root_dir (what relative paths start at),
    files (a folder's files, relative to it, that may be read) and max_bytes (of a zip's content).
    Members of a zip are written into `unpack_to`, which the caller removes."""
    root = Path(params.get("root_dir") or "/")
    if isinstance(source, FileSource):
        return _files(source, root)
    path = root / source.path
    if path.is_dir():
        return _folder(source, path, params.get("files"))
    if not path.exists():
        raise NotFound(
            f"There is no folder or zip file {source.path}.",
            field="source.path",
            remedy="Check the path; it is relative to the server's root directory.",
        )
    limit = int(params.get("max_bytes") or MAX_UNPACKED_BYTES)
    return _archive(source, path, unpack_to, limit, params.get("first_only", False))


def fingerprints(originals: list[tuple[str, Path]]) -> list[SourceFile]:
    """The files as they are now; hashed where all of them together are small."""
    facts = [(shown, path, path.stat()) for shown, path in originals]
    small = sum(fact.st_size for _, _, fact in facts) <= HASHED_BYTES
    return [
        SourceFile(
            path=shown,
            size=fact.st_size,
            modified_ns=fact.st_mtime_ns,
            sha256=sha256(path) if small else None,
        )
        for shown, path, fact in facts
    ]


def sha256(path: Path) -> str:
    """Of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(source: FileSource, root: Path) -> Sources:
    named = source.path if isinstance(source.path, dict) else {"train": source.path}
    check_split_names(named)
    parts = [
        Part(split, root / path, path)
        for split, paths in named.items()
        for path in ([paths] if isinstance(paths, str) else paths)
    ]
    return Sources(parts, [(part.shown, part.path) for part in parts], source.format, [])


def _folder(source: DirectorySource, folder: Path, files: list[str] | None) -> Sources:
    names = files if files is not None else walk(folder)
    found = arrange(names, source.format, source.path)
    parts = [
        Part(split, folder / name, f"{source.path}/{name}")
        for split, taken in found.splits.items()
        for name in taken
    ]
    originals = [(part.shown, part.path) for part in parts]
    return Sources(parts, originals, found.format, found.ignored)


def walk(folder: Path) -> list[str]:
    """The files below a folder, relative to it; links to folders are not followed."""
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def _archive(
    source: DirectorySource, path: Path, unpack_to: Path, limit: int, first_only: bool
) -> Sources:
    """Only files of data are unpacked, under names of our own: no member can leave the folder."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = _checked(archive, source.path, limit)
            found = arrange(members, source.format, source.path)
            parts: list[Part] = []
            for split, taken in found.splits.items():
                for name in taken[:1] if first_only else taken:
                    target = unpack_to / f"{len(parts)}{PurePosixPath(name).suffix.lower()}"
                    head = LOOKED_AT_BYTES if first_only and found.format in _TEXTS else None
                    with archive.open(members[name]) as packed, target.open("xb") as file:
                        _copy(packed, file, head)
                    parts.append(Part(split, target, f"{source.path}/{name}"))
    except _ZIP_ERRORS as error:
        detail = str(error).rstrip(".") or type(error).__name__
        refuse(f"{source.path} cannot be read as a zip file: {detail}.", _BROKEN_ZIP)
    size = sum(members[name].file_size for taken in found.splits.values() for name in taken)
    names = {
        split: [f"{source.path}/{name}" for name in taken] for split, taken in found.splits.items()
    }
    return Sources(parts, [(source.path, path)], found.format, found.ignored, names, size)


def _copy(packed: IO[bytes], file: IO[bytes], head: int | None) -> None:
    """All of a member, or its beginning: more than a reader takes for its first batch."""
    if head is not None:
        file.write(packed.read(head))
    else:
        shutil.copyfileobj(packed, file, 1 << 20)


def _checked(archive: zipfile.ZipFile, shown: str, limit: int) -> dict[str, zipfile.ZipInfo]:
    """{name: member} of the files in a zip. Raises InvalidInput for what is not unpacked."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MAX_FILES:
        refuse(f"{shown} holds {len(members):,} files.", f"Pack at most {MAX_FILES:,} of them.")
    for member in members:
        _check_member(member, shown)
    size = sum(member.file_size for member in members)
    if size > limit:
        refuse(
            f"{shown} unpacks to {size / 1e9:.3g} GB; the limit here is {limit / 1e9:.3g} GB.",
            "Pack a part of it, or have FineTuningStudio.max_import_bytes raised.",
        )
    return {member.filename: member for member in members}


def _check_member(member: zipfile.ZipInfo, shown: str) -> None:
    name = member.filename
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0]:
        refuse(
            f"{shown} holds {name!r}, a path that leads out of the archive.",
            "Pack the files anew, from inside their folder.",
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        refuse(
            f"{shown} holds {name!r}, a symbolic link; links are not followed.",
            "Pack the file itself, for example without the option `-y` of zip.",
        )
    if member.flag_bits & 0x1:
        refuse(f"{shown} is protected by a password.", "Unpack it yourself and import the folder.")
