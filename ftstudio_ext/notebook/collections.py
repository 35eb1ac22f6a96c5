"""The lists of a studio: `studio.datasets`, `.models`, `.prompts`, `.adapters`, `.presets`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import display, formats
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
        source: str | Path | Mapping[str, str | Path],
        *,
        name: str | None = None,
        config: str | None = None,
        revision: str | None = None,
        format: str | None = None,
        progress: bool = True,
    ) -> Dataset:
        """Import a file, `{split: file}`, or `"hub:owner/name"`, and wait until it is there.

        Paths start at the notebook's folder, or at the server's root directory; `config` and
        `revision` belong to hub datasets.
        """
        repo_id = hub_id(source)
        wanted: dict[str, Any]
        if repo_id:
            wanted = {"source": "hub", "repo_id": repo_id, "config": config, "revision": revision}
        else:
            wanted = {"source": "file", "path": self._paths(source), "format": format}
        made = self._made(
            self._studio.connection.post(
                self.path,
                body={"name": name, "source": wanted, "request_id": new_request_id()},
                timeout_s=IMPORT_TIMEOUT_S,
            )
        )
        if made.state == "importing" and made.job_id:
            self._studio.jobs[made.job_id].wait(progress=progress)
            made = self[made.id]
        if made.state == "failed":
            raise JobFailed(made.error or f"The import of '{made.name}' has failed.")
        return made

    def _paths(self, source: str | Path | Mapping[str, str | Path]) -> str | dict[str, str]:
        if isinstance(source, Mapping):
            return {split: self._studio.server_path(path) for split, path in source.items()}
        return self._studio.server_path(source)

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
