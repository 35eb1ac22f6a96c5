"""Datasets: import, rows, deletion. An imported dataset is a folder `datasets/<id>/` of Arrow
files with `dataset.json`, its record, so that the index can be rebuilt from the folders."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import Conflict, InvalidInput, NotFound
from ftstudio_ext.core.files import write_json_atomic
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.datasets import (
    Dataset,
    DatasetCreate,
    DatasetPatch,
    DerivedSource,
    Peek,
    PeekRequest,
    ReimportRequest,
    RowsPage,
    Split,
)
from ftstudio_ext.store.ids import new_id

from .folders import discard
from .records import clean_name, derived_id, free_name, insert_named, named, reference
from .sources import note_changes, resolve

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
        page = self._records.list(q=q, limit=limit, offset=offset)
        page.items = [self._studio.profiles.counted(dataset) for dataset in page.items]
        return page

    def shown(self, id_or_name: str) -> Dataset:
        """As `get`, with its findings, and whether its source has changed since the import."""
        return note_changes(self._studio, self._studio.profiles.counted(self.get(id_or_name)))

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
        self,
        id_or_name: str,
        split: str | None = None,
        offset: int = 0,
        limit: int = 50,
        q: str | None = None,
    ) -> RowsPage:
        """A page of rows of one split, read by random access in the data helper; with `q` of the
        rows that hold this text."""
        dataset = await in_thread(self._ready, id_or_name)
        part = self.split(dataset, split, "split")
        answer = await self._studio.helpers.call(
            "data",
            "search_rows" if q else "rows",
            {
                "dataset_dir": str(self.directory(dataset)),
                "split_file": part.file,
                "offset": offset,
                "limit": limit,
                "q": q,
            },
        )
        end = offset + len(answer["rows"])
        places = {
            "indices": list(range(offset, end)),
            "next_offset": end if end < answer["total"] else None,
        }
        return RowsPage(**{**places, **answer, "split": part.name, "offset": offset})

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
        """Import a dataset: small files within this call, all else by a light job."""
        request_id = request.request_id or new_id("request")
        dataset_id = derived_id("ds", request_id)
        async with self._importing.setdefault(dataset_id, asyncio.Lock()):
            try:
                if known := await in_thread(self._made_before, dataset_id):
                    return known
                return await self._studio.imports.begin(dataset_id, request_id, request)
            finally:
                self._importing.pop(dataset_id, None)

    async def peek(self, request: PeekRequest) -> Peek:
        """Look into files before they are imported."""
        settings = self._studio.settings
        resolved = await in_thread(resolve, self._studio, request.source)
        answer = await self._studio.helpers.call(
            "data",
            "peek",
            {
                **resolved.params,
                "conversation": request.conversation and request.conversation.model_dump(),
                "limit": request.limit,
            },
        )
        proposed = clean_name(resolved.proposed_name)
        name = await in_thread(free_name, proposed, self._taken)
        as_job = resolved.size_bytes >= settings.import_job_bytes
        return Peek.model_validate({**answer, "as_job": as_job, "name": name})

    async def reimport(self, id_or_name: str, request: ReimportRequest) -> Dataset:
        """Import a dataset's source again, as a new dataset."""
        dataset = await in_thread(self.get, id_or_name)
        if dataset.uploaded:
            raise Conflict(
                f"The files of '{dataset.name}' were uploaded for its import alone and are gone.",
                remedy="Upload them again and import them as a new dataset.",
            )
        if isinstance(dataset.source, DerivedSource):
            raise Conflict(
                f"'{dataset.name}' is a cleaned copy of '{dataset.source.dataset}': it has no "
                "source of its own.",
                remedy="Import that dataset's source again, examine it, and clean it anew.",
            )
        name = request.name or await in_thread(free_name, dataset.name, self._taken)
        return await self.create(
            DatasetCreate(
                name=name,
                source=dataset.source,
                columns=dataset.column_changes,
                conversation=dataset.conversation,
                request_id=request.request_id,
            )
        )

    def _made_before(self, dataset_id: str) -> Dataset | None:
        try:
            return self._records.get(dataset_id)
        except NotFound:
            return None

    def keep(self, dataset: Dataset, name_is_ours: bool) -> Dataset:
        """Index an imported dataset; its folder goes when it cannot be."""
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
