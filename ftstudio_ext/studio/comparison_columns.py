"""The columns of a comparison: who answers, with every name looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.adapters import Adapter
from ftstudio_ext.schema.comparisons import CompareColumn, CompareRequest, ComparisonColumn
from ftstudio_ext.schema.models import BaseModelRecord
from ftstudio_ext.schema.prompts import Prompt

from .answerers import LoadedAdapter, adapter_of, loaded_adapter

if TYPE_CHECKING:
    from .studio import Studio


@dataclass
class Column:
    """A column with everything it names."""

    request: CompareColumn
    model: BaseModelRecord
    adapter: Adapter | None
    loaded: LoadedAdapter | None
    prompt: Prompt | None = None

    @property
    def label(self) -> str:
        return self.request.label or (self.loaded.name if self.loaded else self.model.name)


def columns_of(studio: Studio, request: CompareRequest) -> list[Column]:
    """Raises InvalidInput with the field of the column that does not do."""
    return [_column(studio, given, place) for place, given in enumerate(request.columns)]


def _column(studio: Studio, given: CompareColumn, place: int) -> Column:
    where = f"columns.{place}"
    model = studio.models.referred(given.base_model, f"{where}.base_model")
    prompt = studio.prompts.referred(given.prompt, f"{where}.prompt") if given.prompt else None
    if given.adapter is None:
        if given.checkpoint is not None:
            raise InvalidInput(
                "A checkpoint belongs to the run of an adapter, and no adapter is given.",
                field=f"{where}.checkpoint",
                remedy="Name the adapter, too.",
            )
        return Column(given, model, None, None, prompt)
    adapter = adapter_of(studio, given.adapter, model, f"{where}.adapter")
    workspace = studio.settings.workspace
    loaded = loaded_adapter(workspace, adapter, given.checkpoint, f"{where}.adapter")
    return Column(given, model, adapter, loaded, prompt)


def shown(column: Column) -> ComparisonColumn:
    """The column as it is kept."""
    return ComparisonColumn(
        label=column.label,
        base_model_id=column.model.id,
        base_model_name=column.model.name,
        adapter_id=column.adapter.id if column.adapter else None,
        adapter_name=column.adapter.name if column.adapter else None,
        checkpoint=column.request.checkpoint,
        prompt_id=column.prompt.id if column.prompt else None,
        generation=column.request.generation,
    )
