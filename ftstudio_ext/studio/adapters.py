"""Adapters: the folders below `adapters/` are the truth, each with its manifest `ftstudio.json`;
the index is read from them, and what a job leaves there is an adapter at once."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import Conflict, InvalidInput, NotFound
from ftstudio_ext.core.files import read_json, write_json_atomic
from ftstudio_ext.core.templates import nearest_name
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.schema.adapters import Adapter, AdapterCreate, AdapterManifest, AdapterPatch
from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.models import BaseModelRecord
from ftstudio_ext.store.ids import new_id

from .folders import discard, size_bytes, sweep, visible
from .records import clean_name, free_name

if TYPE_CHECKING:
    from .studio import Studio

MANIFEST = "ftstudio.json"
CONFIG = "adapter_config.json"
STAGING = ".importing-"
_KEPT_SUFFIXES = frozenset(
    {".json", ".safetensors", ".txt", ".model", ".jinja", ".md", ".tiktoken"}
)

_Stamp = tuple[int, int, int]
log = logging.getLogger(__name__)


class Adapters:
    """The adapters of a workspace."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._folder = studio.settings.adapters_dir
        self._cache: dict[Path, tuple[_Stamp, Adapter | None]] = {}
        self._changing = threading.Lock()

    # --- reading ---------------------------------------------------------------------------

    def all(self) -> Sequence[Adapter]:
        """Every adapter with a readable manifest, newest first."""
        found = [self._read(folder) for folder in visible(self._folder)]
        known = [adapter for adapter in found if adapter]
        return sorted(known, key=lambda adapter: adapter.created_at, reverse=True)

    def list(
        self,
        q: str | None = None,
        base_model: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Adapter]:
        words = (q or "").casefold().split()
        model_id = self._studio.models.get(base_model).id if base_model else None
        matching = [
            adapter
            for adapter in self.all()
            if all(word in adapter.name.casefold() for word in words)
            and model_id in (None, adapter.base_model_id)
        ]
        return Page(items=matching[offset : offset + limit], total=len(matching))

    def get(self, id_or_name: str) -> Adapter:
        adapters = self.all()
        wanted = id_or_name.strip().casefold()
        for adapter in adapters:
            if adapter.id == id_or_name or adapter.name.casefold() == wanted:
                return adapter
        for adapter in adapters:
            if Path(adapter.path).name.casefold() == wanted:
                return adapter
        near = nearest_name(id_or_name, [adapter.name for adapter in adapters])
        raise NotFound(
            f"There is no adapter “{id_or_name}”.",
            remedy=f"Did you mean “{near}”?" if near else None,
        )

    def _read(self, folder: Path) -> Adapter | None:
        """The adapter in a folder; None where it is reserved, being written, not ours, or where
        somebody has broken its manifest by hand: one such folder never hides the others."""
        try:
            stamp = _stamp(folder)
        except OSError:
            return None
        cached = self._cache.get(folder)
        if cached is None or cached[0] != stamp:
            cached = self._cache[folder] = (stamp, self._load(folder, stamp))
        return cached[1]

    def _load(self, folder: Path, stamp: _Stamp) -> Adapter | None:
        try:
            manifest = AdapterManifest.model_validate(read_json(folder / MANIFEST))
            adapter = Adapter(
                id=manifest.id,
                name=manifest.name,
                revision=manifest.revision,
                created_at=manifest.created_at,
                updated_at=datetime.fromtimestamp(stamp[0] / 1e9, UTC),
                path=str(folder),
                size_bytes=size_bytes(folder),
                base_model_id=_text(manifest.base_model.get("id")),
                dataset_id=_text(manifest.dataset.get("id")),
                prompt_id=_text(manifest.prompt.get("id")),
                job_id=manifest.job_id,
                manifest=manifest,
                config=_config(folder),
            )
            adapter.model_dump_json()  # raises ValueError for text that no answer could carry
        except (OSError, ValueError, OverflowError) as error:
            log.warning("The adapter folder %s cannot be read: %s", folder, error)
            return None
        return adapter

    # --- importing -------------------------------------------------------------------------

    async def create(self, request: AdapterCreate) -> Adapter:
        """Copy a PEFT folder into the workspace."""
        source = await in_thread(
            self._studio.paths.existing_directory, request.source.path, "source.path"
        )
        facts = await self._studio.helpers.call("data", "adapter_facts", {"path": str(source)})
        return await in_thread(self._import, request, source, facts)

    def _import(self, request: AdapterCreate, source: Path, facts: dict[str, Any]) -> Adapter:
        base = self._base_model(request, _text(facts.get("base_model_name_or_path")))
        with self._changing:
            name = self._name_for(request.name, source)
            slug = free_name(clean_name(name, spaces=False), self._slug_taken)
            manifest = AdapterManifest(
                id=new_id("ad"), name=name, origin="imported", base_model=base
            )
            staging = self._folder / f"{STAGING}{slug}"
            shutil.rmtree(staging, ignore_errors=True)
            try:
                _copy_adapter(source, staging)
                write_json_atomic(staging / MANIFEST, manifest)
                staging.rename(self._folder / slug)
            except BaseException:
                shutil.rmtree(staging, ignore_errors=True)
                raise
        return self.get(manifest.id)

    def _base_model(self, request: AdapterCreate, named: str | None) -> dict[str, Any]:
        """The manifest's entry for the base model: the one asked for, or the known one that the
        adapter's configuration names, or just that name."""
        if request.base_model is not None:
            model: BaseModelRecord | None = self._studio.models.referred(
                request.base_model, "base_model"
            )
        else:
            model = self._studio.models.matching(named) if named else None
        if model is None:
            return {"name": named} if named else {}
        return {
            "id": model.id,
            "name": model.name,
            "source": model.source.model_dump(mode="json"),
            "revision": model.source_revision,
        }

    def _name_for(self, wanted: str | None, source: Path) -> str:
        taken = {adapter.name.casefold() for adapter in self.all()}
        if wanted is None:
            return free_name(clean_name(source.name), lambda name: name.casefold() in taken)
        if wanted.casefold() in taken:
            raise _name_taken(wanted)
        return wanted

    def _slug_taken(self, slug: str) -> bool:
        folder = self._folder
        return folder.is_dir() and slug.casefold() in {p.name.casefold() for p in folder.iterdir()}

    # --- changing --------------------------------------------------------------------------

    def patch(self, id_or_name: str, change: AdapterPatch, revision: int | None = None) -> Adapter:
        """Rename: the display name changes, the folder never moves."""
        with self._changing:
            adapter = self.get(id_or_name)
            if revision is not None and revision != adapter.revision:
                raise Conflict(
                    f"The adapter “{adapter.name}” was changed meanwhile: it is at revision "
                    f"{adapter.revision}, your change began at {revision}.",
                    field="revision",
                    remedy="Load it again and repeat your change.",
                )
            if change.name is None or change.name == adapter.name:
                return adapter
            others = {a.name.casefold() for a in self.all() if a.id != adapter.id}
            if change.name.casefold() in others:
                raise _name_taken(change.name)
            manifest = adapter.manifest.model_copy(
                update={"name": change.name, "revision": adapter.revision + 1}
            )
            # Fields of a newer version, unknown to this one, stay in the file.
            path = Path(adapter.path) / MANIFEST
            write_json_atomic(path, {**read_json(path), **manifest.model_dump(mode="json")})
        return self.get(adapter.id)

    def delete(self, id_or_name: str, cascade: bool = False) -> None:
        """Delete an adapter and its files."""
        adapter = self.get(id_or_name)
        self._studio.jobs.refuse_if_used("adapter", adapter.id, adapter.name)
        self._check_deletable(adapter, cascade)
        self._cache.pop(Path(adapter.path), None)
        discard(Path(adapter.path))

    def _check_deletable(self, adapter: Adapter, cascade: bool) -> None:
        """Raise Conflict while other objects say that they need the adapter."""
        users: list[str] = []
        for dependents in self._studio.adapter_dependents:
            users += dependents(adapter)
        if users and not cascade:
            raise Conflict(
                f"The adapter “{adapter.name}” is used by {', '.join(users[:5])}.",
                code="in_use",
                remedy="Delete with cascade=true: they keep their results, without the adapter.",
            )

    def reconcile(self) -> None:
        """Sweep what crashes have left, and free reservations whose job has ended or is gone."""
        sweep(self._folder, STAGING)
        for name, job_id in self._studio.reservations.all().items():
            self._studio.release_if_ended(name, job_id)


