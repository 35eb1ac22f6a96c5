"""From pydantic's findings to one error that a person can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from .errors import InvalidInput

Model = TypeVar("Model", bound=BaseModel)

RENAMED: dict[str, str] = {
    "max_seq_length": "max_length",
    "max_sequence_length": "max_length",
    "num_train_epochs": "epochs",
    "per_device_train_batch_size": "per_device_batch_size",
    "lora_r": "lora.r",
    "lora_alpha": "lora.alpha",
    "lora_dropout": "lora.dropout",
    "eval_strategy": "evaluation.strategy",
    "evaluation_strategy": "evaluation.strategy",
    "eval_steps": "evaluation.steps",
    "logging_steps": "log_every_steps",
    "save_steps": "checkpoints.every_steps",
    "optim": "optimizer.name",
    "lr_scheduler_type": "optimizer.scheduler",
    "dataset_id": "dataset",
    "prompt_id": "prompt",
    "base_model_id": "base_model",
    "model": "base_model",
}
"""Names from other tools, and what they are called here; used for hints only."""


def parse(model: type[Model], data: Any, *, prefix: str = "") -> Model:
    """`data` as a `model`, or InvalidInput that names the field (below `prefix`), its value and
    what to do."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise explain(error, model, data, prefix=prefix) from None


def explain(
    error: ValidationError, model: type[BaseModel], data: Any, *, prefix: str = ""
) -> InvalidInput:
    """The first finding in words; the others are counted in the remedy."""
    findings = error.errors(include_url=False, include_context=True)
    findings.sort(key=lambda finding: finding["type"] != "extra_forbidden")  # often the cause
    first = findings[0]
    field = _field(first, data, prefix)
    message, remedy = _words(first, field, model)
    if len(findings) > 1:
        others = ", ".join(_field(f, data, prefix) or "the body" for f in findings[1:6])
        remedy = f"{remedy} Also look at: {others}."
    return InvalidInput(message, field=field or None, remedy=remedy)


def problems(model: type[BaseModel], data: Any) -> list[InvalidInput]:
    """Every finding as an error of its own, for forms that show all of them at once."""
    try:
        model.model_validate(data)
    except ValidationError as error:
        found = []
        for finding in error.errors(include_url=False, include_context=True):
            field = _field(finding, data, "")
            message, remedy = _words(finding, field, model)
            found.append(InvalidInput(message, field=field or None, remedy=remedy))
        return found
    return []


def _field(finding: Mapping[str, Any], data: Any, prefix: str) -> str:
    """`a.b.0.c`; the tags that pydantic puts in for the member of a union are left out."""
    missing = finding["type"] == "missing"
    location: Iterable[int | str] = finding["loc"]
    parts: list[str] = [prefix] if prefix else []
    where: Any = data
    steps = list(location)
    for index, step in enumerate(steps):
        last = index == len(steps) - 1
        inside = _inside(where, step)
        if inside is not _NOWHERE:
            where = inside
        elif not (last and missing and isinstance(where, Mapping)):
            continue
        parts.append(str(step))
    return ".".join(parts)


_NOWHERE = object()


def _inside(where: Any, step: int | str) -> Any:
    """What `where` holds at `step`, or _NOWHERE."""
    if isinstance(where, Mapping):
        return where.get(step, _NOWHERE)
    if isinstance(where, list) and isinstance(step, int) and step < len(where):
        return where[step]
    return _NOWHERE


def _words(finding: Mapping[str, Any], field: str, model: type[BaseModel]) -> tuple[str, str]:
    """Message and remedy of one finding."""
    kind = finding["type"]
    shown = f"'{field}'" if field else "The body"
    if kind == "missing":
        return f"{shown} is missing.", f"Give a value for {shown}."
    if kind == "extra_forbidden":
        return f"There is no field {shown}.", _unknown_field_remedy(str(finding["loc"][-1]), model)
    if kind in {"model_type", "dict_type", "model_attributes_type"}:
        return f"{shown} must be a JSON object, not {_value(finding['input'])}.", "Send {…}."
    what = finding["msg"].removeprefix("Value error, ")
    if kind == "value_error":
        named = "_" in what.split(" ")[0]  # begins with the name of a field
        return f"{what if named else what[:1].upper() + what[1:]}.", "Change one of these values."
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        tags = str(finding["ctx"].get("expected_tags") or "'file', 'hub'")
        return f"{shown} does not say which kind it is.", f'Set "source" to one of {tags}.'
    if kind == "string_pattern_mismatch":
        return f"{shown} is {_value(finding['input'])}, which cannot be used.", _pattern_remedy(
            finding
        )
    return f"{shown} is {_value(finding['input'])}: {what[:1].lower()}{what[1:]}.", (
        f"Change {shown}; {what[:1].lower()}{what[1:]}."
    )


def _pattern_remedy(finding: Mapping[str, Any]) -> str:
    pattern = str(finding["ctx"].get("pattern", ""))
    if "/" in pattern:
        return "Write it as on the hub, for example owner/name."
    spaces = "spaces, " if " -" in pattern else ""
    return (
        f"Use letters, digits, {spaces}dots, dashes and underscores, beginning with a letter or "
        "digit; at most 96 characters."
    )


def _unknown_field_remedy(name: str, model: type[BaseModel]) -> str:
    known = field_paths(model)
    if (renamed := RENAMED.get(name)) in known:
        return f"It is called '{renamed}' here."
    by_last = {path.rsplit(".", 1)[-1]: path for path in reversed(known)}
    near = difflib.get_close_matches(name, by_last, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{by_last[near[0]]}'? Otherwise leave it out."
    top = ", ".join(model.model_fields)
    return f"Leave it out; the fields are {top}."


def field_paths(model: type[BaseModel], prefix: str = "") -> list[str]:
    """All field names of a model and of the models directly below it, as `a` and `a.b`."""
    paths = []
    for name, info in model.model_fields.items():
        paths.append(f"{prefix}{name}")
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            paths += field_paths(inner, f"{prefix}{name}.")
    return paths


def _value(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
