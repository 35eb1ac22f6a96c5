"""Columns as a dataset's card on the hub describes them (`features` of `dataset_info`)."""

from __future__ import annotations

from typing import Any

from ftstudio_ext.schema.datasets import Column


def columns_of_features(features: Any) -> list[Column]:
    """The columns with their types in words; [] where the card says nothing that is known."""
    if not isinstance(features, list):
        return []
    return [
        Column(name=str(feature["name"]), type=_type(feature))
        for feature in features
        if isinstance(feature, dict) and feature.get("name") is not None
    ]


def _type(feature: Any) -> str:
    """`{dtype: string}`, `{list: …}`, `{struct: […]}`, `{sequence: …}` as the types of columns."""
    if isinstance(feature, str):
        return feature
    if isinstance(feature, list):
        return _struct(feature)
    if not isinstance(feature, dict):
        return "unknown"
    for key in ("list", "sequence", "large_list"):
        if key in feature:
            return f"list<{_type(feature[key])}>"
    if "struct" in feature:
        return _struct(feature["struct"])
    dtype = feature.get("dtype")
    if isinstance(dtype, dict):
        return "string" if "class_label" in dtype else next(iter(dtype), "unknown")
    return str(dtype) if dtype else "unknown"


def _struct(fields: Any) -> str:
    listed = fields if isinstance(fields, list) else []
    inner = (f"{field.get('name')}: {_type(field)}" for field in listed if isinstance(field, dict))
    return f"struct<{', '.join(inner)}>"
