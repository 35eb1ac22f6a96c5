"""The studio's objects in a notebook: the models of the vocabulary, with a card to look at and
the few things that one does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import PrivateAttr

from ftstudio_ext.schema import adapters, datasets, models, preflight, presets, status

from . import display, formats
from .tables import Table, short

if TYPE_CHECKING:
    from .client import Studio
    from .exports import ExportHandle
    from .prompts import Suggestion


class Attached:
    """Mixed into a model of the vocabulary: the studio that it came from."""

    _studio: Any = PrivateAttr(default=None)

    @property
    def studio(self) -> Studio:
        """The studio that it came from."""
        return self._studio  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'name', '')!r}: {self._summary()}>"

    __str__ = __repr__

    def _summary(self) -> str:
        return ""


class Dataset(Attached, datasets.Dataset):
    """An imported dataset."""

    def head(self, limit: int = 10, split: str | None = None, *, offset: int = 0) -> Table:
        """Rows of one split, as a list of dicts."""
        answer = self.studio.connection.get(
            "datasets", self.id, "rows", offset=offset, limit=limit, split=split
        )
        page = datasets.RowsPage.model_validate(answer)
        return Table(
            page.rows,
            headers=[column.name for column in self.columns],
            cells=lambda row: [short(row.get(column.name)) for column in self.columns],
            caption=f"{self.name}, {page.split}: rows {page.offset} to "
            f"{page.offset + len(page.rows) - 1} of {formats.number(page.total)}",
        )

    def suggest_prompt(self) -> Suggestion:
        """Templates that fit this dataset, with reasons."""
        return self.studio.prompts.suggest(self)

    def reimport(self, name: str | None = None) -> Dataset:
        """Import its source again, as a new dataset, for example after the source has changed."""
        return self.studio.datasets.reimport(self, name=name)

    def delete(self, cascade: bool = False) -> None:
        """Delete it; what others use needs `cascade=True`."""
        self.studio.datasets.delete(self, cascade=cascade)

    def _summary(self) -> str:
        if self.state != "ready":
            return f"{self.state}. {self.error or ''}".strip()
        parts = ", ".join(f"{split.name} {formats.number(split.rows)}" for split in self.splits)
        return f"{formats.number(self.rows)} rows ({parts})"

    def _repr_html_(self) -> str:
        columns = ", ".join(f"{column.name} ({column.type})" for column in self.columns)
        return display.card(
            self.name,
            [
                ("State", display.state(self.state)),
                ("Rows", self._summary()),
                ("Columns", columns or None),
                ("Size", formats.size(self.bytes)),
                ("Imported", self.created_at),
            ],
            note=display.problem(self.error) if self.error else "",
        )


class BaseModel(Attached, models.BaseModelRecord):
    """A base model."""

    def delete(self, cascade: bool = False) -> None:
        """Delete it; what others use needs `cascade=True`."""
        self.studio.models.delete(self, cascade=cascade)

    def _summary(self) -> str:
        return f"{self.facts.architecture or 'unknown'}, {formats.count(self.facts.parameters)}"

    def _repr_html_(self) -> str:
        facts = self.facts
        return display.card(
            self.name,
            [
                ("Architecture", facts.architecture),
                ("Parameters", formats.count(facts.parameters)),
                (
                    "Context",
                    f"{facts.context_length:,} tokens" if facts.context_length else None,
                ),
                ("Weights", formats.size(facts.size_bytes)),
                ("From", self.path or getattr(self.source, "repo_id", None)),
            ],
        )


class Adapter(Attached, adapters.Adapter):
    """An adapter; `path` is its PEFT folder."""

    def delete(self, cascade: bool = False) -> None:
        """Delete it; what others use needs `cascade=True`."""
        self.studio.adapters.delete(self, cascade=cascade)

    def export(self, format: str = "merged", **fields: Any) -> ExportHandle:
        """Export it, merged into its base model or alone; see `Studio.export`."""
        return self.studio.export(self, format, **fields)

    @property
    def metrics(self) -> dict[str, float]:
        """What the run measured last."""
        return self.manifest.metrics

    def _summary(self) -> str:
        return f"of {self.manifest.base_model.get('name') or 'an unknown base model'}"

    def _repr_html_(self) -> str:
        manifest = self.manifest
        metrics = ", ".join(f"{key} {formats.number(value)}" for key, value in self.metrics.items())
        return display.card(
            self.name,
            [
                ("Base model", manifest.base_model.get("name")),
                ("Dataset", manifest.dataset.get("name")),
                ("Prompt", manifest.prompt.get("name")),
                ("Metrics", metrics or None),
                ("Size", formats.size(self.size_bytes)),
                ("Folder", self.path),
                ("Made", self.created_at),
            ],
        )


class Preset(Attached, presets.Preset):
    """Named settings; spread `config` into a specification."""

    def delete(self) -> None:
        """Delete it."""
        self.studio.presets.delete(self)

    def _summary(self) -> str:
        return f"{self.kind}, {self.config}"

    def _repr_html_(self) -> str:
        facts = [(str(key), value) for key, value in self.config.items()]
        return display.card(
            f"{self.name} ({self.kind})", facts, note=display.soft(self.description)
        )


class Status(Attached, status.Status):
    """The server, its machine and its workspace."""

    def _summary(self) -> str:
        return (
            f"version {self.version}, workspace {self.workspace}, "
            f"{self.running_jobs} running, {self.queued_jobs} queued"
        )

    def _repr_html_(self) -> str:
        devices = "; ".join(
            f"{device.name}, {formats.size(device.memory_free_bytes)} free of "
            f"{formats.size(device.memory_total_bytes)}"
            for device in self.devices
        )
        return display.card(
            f"Fine-tuning Studio {self.version}",
            [
                ("Workspace", self.workspace),
                ("Devices", devices or None),
                ("Disk", f"{formats.size(self.disk_free_bytes)} free"),
                ("Jobs", f"{self.running_jobs} running, {self.queued_jobs} queued"),
                ("Interpreter", self.interpreter.python if self.interpreter else None),
                ("MLflow", self.tracking_uri),
            ],
            note=self._problems(),
        )

    def _problems(self) -> display.Html:
        found = [(notice.message, notice.remedy) for notice in self.notices]
        if self.interpreter and self.interpreter.error:
            found.append((self.interpreter.error.message, self.interpreter.error.remedy))
        if self.read_only:
            found.append((self.read_only_reason or "The workspace is read-only.", None))
        return display.Html("".join(display.problem(*each, level="warning") for each in found))


class Preflight(Attached, preflight.Preflight):
    """What a specification would do, and every check that did not pass."""

    @property
    def blocking(self) -> list[preflight.Check]:
        """What keeps the run from starting."""
        return [check for check in self.checks if check.level == "blocking"]

    def __repr__(self) -> str:
        lines = [self._summary()]
        lines += [f"{c.level}: {c.message} {c.remedy or ''}".rstrip() for c in self.checks]
        return "\n".join(lines)

    def _summary(self) -> str:
        if self.rows is None or self.steps is None:
            return "Ready" if self.ready else "Not ready"
        steps = self.steps
        text = (
            f"{self.rows.train:,} training, {self.rows.validation:,} validation and "
            f"{self.rows.test:,} test rows · {steps.total_steps:,} steps of "
            f"{steps.effective_batch_size:,} examples"
        )
        if steps.accumulation_steps > 1:
            text += f" ({steps.per_device_batch_size:,} × {steps.accumulation_steps:,} accumulated)"
        return text

    def _repr_html_(self) -> str:
        checks = "".join(display.problem(c.message, c.remedy, c.level) for c in self.checks)
        title = "Ready to train" if self.ready else "Not ready to train"
        return display.card(title, [("Plan", self._summary())], note=display.Html(checks))
