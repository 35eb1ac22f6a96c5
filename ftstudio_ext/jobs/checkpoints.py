"""Seals of checkpoints: a manifest that only a whole checkpoint can match.

The trainer writes checkpoints in place and without fsync; a missing optimizer or truncated
weights may resume in silence with wrong numbers. A sealed checkpoint holds every byte it had
when it was sealed, or it is not used. Standard library only.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

from ftstudio_ext.core.files import fsync_dir, write_json_atomic

from .protocol import read_object

SEAL = "ftstudio-seal.json"
_NAME = re.compile(r"^checkpoint-(\d+)$")


def seal(directory: str | os.PathLike[str]) -> Path:
    """Make every file of a checkpoint durable, then write its manifest; returns the manifest."""
    folder = Path(directory)
    manifest = folder / SEAL
    manifest.unlink(missing_ok=True)
    files: dict[str, dict[str, Any]] = {}
    for path in _files(folder):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = os.fstat(file.fileno()).st_size
        files[path.relative_to(folder).as_posix()] = {"sha256": digest, "size": size}
    for inner in sorted({path.parent for path in _files(folder)}):
        fsync_dir(inner)
    write_json_atomic(manifest, {"protocol": 1, "step": step_of(folder), "files": files})
    fsync_dir(folder.parent)
    return manifest


def problem(directory: str | os.PathLike[str], *, contents: bool = True) -> str | None:
    """Why a checkpoint cannot be trusted, in words; None when its seal holds.

    With `contents=False` only presence and sizes are looked at, which costs no reading.
    """
    folder = Path(directory)
    manifest = read_object(folder / SEAL)
    if manifest is None or not isinstance(manifest.get("files"), dict) or not manifest["files"]:
        return f"{folder.name} has no seal: it was not written to its end."
    for name, facts in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            return f"{folder.name} lacks {name}."
        if path.stat().st_size != facts["size"]:
            return f"{name} in {folder.name} has {path.stat().st_size} bytes, not {facts['size']}."
        if contents and _digest(path) != facts["sha256"]:
            return f"{name} in {folder.name} has changed since it was saved."
    return None


def verify(directory: str | os.PathLike[str]) -> bool:
    """Whether a checkpoint is, byte for byte, what was sealed (`problem` says why not)."""
    return problem(directory) is None


def newest_good(checkpoints_dir: str | os.PathLike[str]) -> Path | None:
    """The checkpoint with the highest step whose seal holds, contents included."""
    return next((path for path in _newest_first(checkpoints_dir) if verify(path)), None)


def newest_sealed_step(checkpoints_dir: str | os.PathLike[str]) -> int | None:
    """The step to show as the one to resume from: seal present, sizes right, nothing hashed."""
    for path in _newest_first(checkpoints_dir):
        if problem(path, contents=False) is None:
            return step_of(path)
    return None


def expected_bytes(checkpoints_dir: str | os.PathLike[str]) -> int | None:
    """The size of the newest sealed checkpoint: the next one will be about as large."""
    for path in _newest_first(checkpoints_dir):
        files = (read_object(path / SEAL) or {}).get("files")
        if isinstance(files, dict) and files:
            return sum(int(facts["size"]) for facts in files.values())
    return None


def step_of(directory: str | os.PathLike[str]) -> int | None:
    """1200 of `checkpoint-1200`."""
    match = _NAME.match(Path(directory).name)
    return int(match[1]) if match else None


def _newest_first(checkpoints_dir: str | os.PathLike[str]) -> list[Path]:
    try:
        found = [path for path in Path(checkpoints_dir).iterdir() if _NAME.match(path.name)]
    except OSError:
        return []
    return sorted(found, key=lambda path: step_of(path) or 0, reverse=True)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SEAL)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
