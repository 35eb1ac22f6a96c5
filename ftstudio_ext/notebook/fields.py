"""From the JSON Schema of a form to its fields, and from a field to an ipywidgets control. The
schema is the one that the sidebar's form is made of, sent by the server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets

from . import display
from .errors import StudioApiError

REFERENCES = ("model", "dataset", "prompt")
GROUPS = {
    "basics": "Run",
    "training": "Training",
    "lora": "LoRA",
    "data": "Data",
    "evaluation": "Evaluation",
    "checkpoints": "Checkpoints",
    "quantization": "Quantization",
    "optimizer": "Optimizer",
}
CHOICES = {
    "method/qlora": "QLoRA (4-bit base)",
    "method/lora": "LoRA (16-bit base)",
    "loss_on/completion": "The completion",
    "loss_on/all": "Prompt and completion",
    "evaluation.strategy/off": "Off",
    "evaluation.strategy/steps": "Every so many steps",
    "evaluation.strategy/epoch": "After each epoch",
    "quantization.quant_type/nf4": "NF4",
    "quantization.quant_type/fp4": "FP4",
    "optimizer.name/adamw_torch": "AdamW",
    "optimizer.name/adamw_8bit": "AdamW, 8-bit",
    "optimizer.name/paged_adamw_8bit": "AdamW, 8-bit, paged",
    "optimizer.name/paged_adamw_32bit": "AdamW, 32-bit, paged",
    "optimizer.scheduler/cosine": "Cosine",
    "optimizer.scheduler/linear": "Linear",
    "optimizer.scheduler/constant": "Constant",
    "optimizer.scheduler/constant_with_warmup": "Constant after warm-up",
}
STYLE = {"description_width": "13.5em"}
WIDTH = "30em"


@dataclass(frozen=True)
class Field:
    """One value of a form. `path` is `a` or `a.b`; `kind` is a JSON type, `choice`, `json`,
    `words` (text, or several with commas between them), or what a reference points at."""

    path: str
    title: str
    kind: str
    help: str = ""
    default: Any = None
    nullable: bool = False
    required: bool = False
    choices: tuple[Any, ...] = ()
    group: str = ""
    order: int = 99
    advanced: bool = False
    unit: str = ""


def fields_of(schema: dict[str, Any]) -> list[Field]:
    """All fields of a form, also those of the objects inside it; groups in the order of GROUPS."""
    found = list(_walk(schema, schema.get("$defs", {}), ""))
    groups = list(GROUPS)
    place = {
        group: groups.index(group) if group in groups else len(groups)
        for group in {field.group for field in found}
    }
    return sorted(found, key=lambda field: (place[field.group], field.order))


def _walk(schema: dict[str, Any], definitions: dict[str, Any], above: str) -> Iterator[Field]:
    for name, found in schema.get("properties", {}).items():
        part = dict(found)
        if reference := part.get("$ref"):
            part = {**definitions[reference.rsplit("/", 1)[-1]], **part}
        if "properties" in part:
            yield from _walk(part, definitions, f"{above}{name}.")
        else:
            yield _field(f"{above}{name}", part, name in schema.get("required", []))


def _field(path: str, part: dict[str, Any], required: bool) -> Field:
    hints = part.get("ui", {})
    return Field(
        path=path,
        title=part.get("title", path),
        kind=_kind(part, hints.get("widget")),
        help=part.get("description", ""),
        default=part.get("default"),
        nullable=bool(part.get("nullable")),
        required=required,
        choices=tuple(part.get("enum", ())),
        group=hints.get("group", ""),
        order=hints.get("order", 99),
        advanced=bool(hints.get("advanced")),
        unit=hints.get("unit", ""),
    )


def _kind(part: dict[str, Any], widget: str | None) -> str:
    if widget in REFERENCES:
        return str(widget)
    if "enum" in part:
        return "choice"
    if widget == "json" or part.get("type") == "object":
        return "json"
    return "words" if "anyOf" in part else str(part.get("type", "string"))


class Control:
    """A field on the screen."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.widget = _widget(field)
        self.widget.tooltip = field.help or field.title
        beside = " · ".join(filter(None, [field.unit, field.help]))
        self.row = ipywidgets.HBox([self.widget, ipywidgets.HTML(display.soft(beside))])
        if field.kind not in REFERENCES:
            self.value = field.default

    @property
    def value(self) -> Any:
        """The value as the specification wants it; None where nothing is filled in. Raises
        StudioApiError when the text cannot be read."""
        raw, kind = self.widget.value, self.field.kind
        if not isinstance(raw, str) or kind in ("choice", "string", *REFERENCES):
            return raw.strip() or None if isinstance(raw, str) else raw
        text = raw.strip()
        if kind == "words":
            words = [word.strip() for word in text.split(",") if word.strip()]
            return words[0] if len(words) == 1 else words or self.field.default
        if not text:
            return {} if kind == "json" else None
        return self._parsed(text)

    @value.setter
    def value(self, value: Any) -> None:
        kind = self.field.kind
        if kind == "json":
            value = json.dumps(value, indent=1) if value else ""
        elif kind == "words":
            value = value if isinstance(value, str) else ", ".join(value or [])
        elif isinstance(self.widget, ipywidgets.Text):
            value = "" if value is None else str(value)
        self.widget.value = value

    @property
    def changed(self) -> bool:
        """Whether it differs from the default."""
        try:
            return bool(self.value != self.field.default)
        except StudioApiError:
            return True

    def watch(self, tell: Callable[[], None]) -> None:
        """Call `tell` when the value changes."""
        self.widget.observe(lambda change: tell(), names="value")

    def offer(self, options: Sequence[tuple[str, str]]) -> None:
        """The objects that a reference can point at, as (name, id); a choice that is still there
        is kept."""
        kept = self.widget.value
        self.widget.options = [("Choose…", None), *options]
        self.widget.value = kept if kept in [key for _, key in options] else None

    def _parsed(self, text: str) -> Any:
        kind = self.field.kind
        try:
            if kind == "integer":
                return int(text)
            if kind == "number":
                return float(text)
            found = json.loads(text)
        except ValueError:
            found = None
        if kind == "json" and isinstance(found, dict):
            return found
        wanted = {"json": "a JSON object", "integer": "a whole number"}.get(kind, "a number")
        raise StudioApiError(
            f"{self.field.title}: “{text[:60]}” is not {wanted}.",
            code="invalid_input",
            field=self.field.path,
            remedy='Write {"name": value}.' if kind == "json" else "Change it, or leave it empty.",
        )


def _widget(field: Field) -> Any:
    common = {
        "description": field.title,
        "style": STYLE,
        "layout": ipywidgets.Layout(width=WIDTH, flex="0 0 auto"),
    }
    if field.kind in REFERENCES:
        return ipywidgets.Dropdown(options=[("Choose…", None)], value=None, **common)
    if field.kind == "choice":
        options = [
            (CHOICES.get(f"{field.path}/{value}", str(value)), value) for value in field.choices
        ]
        return ipywidgets.Dropdown(options=options, **common)
    if field.kind == "boolean":
        return ipywidgets.Checkbox(indent=True, **common)
    if field.kind == "integer" and not field.nullable:
        return ipywidgets.IntText(**common)
    if field.kind == "number" and not field.nullable:
        return ipywidgets.FloatText(**common)
    if field.kind == "json":
        return ipywidgets.Textarea(placeholder="{}", rows=2, **common)
    unset = "not set" if field.nullable else ""
    return ipywidgets.Text(placeholder=unset, continuous_update=False, **common)
