"""The copy of the package that workers run from, so that versions never skew under a queue."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from pathlib import Path

from ftstudio_ext.core.files import fsync_dir

from .protocol import private_dir

PACKAGE = Path(__file__).resolve().parent.parent
PARTS = ("schema", "core", "jobs", "workers")
FILES = ("__init__.py", "_version.py")


def ensure_worker_copy(workspace: Path) -> Path:
    """The folder to put on a worker's PYTHONPATH: `.run/worker/<version>-<hash>/`.

    The hash is that of the sources, so a changed working copy of the package gets a new folder
    and a queued job keeps the code it was submitted with.
    """
    sources = _sources()
    contents = {name: path.read_bytes() for name, path in sources.items()}
    home = private_dir(workspace) / "worker"
    target = home / f"{_version(contents)}-{_digest(contents)}"
    if target.is_dir():
        return target
    staging = home / f".staging-{secrets.token_hex(6)}"
    try:
        for name, data in contents.items():
            path = staging / "ftstudio_ext" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        staging.rename(target)
        fsync_dir(home)
    except OSError:
        if not target.is_dir():  # otherwise another process was quicker
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return target


def _sources() -> dict[str, Path]:
    """Relative name → file of everything a worker needs."""
    found = {name: PACKAGE / name for name in FILES if (PACKAGE / name).is_file()}
    for part in PARTS:
        for path in sorted((PACKAGE / part).rglob("*")):
            if path.is_file() and path.suffix not in (".pyc", ".pyo"):
                found[path.relative_to(PACKAGE).as_posix()] = path
    return found


def _version(contents: dict[str, bytes]) -> str:
    from ftstudio_ext import __version__

    return "".join(c if c.isalnum() or c in "._-" else "-" for c in __version__)


def _digest(contents: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in sorted(contents.items()):
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()[:12]
