"""The lists of a studio: `studio.datasets`, `.models`, `.prompts`, `.adapters`, `.presets`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import display, formats, uploads
from .errors import JobFailed
from .listing import Collection, key_of, new_request_id
from .objects import Adapter, BaseModel, Dataset, Preset

IMPORT_TIMEOUT_S = 3600


class Datasets(Collection[Dataset]):
    """Imported datasets."""

    path, title, item = "datasets", "datasets", Dataset
    headers = ("Name", "State", "Rows", "Columns", "Size", "Imported")
    empty = 'No datasets yet. Import one: studio.datasets.add("data/train.jsonl").'

    def add(
        self,
        source: Any,
        *,
        name: str | None = None,
        config: str | None = None,
        revision: str | None = None,
        splits: list[str] | None = None,
        format: str | None = None,
        columns: Mapping[str, str | None] | None = None,
        conversation: str | Mapping[str, str] | None = None,
        progress: bool = True,
    ) -> Dataset:
        """Import a file, a folder or zip of files, `{split: file}`, `"hub:owner/name"`, or a table
        (pandas, polars, pyarrow, `datasets`, a list of dicts, or `{split: table}`), and wait until
        it is there.

        Paths start at the notebook's folder, or at the server's root directory; `config`,
        `revision` and `splits` belong to hub datasets. `columns={"sql": "answer", "id": None}`
        renames and leaves out columns of the copy; `conversation="messages"` makes columns of
        text from a column of messages.
        """
        body: dict[str, Any] = {"name": name, "columns": dict(columns or {})}
        if conversation is not None:
            asked = {"column": conversation} if isinstance(conversation, str) else conversation
            body["conversation"] = dict(asked)
        if uploads.is_table(source):
            with uploads.uploaded(self._studio, source, name or "table") as wanted:
                body |= {"source": wanted, "delete_source": True}
                return self._imported(body, progress)
        repo_id = hub_id(source)
        if repo_id:
            wanted = {"source": "hub", "repo_id": repo_id, "config": config, "revision": revision}
            body["source"] = {**wanted, "splits": splits}
        else:
            body["source"] = {**self._local_source(source), "format": format}
        return self._imported(body, progress)

    def _imported(self, body: dict[str, Any], progress: bool) -> Dataset:
        return self._waited(progress, body, self.path)

    def reimport(self, dataset: Any, *, name: str | None = None, progress: bool = True) -> Dataset:
        """Import a dataset's source again, as a new dataset; the old one stays."""
        found = self[key_of(dataset)]
        return self._waited(progress, {"name": name}, self.path, found.id, "reimport")

    def _waited(self, progress: bool, body: dict[str, Any], *path: str) -> Dataset:
        """Send an import and wait until the dataset is there."""
        body = {**body, "request_id": new_request_id()}
        answer = self._studio.connection.post(*path, body=body, timeout_s=IMPORT_TIMEOUT_S)
        made = self._made(answer)
        if made.state == "importing" and made.job_id:
            self._studio.jobs[made.job_id].wait(progress=progress)
            made = self[made.id]
        if made.state == "failed":
            raise JobFailed(made.error or f"The import of '{made.name}' has failed.")
        for note in made.notes:
            warnings.warn(note, stacklevel=4)
        return made

    def _local_source(self, source: str | Path | Mapping[str, Any]) -> dict[str, Any]:
        """Paths as the server wants them; what has no suffix here or there is a folder."""
        at = self._studio.server_path
        if isinstance(source, Mapping):
            paths = {
                split: [at(one) for one in path] if isinstance(path, list) else at(path)
                for split, path in source.items()
            }
            return {"source": "file", "path": paths}
        if not isinstance(source, str | Path):
            raise TypeError(
                f"{type(source).__name__} cannot be imported: give a path, {{split: path}}, "
                '"hub:owner/name", or a table.'
            )
        path = at(source)
        suffix = Path(path).suffix.lower()
        is_folder = suffix == ".zip" or self._studio.is_folder(path, without_suffix=not suffix)
        return {"source": "directory" if is_folder else "file", "path": path}

    def _cells(self, item: Dataset) -> list[object]:
        columns = ", ".join(column.name for column in item.columns)
        when = item.created_at
        rows = formats.number(item.rows)
        return [item.name, display.state(item.state), rows, columns, formats.size(item.bytes), when]


class Models(Collection[BaseModel]):
    """Base models."""

    path, title, item = "models", "base models", BaseModel
    headers = ("Name", "Architecture", "Parameters", "Context", "Weights")
    empty = 'No base models yet. Import one: studio.models.add("models/my-model").'

    def add(
        self, source: str | Path, *, name: str | None = None, revision: str | None = None
    ) -> BaseModel:
        """Register a folder in Hugging Face format, or `"hub:owner/name"`. Nothing is copied."""
        repo_id = hub_id(source)
        if repo_id:
            wanted = {"source": "hub", "repo_id": repo_id, "revision": revision}
        else:
            wanted = {"source": "directory", "path": self._studio.server_path(source)}
        body = {"name": name, "source": wanted, "request_id": new_request_id()}
        return self._made(self._studio.connection.post(self.path, body=body, timeout_s=300))

    def _cells(self, item: BaseModel) -> list[object]:
        facts = item.facts
        return [
            item.name,
            facts.architecture,
            formats.count(facts.parameters),
            formats.number(facts.context_length),
            formats.size(facts.size_bytes),
        ]


class Adapters(Collection[Adapter]):
    """Adapters that were trained here or imported."""

    path, title, item = "adapters", "adapters", Adapter
    headers = ("Name", "Base model", "Dataset", "Eval loss", "Size", "Made")
    empty = "No adapters yet. They appear here when a training run ends."

    def add(self, path: str | Path, *, name: str | None = None, base_model: Any = None) -> Adapter:
        """Import a PEFT folder (adapter_config.json, adapter_model.safetensors)."""
        source = {"source": "directory", "path": self._studio.server_path(path)}
        body = {"name": name, "source": source}
        if base_model is not None:
            body["base_model"] = key_of(base_model)
        return self._made(self._studio.connection.post(self.path, body=body, timeout_s=600))

    def _cells(self, item: Adapter) -> list[object]:
        manifest = item.manifest
        return [
            item.name,
            manifest.base_model.get("name"),
            manifest.dataset.get("name"),
            formats.number(manifest.metrics.get("eval_loss")),
            formats.size(item.size_bytes),
            item.created_at,
        ]


class Presets(Collection[Preset]):
    """Named settings for LoRA, quantization, training and generation."""

    path, title, item = "presets", "presets", Preset
    headers = ("Name", "Kind", "Settings")
    empty = "No presets."

    def create(
        self, name: str, kind: str, config: Mapping[str, Any], description: str = ""
    ) -> Preset:
        """Save settings; `kind` is lora, quantization, training or generation."""
        body = {
            "name": name,
            "kind": kind,
            "config": dict(config),
            "description": description,
        }
        return self._made(self._studio.connection.post(self.path, body=body))

    def _cells(self, item: Preset) -> list[object]:
        settings = ", ".join(f"{key} {value}" for key, value in item.config.items())
        return [item.name, item.kind, settings or item.description]


def hub_id(source: Any) -> str | None:
    """`owner/name` of `"hub:owner/name"`."""
    return source.removeprefix("hub:").strip() if str(source).startswith("hub:") else None