def _stamp(folder: Path) -> _Stamp:
    """Changes when the manifest or the configuration does. Raises OSError without a manifest."""
    manifest = (folder / MANIFEST).stat()
    try:
        config = (folder / CONFIG).stat().st_mtime_ns
    except OSError:
        config = 0
    return manifest.st_mtime_ns, manifest.st_size, config


def _config(folder: Path) -> dict[str, Any]:
    """adapter_config.json as it stands; empty where it cannot be read, or sent."""
    try:
        config = read_json(folder / CONFIG)
        json.dumps(config, ensure_ascii=False).encode()
    except (OSError, ValueError, RecursionError):
        return {}
    return config if isinstance(config, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


Dependents = Callable[[Adapter], list[str]]
"""Names of what needs an adapter, as `evaluation x`; registered in `Studio.adapter_dependents`."""


def _copy_adapter(source: Path, target: Path) -> None:
    """The adapter's own files: configuration, safetensors, tokenizer; no links, no checkpoints,
    nothing that could hold code or pickles."""
    target.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        wanted = path.suffix in _KEPT_SUFFIXES and path.name != MANIFEST
        if wanted and path.is_file() and not path.is_symlink():
            shutil.copyfile(path, target / path.name)
    if not (target / CONFIG).exists() or not (target / "adapter_model.safetensors").exists():
        raise InvalidInput(
            "The folder holds no adapter_config.json with adapter_model.safetensors beside it.",
            field="source.path",
            remedy="Name the folder that `save_pretrained` has written (links are not followed).",
        )
    json.loads((target / CONFIG).read_text(encoding="utf-8"))


def _name_taken(name: str) -> Conflict:
    return Conflict(
        f"There is an adapter called “{name}” already.",
        field="name",
        remedy="Choose another name.",
    )
