"""A disk of a few megabytes, so that a full one is a real one."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a tmpfs at a folder; the test is skipped where that is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(folder: Path, leave_bytes: int = 0) -> Path:
    """Take the room of a disk with one file, but for so many bytes; returns the file."""
    path = folder / "ballast"
    facts = os.statvfs(folder)
    left = facts.f_bavail * facts.f_frsize - leave_bytes
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while left > 0:
            left -= file.write(bytes(min(left, 1 << 20)))
    return path
