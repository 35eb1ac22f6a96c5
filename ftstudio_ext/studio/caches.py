"""The Hugging Face caches that jobs and helpers use: where they are, and what they hold.

Read by walking, since the server imports no Hugging Face library: `models--org--name/` with
`blobs/` and links to them in the hub's cache, `org___name/` in that of `datasets`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ftstudio_ext.schema.storage import StorageKind

from .storage_found import Found, entries, found
from .storage_needs import Needs

DOWNLOADING_S = 600.0
_KINDS: dict[str, StorageKind] = {"models": "model_cache", "datasets": "dataset_cache"}
_OTHERS = "Other programs of yours that use it download it again."


def cache_folders(environ: Mapping[str, str]) -> tuple[Path, Path]:
    """(the hub's cache, that of `datasets`), as these libraries find them."""
    base = environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = Path(environ.get("HF_HOME") or Path(base) / "huggingface").expanduser()
    hub = environ.get("HF_HUB_CACHE") or environ.get("HUGGINGFACE_HUB_CACHE") or home / "hub"
    datasets = environ.get("HF_DATASETS_CACHE") or home / "datasets"
    return Path(hub).expanduser(), Path(datasets).expanduser()


def cached_items(environ: Mapping[str, str], needs: Needs) -> Iterator[Found]:
    hub, datasets = cache_folders(environ)
    for folder in entries(hub):
        noun, _, rest = folder.name.partition("--")
        if rest and noun in _KINDS and folder.is_dir():
            yield _repository(hub, folder, _KINDS[noun], rest.replace("--", "/"), needs)
    for folder in entries(datasets):
        if folder.is_dir() and not folder.name.startswith("."):
            yield _prepared(folder, needs)


def _repository(hub: Path, folder: Path, kind: StorageKind, repo: str, needs: Needs) -> Found:
    busy = _being_downloaded([folder / "blobs"])
    model = kind == "model_cache"
    used_by = needs.models.get(repo, ()) if model else needs.imported.get(repo, ())
    users = [*used_by] if model else needs.jobs_naming(repo)
    locks = [path for path in [hub / ".locks" / folder.name] if path.exists()]
    return found(
        f"{kind}:{folder.name}",
        kind,
        repo,
        folder,
        used_by=used_by,
        goes=() if busy or users else (folder, *locks),
        cleans=f"Nothing in the studio needs it. {_OTHERS}" if model else _imported(bool(used_by)),
        kept="It is being downloaded." if busy else "The studio needs it.",
    )


def _prepared(folder: Path, needs: Needs) -> Found:
    """A folder in the cache of `datasets`: what the library made of the files it downloaded."""
    repo = folder.name.replace("___", "/")
    used_by = needs.imported.get(repo, ())
    users = needs.jobs_naming(repo)
    busy = _being_downloaded([folder, *entries(folder)])
    return found(
        f"dataset_cache:{folder.name}",
        "dataset_cache",
        repo,
        folder,
        used_by=used_by,
        goes=() if users or busy else (folder,),
        cleans=_imported(bool(used_by)),
        kept="It is being written." if busy else "An import that is not finished needs it.",
    )


def _imported(known: bool) -> str:
    """A dataset of the studio never reads the cache again, unless it is imported anew."""
    if known:
        return f"The imported dataset stays; importing it again downloads it again. {_OTHERS}"
    return f"Nothing in the studio needs it. {_OTHERS}"


def _being_downloaded(folders: Iterable[Path]) -> bool:
    """Whether a file that is not whole was written to within ten minutes."""
    limit = time.time() - DOWNLOADING_S
    return any(
        path.name.endswith((".incomplete", ".lock")) and _written(path) > limit
        for folder in folders
        for path in entries(folder)
    )


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def merged(worker_env: Mapping[str, str]) -> dict[str, str]:
    """The environment that decides where jobs and helpers find their caches."""
    return {**os.environ, **worker_env}
