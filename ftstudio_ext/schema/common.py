"""What all objects of the vocabulary share: a strict base model, names, times, UI hints."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._ -]{0,95}$"
SLUG_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$"

Name = Annotated[str, StringConstraints(strip_whitespace=True, pattern=NAME_PATTERN)]
"""A display name: letters, digits, space, dot, dash, underscore; up to 96 characters."""

Slug = Annotated[str, StringConstraints(strip_whitespace=True, pattern=SLUG_PATTERN)]
"""A name that is also a folder name: as `Name`, without spaces."""


def _utc(value: datetime) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


Timestamp = Annotated[datetime, AfterValidator(_utc)]
"""A moment, always with time zone UTC; ISO 8601 in JSON."""


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


class StudioModel(BaseModel):
    """Base of every object that people or other programs hand us: unknown fields are errors,
    and so are NaN and Infinity, which JSON files cannot hold."""

    model_config = ConfigDict(
        extra="forbid", validate_assignment=True, protected_namespaces=(), allow_inf_nan=False
    )


class StoredModel(BaseModel):
    """Base of every object that we read back from disk or send out: fields that a newer
    version has written are ignored, so that an older server still shows the rest."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())


class Record(StoredModel):
    """A document of the store."""

    id: str
    name: str
    revision: int = Field(1, description="Grows with each change; send it as If-Match to PATCH.")
    created_at: Timestamp = Field(default_factory=now)
    updated_at: Timestamp = Field(default_factory=now)


def ui(
    group: str | None = None,
    *,
    order: int | None = None,
    advanced: bool = False,
    unit: str | None = None,
    widget: str | None = None,
    placeholder: str | None = None,
) -> dict[str, Any]:
    """UI hints of a field, for `json_schema_extra`; both the sidebar's and the notebook's forms
    read them under the key `ui`."""
    hints = {
        "group": group,
        "order": order,
        "advanced": advanced or None,
        "unit": unit,
        "widget": widget,
        "placeholder": placeholder,
    }
    return {"ui": {key: value for key, value in hints.items() if value is not None}}


class FormSchema(GenerateJsonSchema):
    """JSON Schema as forms want it: `Optional[X]` is X with `"nullable": true`, instead of a
    choice between two alternatives that a form would show as "option 1 / option 2"."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        inner = dict(super().generate_inner(schema["schema"]))
        inner["nullable"] = True
        return inner

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default", ...) is None:
            del made["default"]
        return made


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list: `items` from `offset` on, and how many there are in `total`."""

    items: list[T]
    total: int
