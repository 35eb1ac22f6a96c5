"""Write `src/api/types.ts` from the pydantic models of `ftstudio_ext/schema`.

usage: python scripts/generate_types.py [--check]

What people send (`StudioModel`) shows its defaults as optional fields; what the server sends
(`StoredModel`) always has all of its fields. `--check` writes nothing and fails when the
committed file is not what the models say.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src" / "api" / "types.ts"
HEAD = """// Made by scripts/generate_types.py from ftstudio_ext/schema: do not edit.
// `jlpm types` writes it anew, `jlpm check:types` tells whether it is current.

/* eslint-disable */

export type Page<T> = { items: T[]; total: number };
"""
PRIMITIVES = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}


class FullOutput(GenerateJsonSchema):
    """What is sent out always has all fields, those with a default too."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)


def schema_models() -> list[type[BaseModel]]:
    """The concrete models of the vocabulary, in order of their names."""
    package = importlib.import_module("ftstudio_ext.schema")
    common = importlib.import_module("ftstudio_ext.schema.common")
    bases = {common.StudioModel, common.StoredModel, common.Record, common.Page}
    found: dict[str, type[BaseModel]] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"ftstudio_ext.schema.{info.name}")
        for _, model in inspect.getmembers(module, inspect.isclass):
            own = issubclass(model, BaseModel) and model.__module__ == module.__name__
            if own and model not in bases:
                found[model.__name__] = model
    return [found[name] for name in sorted(found)]


def definitions() -> dict[str, dict[str, Any]]:
    """JSON Schema of each model: input shape of what is sent to us, output shape of the rest."""
    models = schema_models()
    common = importlib.import_module("ftstudio_ext.schema.common")
    sent = [model for model in models if issubclass(model, common.StudioModel)]
    merged: dict[str, dict[str, Any]] = {}
    for chosen, mode in ((sent, "validation"), (models, "serialization")):
        pairs: list[Any] = [(model, mode) for model in chosen]
        made = models_json_schema(pairs, schema_generator=FullOutput)[1]
        for name, schema in made["$defs"].items():
            merged.setdefault(name, schema)
    return merged


def type_of(schema: dict[str, Any]) -> str:
    """The TypeScript type that a JSON Schema describes."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(dict.fromkeys(type_of(part) for part in schema[key]))
    if "const" in schema:
        return literal(schema["const"])
    if "enum" in schema:
        return " | ".join(literal(value) for value in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        inner = type_of(schema.get("items", {}))
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {type_of(values) if isinstance(values, dict) else 'unknown'}>"
    return PRIMITIVES.get(str(kind), "unknown")


def literal(value: Any) -> str:
    """A constant as Prettier would write it."""
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


def comment(text: str | None, indent: str) -> str:
    """A TSDoc comment, or nothing."""
    if not text:
        return ""
    lines = inspect.cleandoc(text).replace("*/", "* /").splitlines()
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"


def declaration(name: str, schema: dict[str, Any]) -> str:
    """`export type Name = …;`"""
    head = comment(schema.get("description"), "")
    if "properties" not in schema:
        return f"{head}export type {name} = {type_of(schema)};\n"
    required = set(schema.get("required", []))
    fields = []
    for field, inner in schema["properties"].items():
        mark = "" if field in required or "const" in inner else "?"
        key = field if re.fullmatch(r"[A-Za-z_]\w*", field) else json.dumps(field)
        fields.append(
            f"{comment(inner.get('description'), '  ')}  {key}{mark}: {type_of(inner)};\n"
        )
    return f"{head}export type {name} = {{\n{''.join(fields)}}};\n"


def render() -> str:
    """The whole file."""
    parts = definitions()
    return "\n".join([HEAD, *(declaration(name, parts[name]) for name in sorted(parts))])


def main(arguments: list[str]) -> int:
    """Write the file, or with `--check` compare it."""
    text = render()
    if "--check" not in arguments:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    print("src/api/types.ts is not what ftstudio_ext/schema says: run `jlpm types`.")
    return 1


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    raise SystemExit(main(sys.argv[1:]))
