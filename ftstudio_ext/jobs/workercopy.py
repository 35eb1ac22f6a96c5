"""The copy of the package that workers run from, so that versions never skew under a queue."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from pathlib import Path

from ftstudio_ext.core.files import fsync_dir

from .locks import FileLock
from .protocol import private_dir, read_object, read_state, run_dirs

PACKAGE = Path(__file__).resolve().parent.parent
PARTS = ("schema", "core", "jobs", "workers")
FILES = ("__init__.py", "_version.py")
STALE_S = 3600.0


def ensure_worker_copy(workspace: Path) -> Path:
    """The folder to put on a worker's PYTHONPATH: `.run/worker/<version>-<hash>/`.

    The hash is that of the sources, so a changed working copy of the package gets a new folder
    and a queued job keeps the code it was submitted with. As long as this process lives, the
    copies it was given are not swept.
    """
    contents = _contents()
    home = private_dir(workspace) / "worker"
    target = home / _name(contents)
    while not _hold(target):
        _make(contents, target)
    return target


def sweep_copies(workspace: Path) -> list[Path]:
    """Remove the copies that neither a job that may still run nor a living server refers to.

    For the start of a server. Returns what was removed; left-overs of killed makers go too.
    """
    home = workspace / ".run" / "worker"
    if not home.is_dir():
        return []
    current, limit = _name(_contents()), time.time() - STALE_S
    old = []
    for path in home.iterdir():
        if not path.name.startswith("."):
            if path.name != current:
                old.append(path)
        elif path.is_dir() and (path.name.startswith(".trash-") or path.stat().st_mtime < limit):
            shutil.rmtree(path, ignore_errors=True)
    needed = _needed(workspace) if old else set()
    return [path for path in old if path.name not in needed and _remove(path)]


def _needed(workspace: Path) -> set[str]:
    """The names of the copies that jobs run from: all but succeeded ones, which cannot be resumed.

    By name, since a workspace may be reached by several paths.
    """
    found: set[str] = set()
    for run_dir in run_dirs(workspace):
        if read_state(run_dir)["state"] != "succeeded":
            spec = read_object(run_dir / "spec.json") or {}
            found.update(Path(part).name for part in str(spec.get("pythonpath", "")).split(":"))
    return found


_held: dict[Path, FileLock] = {}
"""A shared lock on each copy that this process has handed out."""


def _hold(target: Path) -> bool:
    """Whether the copy is there, marked as in use from now on."""
    if not target.is_dir():
        _held.pop(target, None)
        return False
    if target not in _held:
        lock = FileLock(_lock_file(target))
        try:
            if not lock.try_acquire(shared=True):
                return False  # it is being removed
        except OSError:  # no locks here, or read-only: then nothing is swept either
            return True
        _held[target] = lock
    return target.is_dir()


def _remove(path: Path) -> bool:
    """Remove a copy that no process holds."""
    lock = FileLock(_lock_file(path))
    trash = path.parent / f".trash-{secrets.token_hex(6)}"
    try:
        if not lock.try_acquire():
            return False
        path.rename(trash)
    except OSError:
        return False
    finally:
        lock.close()
    shutil.rmtree(trash, ignore_errors=True)
    return True


def _lock_file(target: Path) -> Path:
    """Beside the copy and never removed, so that all who ask lock the same file."""
    return target.parent / f".{target.name}.lock"


def _make(contents: dict[str, bytes], target: Path) -> None:
    staging = target.parent / f".staging-{secrets.token_hex(6)}"
    try:
        for name, data in contents.items():
            path = staging / "ftstudio_ext" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        staging.rename(target)
        fsync_dir(target.parent)
    except OSError:
        if not target.is_dir():  # otherwise another process was quicker
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _contents() -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in _sources().items()}


def _name(contents: dict[str, bytes]) -> str:
    return f"{_version(contents)}-{_digest(contents)}"


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
