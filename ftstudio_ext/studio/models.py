"""Base models: local folders and models of the hub, with the facts read from their files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio_ext.core.errors import Conflict, NotFound
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.models import (
    BaseModelCreate,
    BaseModelPatch,
    BaseModelRecord,
    DirectoryModelSource,
    HubModelSource,
    ModelFacts,
)
from ftstudio_ext.schema.status import Device
from ftstudio_ext.store.ids import new_id

from .fit import fit_of, largest_free
from .records import clean_name, derived_id, free_name, insert_named, named, reference

if TYPE_CHECKING:
    from .studio import Studio


class Models:
    """The base models of a workspace. Their files stay where they are: nothing is copied."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._records = studio.database.collection("models", BaseModelRecord)

    def list(self, q: str | None = None, limit: int = 50, offset: int = 0) -> Page[BaseModelRecord]:
        return self._records.list(q=q, limit=limit, offset=offset)

    def listed(
        self, q: str | None = None, limit: int = 50, offset: int = 0
    ) -> Page[BaseModelRecord]:
        """As `list`, with whether each fits into the memory that is free now."""
        page = self.list(q, limit, offset)
        device = largest_free(self._studio)
        items = [_with_fit(model, device) for model in page.items]
        return Page[BaseModelRecord](items=items, total=page.total)

    def shown(self, id_or_name: str) -> BaseModelRecord:
        """As `get`, with whether it fits into the memory that is free now."""
        return _with_fit(self.get(id_or_name), largest_free(self._studio))

    def get(self, id_or_name: str) -> BaseModelRecord:
        return self._records.get(id_or_name)

    def referred(self, id_or_name: str, field: str) -> BaseModelRecord:
        """The base model that a field of a request means."""
        return reference(
            self._records.get,
            id_or_name,
            field,
            "base model",
            lambda: [model.name for model in self._records.find()],
        )

    def matching(self, name_or_path: str) -> BaseModelRecord | None:
        """The base model that an adapter's configuration names: a folder or a hub id."""
        for model in self._records.find():
            if isinstance(model.source, HubModelSource):
                if model.source.repo_id == name_or_path:
                    return model
            elif model.path and _same_folder(name_or_path, model.path):
                return model
        return None

    async def create(self, request: BaseModelCreate) -> BaseModelRecord:
        """Register a model after its facts could be read."""
        model_id = derived_id("bm", request.request_id or new_id("request"))
        known = await in_thread(self._made_before, model_id)
        if known:
            return known
        name = await in_thread(self._name_for, request)
        record = BaseModelRecord(id=model_id, name=name, source=request.source)
        if isinstance(request.source, DirectoryModelSource):
            await self._fill_from_directory(record, request.source)
        else:
            await self._fill_from_hub(record, request.source)
        return await in_thread(self._insert, record, request.name is None)

    async def _fill_from_directory(
        self, record: BaseModelRecord, source: DirectoryModelSource
    ) -> None:
        policy = self._studio.paths
        path = await in_thread(policy.existing_directory, source.path, "source.path")
        facts = await self._studio.helpers.call("data", "model_facts", {"path": str(path)})
        record.facts = ModelFacts.model_validate(facts)
        record.path = str(path)
        record.source = DirectoryModelSource(path=policy.relative(path))

    async def _fill_from_hub(self, record: BaseModelRecord, source: HubModelSource) -> None:
        """The revision is pinned to the commit that the hub (or the local cache) names now."""
        answer = await self._studio.helpers.call(
            "data",
            "hub_model_facts",
            {"repo_id": source.repo_id, "revision": source.revision},
            timeout_s=120,
        )
        record.facts = ModelFacts.model_validate(answer["facts"])
        record.source_revision = answer["commit"]

    def _insert(self, record: BaseModelRecord, name_is_ours: bool) -> BaseModelRecord:
        try:
            return insert_named(self._records, record, name_is_ours)
        except Conflict:
            if known := self._made_before(record.id):  # the same request, sent twice at once
                return known
            raise

    def patch(
        self, id_or_name: str, change: BaseModelPatch, revision: int | None = None
    ) -> BaseModelRecord:
        return self._records.update(
            id_or_name, change.model_dump(exclude_unset=True, exclude_none=True), revision
        )

    def delete(self, id_or_name: str, cascade: bool = False) -> None:
        """Take a model off the list; its files stay. Adapters stay too, and say what they need."""
        model = self._records.get(id_or_name)
        self._studio.jobs.refuse_if_used("base_model", model.id, model.name)
        adapters = [a for a in self._studio.adapters.all() if a.base_model_id == model.id]
        if adapters and not cascade:
            raise Conflict(
                f"The base model “{model.name}” is used by {named(adapters, 'adapter')}.",
                code="in_use",
                remedy="Delete with cascade=true: the adapters stay, and need it to be used again.",
            )
        self._records.delete(model.id)

    def _made_before(self, model_id: str) -> BaseModelRecord | None:
        try:
            return self._records.get(model_id)
        except NotFound:
            return None

    def _name_for(self, request: BaseModelCreate) -> str:
        if request.name is None:
            source = request.source
            proposed = source.repo_id if isinstance(source, HubModelSource) else source.path
            last = proposed.rstrip("/").rsplit("/", 1)[-1]
            return free_name(clean_name(last), self._taken)
        if self._taken(request.name):
            raise Conflict(
                f"There is a base model called “{request.name}” already.",
                field="name",
                remedy="Choose another name, or use the one that is there.",
            )
        return request.name

    def _taken(self, name: str) -> bool:
        return self._made_before(name) is not None


def _with_fit(model: BaseModelRecord, device: Device | None) -> BaseModelRecord:
    return model.model_copy(update={"fit": fit_of(model.facts.memory, device)})


def _same_folder(name: str, path: str) -> bool:
    """Whether a name that a file holds means this folder; it may hold anything."""
    try:
        return Path(name).resolve() == Path(path)
    except (OSError, ValueError, RuntimeError):  # too long, a null character, a loop of links
        return False
