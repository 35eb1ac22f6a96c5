"""A SQLite tracking store that is whole from its first moment.

MLflow builds its database in place, in some sixty migrations that take seconds and are no
transaction: a process killed in between leaves a file that MLflow can never open again. So the
database is built under another name and linked into its place when it is complete.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

SQLITE = "sqlite:///"
LEFT_OVER_S = 600
"""An unfinished database this old has no maker any more."""


def make_store(tracking_uri: str) -> None:
    """Build the database of a SQLite address that has none yet; other addresses are left alone.

    Two processes may do this at once: the first one to finish wins, the other's copy goes.
    """
    path = sqlite_file(tracking_uri)
    if path is None or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    for left_over in path.parent.glob(f".{path.name}.*.unfinished"):
        if time.time() - left_over.stat().st_mtime > LEFT_OVER_S:
            _forget(left_over)
    try:
        _build(unfinished)
        _put(unfinished, path)
    finally:
        _forget(unfinished)


def sqlite_file(tracking_uri: str) -> Path | None:
    """The file behind a SQLite address."""
    name = tracking_uri.removeprefix(SQLITE).split("?")[0]
    if not tracking_uri.startswith(SQLITE) or not name or name == ":memory:":
        return None
    return Path(name)


def _build(path: Path) -> None:
    from mlflow import MlflowClient

    MlflowClient(tracking_uri=f"{SQLITE}{path}").search_experiments(max_results=1)


def _put(unfinished: Path, path: Path) -> None:
    """Give the database its name, unless somebody was faster."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        if not path.exists():
            unfinished.rename(path)


def _forget(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + suffix).unlink()
