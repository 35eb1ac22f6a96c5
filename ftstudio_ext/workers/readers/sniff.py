"""What a file is: by its name, and by its first bytes, which know better."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from ftstudio_ext.core.errors import NotFound
from ftstudio_ext.core.formats import SUFFIXES
from ftstudio_ext.schema.datasets import FileFormat

from .problems import FIELD, refuse

FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)
_PACKED = {
    b"\x1f\x8b": ("a gzip archive", "Unpack it first: `gunzip {name}`."),
    b"PK\x03\x04": ("a zip archive", "Unpack it first: `unzip {name}`."),
    b"BZh": ("a bzip2 archive", "Unpack it first: `bunzip2 {name}`."),
    b"\xfd7zXZ\x00": ("an xz archive", "Unpack it first: `unxz {name}`."),
    b"\x28\xb5\x2f\xfd": ("a zstd archive", "Unpack it first: `unzstd {name}`."),
    b"7z\xbc\xaf": ("a 7z archive", "Unpack it first: `7z x {name}`."),
    b"SQLite format 3\x00": ("an SQLite database", "Export the table as CSV and import that."),
    b"%PDF": ("a PDF document", "Make a table of its texts and import that."),
}
_SPREADSHEETS = (".xlsx", ".xlsm", ".ods")
_WIDE = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_TEXT_FORMATS = ("csv", "tsv", "json", "jsonl")


def sniff(path: Path, format_name: str | None, shown: str) -> FileFormat:
    """The format of a file. Raises NotFound or InvalidInput where it cannot be imported."""
    head = _head(path, shown)
    _refuse_packed(head, path, shown)
    asked = _asked(path, format_name, shown)
    if head.startswith(b"PAR1") and asked != "parquet":
        if format_name:
            _mismatch(shown, asked, "a Parquet file", "parquet")
        return "parquet"
    if head.startswith(b"ARROW1") and asked != "arrow":
        if format_name:
            _mismatch(shown, asked, "an Arrow file", "arrow")
        return "arrow"
    if asked in _TEXT_FORMATS:
        _check_text(head, path, shown)
    return asked


def _head(path: Path, shown: str) -> bytes:
    if path.is_dir():
        refuse(
            f"{shown} is a folder, not a file.",
            "Name a file, or one file for each split: {split: path}.",
        )
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise NotFound(
            f"There is no file {shown}.",
            field=FIELD,
            remedy="Check the path; it is relative to the server's root directory.",
        ) from None
    except OSError as error:
        refuse(f"{shown} cannot be read: {error.strerror}.", "Check the file's permissions.")
    if not head:
        refuse(f"{shown} is empty (0 bytes).", "Check that it was written or uploaded completely.")
    return head


def _refuse_packed(head: bytes, path: Path, shown: str) -> None:
    if head.startswith(b"PK\x03\x04") and path.suffix.lower() in _SPREADSHEETS:
        refuse(f"{shown} is a spreadsheet.", "Save the sheet as CSV (UTF-8) and import that.")
    for magic, (what, remedy) in _PACKED.items():
        if head.startswith(magic):
            refuse(
                f"{shown} is {what}, which cannot be imported as it is.",
                remedy.format(name=path.name),
            )
    if head.startswith(b"version https://git-lfs"):
        refuse(
            f"{shown} is a Git LFS pointer: the data itself was not downloaded.",
            "Run `git lfs pull` in its repository.",
        )


def _asked(path: Path, format_name: str | None, shown: str) -> FileFormat:
    if format_name in FORMATS:
        return format_name
    if format_name is None and path.suffix.lower() in SUFFIXES:
        return SUFFIXES[path.suffix.lower()]
    what = f"the format {format_name!r}" if format_name else f"the file name {path.name!r}"
    refuse(
        f"{shown}: {what} does not tell a known format.",
        f"Choose one of the formats {', '.join(FORMATS)}.",
    )


def _mismatch(shown: str, asked: str, what: str, right: str) -> None:
    refuse(f"{shown} is {what}, not {asked}.", f"Choose the format {right}.")


def _check_text(head: bytes, path: Path, shown: str) -> None:
    for mark, encoding in _WIDE.items():
        if head.startswith(mark):
            refuse(
                f"{shown} is {encoding} text; only UTF-8 can be imported.",
                f"Convert it: `iconv -f {encoding} -t UTF-8 {path.name} > utf8-{path.name}`.",
            )
    if not head.removeprefix(b"\xef\xbb\xbf").strip() and path.stat().st_size <= len(head):
        refuse(
            f"{shown} holds nothing but blank space.",
            "Check that it was written or uploaded completely.",
        )
