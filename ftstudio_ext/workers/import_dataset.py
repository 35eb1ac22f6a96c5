"""Import job: brings a dataset from the Hugging Face hub and writes our Arrow copy of it.

`resolved` in spec.json: `dataset` (the Dataset record, its source a HubSource) and
`dataset_dir` (absolute, not yet there). The folder appears whole, with `dataset.json`, as the
last act. Code from the hub is never run.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import pyarrow as pa

from ftstudio_ext.core.errors import InvalidInput, NotFound, StudioError, Unavailable
from ftstudio_ext.core.files import read_json
from ftstudio_ext.jobs.protocol import EXIT_STOPPED
from ftstudio_ext.jobs.worker import Stopped, WorkerRun, main
from ftstudio_ext.schema.datasets import Dataset, HubSource

from .data_files import (
    RECORD_FILE,
    SplitWriter,
    check_split_names,
    join_schemas,
    result_of,
    staging,
    write_record,
)
from .hub import translate
from .readers.arrow_types import cast_batch
from .readers.base import BATCH_ROWS
from .readers.columnar import plain_schema

_COMMIT = re.compile(r"^[0-9a-f]{40}$")


def work(run: WorkerRun) -> None:
    """One attempt."""
    wanted = Dataset.model_validate(run.spec.resolved["dataset"])
    destination = Path(run.spec.resolved["dataset_dir"])
    if (destination / RECORD_FILE).exists():  # an earlier attempt ended right after its last act
        made = Dataset.model_validate(read_json(destination / RECORD_FILE))
    else:
        assert isinstance(wanted.source, HubSource)
        run.phase("downloading")
        with _Watch(run):
            commit, splits = bring(run, wanted.source)
        run.phase("saving")
        made = save(run, wanted, commit, splits, destination)
    run.emit(kind="result", data=result_of(made))


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


def save(
    run: WorkerRun, wanted: Dataset, commit: str | None, splits: dict[str, Any], destination: Path
) -> Dataset:
    """Write the dataset's folder. Raises Stopped when asked to."""
    check_split_names(splits)
    splits = {name: split for name, split in splits.items() if split.num_rows}
    if not splits:
        raise InvalidInput(
            f"{wanted.source.repo_id} holds no rows.",  # type: ignore[union-attr]
            field="source.repo_id",
            remedy="Choose another config or revision.",
        )
    total = sum(split.num_rows for split in splits.values())
    with staging(destination) as folder:
        writers, schemas, done = {}, {}, 0
        for name, split in splits.items():
            writers[name] = SplitWriter(folder, name)
            for batch in _plain_batches(split):
                if run.control() in ("stop", "stop_and_save"):
                    raise Stopped
                writers[name].write(batch)
                done += batch.num_rows
                run.progress(step=done, total_steps=total)
                schemas[name] = batch.schema
        schema = join_schemas(schemas, text_columns=False)
        return write_record(
            folder,
            dataset_id=wanted.id,
            name=wanted.name,
            source=wanted.source.model_dump(),
            schema=schema,
            splits=[writer.finish(schema) for writer in writers.values()],
            source_revision=commit,
        )


def _plain_batches(split: Any) -> Iterator[pa.RecordBatch]:
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


class _Watch:
    """While libraries download: keeps the heartbeat going, and ends the process when asked to.
    What was downloaded stays in the libraries' cache, where the next attempt finds it."""

    def __init__(self, run: WorkerRun) -> None:
        self._run = run
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.5):
            if self._run.control() in ("stop", "stop_and_save"):
                os._exit(EXIT_STOPPED)
            self._run.progress()


if __name__ == "__main__":
    main(work)
