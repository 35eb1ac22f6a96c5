"""Datasets of the Hugging Face hub: pinned, downloaded, and read in plain types. Code from the
hub is never run."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio_ext.core.errors import InvalidInput, NotFound, StudioError, Unavailable
from ftstudio_ext.jobs.worker import WorkerRun
from ftstudio_ext.schema.datasets import HubSource

from .hub_errors import translate
from .readers.arrow_types import cast_batch
from .readers.base import BATCH_ROWS
from .readers.columnar import plain_schema

_COMMIT = re.compile(r"^[0-9a-f]{40}$")


def bring(run: WorkerRun, source: HubSource) -> tuple[str | None, dict[str, Any]]:
    """The commit, and {split: datasets.Dataset} downloaded into the libraries' own cache."""
    pinned = pin(source)
    splits = load(source, pinned)
    commit = pinned or _cached_commit(splits)
    if pinned is None:
        if source.revision and _COMMIT.match(source.revision) and commit != source.revision:
            raise Unavailable(
                f"The hub cannot be reached, and the local cache has {source.repo_id} at "
                f"{commit}, not at {source.revision}.",
                field="source.revision",
                remedy="Check the network, or leave the revision empty.",
            )
        run.emit(
            kind="warning",
            code="from_cache",
            message=f"The hub cannot be reached: {source.repo_id} was taken from the local cache"
            + (f", at commit {commit}." if commit else "."),
        )
    return commit, splits


def pin(source: HubSource) -> str | None:
    """The commit that the revision means now; None, and no more tries, where the hub is away."""
    import huggingface_hub

    try:
        api = huggingface_hub.HfApi()
        return api.dataset_info(source.repo_id, revision=source.revision, timeout=30).sha
    except Exception as error:
        words = translate(error, source.repo_id, source.revision, "dataset")
        if not isinstance(words, Unavailable):
            raise words from None
        print(f"{words.message} Looking into the local cache.", flush=True)
    os.environ["HF_HUB_OFFLINE"] = "1"  # read by `datasets`, which is not imported yet
    huggingface_hub.constants.HF_HUB_OFFLINE = True
    return None


def load(source: HubSource, commit: str | None) -> dict[str, Any]:
    """{split: datasets.Dataset}. Raises StudioError."""
    import datasets

    try:
        loaded = datasets.load_dataset(
            source.repo_id, name=source.config, revision=commit or source.revision
        )
    except Exception as error:
        raise _words(error, source) from error
    return dict(loaded) if isinstance(loaded, dict) else {"train": loaded}


def _cached_commit(splits: dict[str, Any]) -> str | None:
    """The commit in the cache's path: …/<config>/<version>/<commit>/<file>.arrow."""
    for split in splits.values():
        for file in split.cache_files:
            name = Path(file["filename"]).parent.name
            if _COMMIT.match(name):
                return name
    return None


def _words(error: Exception, source: HubSource) -> StudioError:
    """An error of `datasets` in words; the traceback goes to the log."""
    text = " ".join(str(error).split())
    if "onfig name is missing" in text or "BuilderConfig" in text:
        return InvalidInput(
            f"{source.repo_id}: {text[:400]}",
            field="source.config",
            remedy="Set `config` to one of the names listed.",
        )
    if "scripts are no longer supported" in text:
        return InvalidInput(
            f"{source.repo_id} is loaded by a script of its own, and code from the hub is not run.",
            field="source.repo_id",
            remedy="Try the revision refs/convert/parquet, where the hub keeps a converted copy.",
        )
    kind = type(error).__name__
    if kind in ("EmptyDatasetError", "DataFilesNotFoundError"):
        return NotFound(
            f"{source.repo_id} has no data files that can be read.",
            field="source.repo_id",
            remedy="See the dataset's page for how it is meant to be used.",
        )
    if kind.startswith("DatasetGeneration"):
        cause = " ".join(str(error.__cause__ or error).split())[:300]
        return InvalidInput(
            f"The files of {source.repo_id} do not make one table: {cause}",
            field="source.repo_id",
            remedy="Choose another config or revision, or download the files and import one.",
        )
    return translate(error, source.repo_id, source.revision, "dataset")


def chosen(source: Any, splits: dict[str, Any]) -> dict[str, Any]:
    """The splits that were asked for; all of them when none were."""
    if not source.splits:
        return splits
    for name in source.splits:
        if name not in splits:
            raise InvalidInput(
                f"{source.repo_id} has no split {name!r}.",
                field="source.splits",
                remedy=f"Its splits are {', '.join(splits)}.",
            )
    return {name: splits[name] for name in source.splits}


def plain_batches(split: Any) -> Iterator[pa.RecordBatch]:
    """The split in plain types. Class labels become their names: a model learns words, not the
    numbers of a list it never sees. What `datasets` keeps as JSON, since a column mixes types,
    becomes text."""
    from datasets import ClassLabel, Json

    texts: dict[str, Callable[[Any], str | None]] = {}
    for name, feature in split.features.items():
        if isinstance(feature, ClassLabel) and feature.names:
            texts[name] = _label_names(feature.names)
        elif isinstance(feature, Json):
            texts[name] = _json_text
    for table in split.with_format("arrow").iter(BATCH_ROWS):
        for name, text in texts.items():
            values = [text(value) for value in table.column(name).to_pylist()]
            column = pa.array(values, pa.string())
            table = table.set_column(table.schema.get_field_index(name), name, column)
        schema = plain_schema(table.schema, "The dataset")
        for batch in table.combine_chunks().to_batches(BATCH_ROWS):
            yield cast_batch(batch, schema)


def _label_names(names: list[str]) -> Callable[[Any], str | None]:
    return lambda n: names[n] if n is not None and 0 <= n < len(names) else None


def _json_text(value: Any) -> str | None:
    """Text as it is, null as none, anything else as its JSON."""
    if not isinstance(value, str):
        return value if value is None else json.dumps(value, ensure_ascii=False)
    try:
        inner = json.loads(value)
    except ValueError:
        return value
    return inner if inner is None or isinstance(inner, str) else value
