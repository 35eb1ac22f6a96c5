"""OpenAPI 3.1, generated from the route table and the models; nothing in it is written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ftstudio_ext._version import __version__
from ftstudio_ext.schema.errors import ErrorBody
from ftstudio_ext.schema.training import TrainSpec

from .operation import Operation
from .routes import API, Route

_REF = "#/components/schemas/{model}"
Mode = Literal["validation", "serialization"]
_Key = tuple[type[BaseModel], Mode]

_ERRORS = {
    "400": "The request cannot be read",
    "403": "Not logged in, not allowed, or a path outside the allowed directories",
    "404": "There is no such object",
    "409": "A taken name, a stale revision, or something in use",
    "422": "A value that does not do; `field` names it, `remedy` says what to do",
    "500": "A fault of the server, with the id under which its log tells more",
    "503": "Something outside is missing for now: the hub, the training stack",
    "507": "The disk is full",
}


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole description."""
    routes = list(routes)
    references, schemas = _schemas(routes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fine-tuning Studio",
            "version": __version__,
            "description": (
                "Ids are opaque; a unique name works wherever an id does. "
                "Answers of status 400 and above have the body ErrorBody."
            ),
        },
        "servers": [{"url": API}],
        "paths": {
            f"/{route.path}": {
                verb: _operation(route, verb, details, references)
                for verb, details in route.operations()
            }
            for route in routes
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "Authorization"}
            },
        },
        "security": [{"token": []}],
    }


def _schemas(routes: list[Route]) -> tuple[dict[_Key, dict[str, Any]], dict[str, Any]]:
    """References by model, and all schemas: requests as they are read, answers as written."""
    wanted: dict[_Key, None] = {(ErrorBody, "serialization"): None, (TrainSpec, "validation"): None}
    for route in routes:
        for _, details in route.operations():
            if details.body:
                wanted[details.body, "validation"] = None
            if details.answer:
                wanted[details.answer, "serialization"] = None
    references, definitions = models_json_schema(list(wanted), ref_template=_REF)
    return dict(references), definitions["$defs"]  # type: ignore[arg-type]


def _operation(
    route: Route, verb: str, details: Operation, references: dict[_Key, dict[str, Any]]
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": details.summary,
        "operationId": _operation_id(verb, route.path),
        "tags": [route.path.split("/")[0].removesuffix(".json")],
        "parameters": _parameters(route, details),
        "responses": {
            str(details.status): _success(details, references),
            **{
                status: {
                    "description": text,
                    "content": _json(references[ErrorBody, "serialization"]),
                }
                for status, text in _ERRORS.items()
            },
        },
    }
    if details.body:
        described["requestBody"] = {
            "required": True,
            "content": _json(references[details.body, "validation"]),
        }
    return described


def _success(details: Operation, references: dict[_Key, dict[str, Any]]) -> dict[str, Any]:
    if details.status == 204:
        return {"description": "Done"}
    if details.answer:
        return {
            "description": "Done",
            "content": _json(references[details.answer, "serialization"]),
        }
    binary = "json" not in details.content_type
    schema = {"type": "string", "format": "binary"} if binary else {"type": "object"}
    return {"description": "Done", "content": {details.content_type: {"schema": schema}}}


def _parameters(route: Route, details: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "description": "Id or unique name." if name == "id" else "Name.",
        }
        for name in route.parameters
    ]
    if details.query:
        properties = details.query.model_json_schema(ref_template=_REF)["properties"]
        for name, schema in properties.items():
            description = schema.pop("description", "")
            found.append(
                {"name": name, "in": "query", "schema": schema, "description": description}
            )
    if details.if_match:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "schema": {"type": "string"},
                "description": "The revision that the change is based on; 409 when it is stale.",
            }
        )
    return found


def _operation_id(verb: str, path: str) -> str:
    words = path.replace("{", "by_").replace("}", "").replace("/", "_").replace(".", "_")
    return f"{verb}_{words}"


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
