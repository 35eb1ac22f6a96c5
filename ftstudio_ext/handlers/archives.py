"""A folder as a zip archive, made while it is sent: nothing is written to disk or kept in memory."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

CHUNK_BYTES = 1024 * 1024


class _Outlet:
    """A file that cannot be sought, from which the written bytes are taken away again."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return None

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def zip_chunks(folder: Path) -> Iterator[bytes]:
    """The archive in pieces. Files are stored, not compressed: weights do not shrink. Links and
    hidden files are left out."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if (
                path.is_symlink()
                or not path.is_file()
                or any(p.startswith(".") for p in inside.parts)
            ):
                continue
            name = f"{folder.name}/{inside.as_posix()}"
            info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
            with _opened(path) as source, archive.open(info, "w", force_zip64=True) as target:
                while data := source.read(CHUNK_BYTES):
                    target.write(data)
                    yield outlet.take()
    yield outlet.take()


def _opened(path: Path) -> BinaryIO:
    """The file, unless it has become a link since it was looked at."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def disposition(folder: Path) -> str:
    """The header that names the archive. Folders have any name where people made them by hand."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", folder.name)
    return (
        f"attachment; filename=\"{plain}.zip\"; filename*=UTF-8''{quote(folder.name, safe='')}.zip"
    )
