"""Datasets: import, rows, deletion. An imported dataset is a folder `datasets/<id>/` of Arrow
files with `dataset.json`, its record, so that the index can be rebuilt from the folders."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import Conflict, InvalidInput, NotFound
from ftstudio_ext.core.files import write_json_atomic
from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.datasets import (
    Dataset,
    DatasetCreate,
    DatasetPatch,
    FileSource,
    HubSource,
    RowsPage,
    Split,
)
from ftstudio_ext.schema.jobs import JobCreate
from ftstudio_ext.store.ids import new_id

from .folders import discard
from .records import clean_name, derived_id, free_name, insert_named, named, reference

if TYPE_CHECKING:
    from .studio import Studio

MANIFEST = "dataset.json"


class Datasets:
    """The datasets of a workspace."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._records = studio.database.collection("datasets", Dataset)
        self._importing: dict[str, asyncio.Lock] = {}

    # --- reading ---------------------------------------------------------------------------

    def list(self, q: str | None = None, limit: int = 50, offset: int = 0) -> Page[Dataset]:
        self._studio.imports.settle()
        return self._records.list(q=q, limit=limit, offset=offset)

    def get(self, id_or_name: str) -> Dataset:
        dataset = self._records.get(id_or_name)
        if dataset.state == "importing":
            self._studio.imports.settle()
            dataset = self._records.get(dataset.id)
        return dataset

    def referred(self, id_or_name: str, field: str) -> Dataset:
        """The ready dataset that a field of a request means."""
        return self._checked_ready(
            reference(self.get, id_or_name, field, "dataset", self._names), field
        )

    def _ready(self, id_or_name: str) -> Dataset:
        return self._checked_ready(self.get(id_or_name), "dataset")

    def _checked_ready(self, dataset: Dataset, field: str) -> Dataset:
        if dataset.state != "ready":
            raise Conflict(
                f"The dataset '{dataset.name}' is not ready: "
                + ("its import has failed." if dataset.state == "failed" else "it is importing."),
                field=field,
                remedy="Wait for its import job to end, or import it again."
                if dataset.state == "importing"
                else f"{dataset.error or 'See its import job.'} Import it again.",
            )
        return dataset

    def directory(self, dataset: Dataset) -> Path:
        """The absolute folder with the dataset's Arrow files."""
        return self._studio.settings.datasets_dir / dataset.id

    async def rows(
        self, id_or_name: str, split: str | None = None, offset: int = 0, limit: int = 50
    ) -> RowsPage:
        """A page of rows of one split, read by random access in the data helper."""
        dataset = await asyncio.to_thread(self._ready, id_or_name)
        part = self.split(dataset, split, "split")
        answer = await self._studio.helpers.call(
            "data",
            "rows",
            {
                "dataset_dir": str(self.directory(dataset)),
                "split_file": part.file,
                "offset": offset,
                "limit": limit,
            },
        )
        return RowsPage(split=part.name, offset=offset, total=answer["total"], rows=answer["rows"])

    def split(self, dataset: Dataset, name: str | None, field: str) -> Split:
        """The split of that name; without one: `train`, or the first."""
        by_name = {split.name: split for split in dataset.splits}
        if name is None and by_name:
            return by_name.get("train") or dataset.splits[0]
        if name not in by_name:
            raise InvalidInput(
                f"The dataset '{dataset.name}' has no split '{name}'.",
                field=field,
                remedy=f"Its splits are {', '.join(by_name)}.",
            )
        return by_name[name]

    # --- changing --------------------------------------------------------------------------

    async def create(self, request: DatasetCreate) -> Dataset:
        """Import a dataset: files within this call, hub datasets by a light job."""
        request_id = request.request_id or new_id("request")
        dataset_id = derived_id("ds", request_id)
        async with self._importing.setdefault(dataset_id, asyncio.Lock()):
            try:
                if known := await asyncio.to_thread(self._made_before, dataset_id):
                    return known
                if isinstance(request.source, HubSource):
                    spec = request.model_dump(mode="json", exclude={"request_id"})
                    create = JobCreate(type="import", spec=spec, request_id=request_id)
                    await asyncio.to_thread(self._studio.jobs.create, create)
                    return await asyncio.to_thread(self._records.get, dataset_id)
                return await self._import_files(dataset_id, request, request.source)
            finally:
                self._importing.pop(dataset_id, None)

    def _made_before(self, dataset_id: str) -> Dataset | None:
        try:
            return self._records.get(dataset_id)
        except NotFound:
            return None

    async def _import_files(
        self, dataset_id: str, request: DatasetCreate, source: FileSource
    ) -> Dataset:
        """The helper writes a staging folder and renames it: a failed import leaves nothing."""
        settings = self._studio.settings
        paths = await asyncio.to_thread(self._checked_files, source)
        name = await asyncio.to_thread(self.name_for, request, next(iter(paths.values())).stem)
        shown = self._as_shown(source, paths)
        destination = settings.datasets_dir / dataset_id
        await asyncio.to_thread(discard, destination)  # left by a crash before the insert
        facts = await self._studio.helpers.call(
            "data",
            "import",
            {
                "source": shown.model_dump(mode="json"),
                "root_dir": str(self._studio.paths.root),
                "dest_dir": str(destination),
                "dataset_id": dataset_id,
                "name": name,
            },
            timeout_s=settings.import_timeout_s,
        )
        dataset = Dataset(id=dataset_id, name=name, source=shown, **facts)
        return await asyncio.to_thread(self._keep, dataset, request.name is None)

    def _checked_files(self, source: FileSource) -> dict[str, Path]:
        """{split: absolute path}; the key is empty when the request names one file only."""
        policy = self._studio.paths
        if isinstance(source.path, str):
            files = {"": policy.existing_file(source.path, "source.path")}
        elif source.path:
            files = {
                split: policy.existing_file(path, f"source.path.{split}")
                for split, path in source.path.items()
            }
        else:
            raise InvalidInput(
                "'source.path' names no file.",
                field="source.path",
                remedy="Give a path, or {split: path} with at least one split.",
            )
        size, limit = sum(p.stat().st_size for p in files.values()), self._studio.settings
        if size > limit.max_import_bytes:
            raise InvalidInput(
                f"The files have {size / 1e9:.3g} GB; the limit here is "
                f"{limit.max_import_bytes / 1e9:.3g} GB.",
                field="source.path",
                remedy="Import a part of them, or have FineTuningStudio.max_import_bytes raised.",
            )
        return files

    def _as_shown(self, source: FileSource, paths: dict[str, Path]) -> FileSource:
        """The source as it is kept: paths as the file browser shows them."""
        shown = {split: self._studio.paths.relative(path) for split, path in paths.items()}
        path = shown if isinstance(source.path, dict) else shown[""]
        return source.model_copy(update={"path": path})

    def _keep(self, dataset: Dataset, name_is_ours: bool) -> Dataset:
        try:
            return insert_named(self._records, dataset, name_is_ours)
        except Conflict:
            if known := self._made_before(dataset.id):  # indexed from its folder meanwhile
                return known
            discard(self.directory(dataset))
            raise

    def patch(self, id_or_name: str, change: DatasetPatch, revision: int | None = None) -> Dataset:
        dataset = self._records.get(id_or_name)
        changed = self._records.update(
            dataset.id, change.model_dump(exclude_unset=True, exclude_none=True), revision
        )
        if (manifest := self.directory(changed) / MANIFEST).exists():
            write_json_atomic(manifest, changed)
        return changed

    def delete(self, id_or_name: str, cascade: bool = False) -> None:
        """Delete a dataset and its files. Its prompts go with it when `cascade`; adapters stay:
        they keep a copy of what they were trained with."""
        dataset = self._records.get(id_or_name)
        self._studio.jobs.refuse_if_used("dataset", dataset.id, dataset.name)
        prompts = self._studio.prompts.of_dataset(dataset.id)
        adapters = [a for a in self._studio.adapters.all() if a.dataset_id == dataset.id]
        if (prompts or adapters) and not cascade:
            going, staying = named(prompts, "prompt"), named(adapters, "adapter")
            raise Conflict(
                f"The dataset '{dataset.name}' is used by "
                + " and ".join(filter(None, [going, staying]))
                + ".",
                code="in_use",
                remedy="Delete with cascade=true: prompts go with it, adapters stay.",
            )
        discard(self.directory(dataset))
        for prompt in prompts:
            self._studio.prompts.delete(prompt.id)
        self._records.delete(dataset.id)

    # --- names -----------------------------------------------------------------------------

    def name_for(self, request: DatasetCreate, proposed: str) -> str:
        """The wanted name, refused when it is taken; or a free one made from the source. A failed
        import does not keep its name."""
        if request.name is None:
            return free_name(clean_name(proposed), self._taken)
        if self._taken(request.name):
            holder = self._records.get(request.name)
            if holder.state == "failed":
                self.delete(holder.id)
                return request.name
            raise Conflict(
                f"There is a dataset '{request.name}' already.",
                field="name",
                remedy="Choose another name, or delete that dataset first.",
            )
        return request.name

    def _taken(self, name: str) -> bool:
        try:
            self._records.get(name)
        except NotFound:
            return False
        return True

    def _names(self) -> Any:
        return [dataset.name for dataset in self._records.find()]
