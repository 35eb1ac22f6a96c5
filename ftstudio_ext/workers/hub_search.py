"""Search on the Hugging Face hub, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.core.weights import estimate_memory
from ftstudio_ext.schema.hub import HubDataset, HubDatasetPage, HubModel, HubModelPage

from .hub_api import Reply, ask
from .hub_errors import translate
from .model_facts import quantized_in

_SORTS = {"downloads": "downloads", "likes": "likes", "updated": "lastModified"}
_COMMON = ("downloads", "likes", "gated", "private", "lastModified", "tags", "cardData")
_DTYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}


def search_datasets(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `hub_datasets`: {q?, limit, cursor?, sort?} → HubDatasetPage."""
    found = _search("datasets", params, expand=[*_COMMON, "description"])
    items = [HubDataset.model_validate(dataset_facts(raw)) for raw in found.json]
    return HubDatasetPage(items=items, next=found.cursor).model_dump(mode="json")


def search_models(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `hub_models`: {q?, limit, cursor?, sort?} → HubModelPage; models that write text and
    have safetensors only."""
    found = _search(
        "models",
        params,
        expand=[*_COMMON, "safetensors", "config"],
        filter=["safetensors"],
        pipeline_tag="text-generation",
    )
    items = [HubModel.model_validate(model_summary(raw)) for raw in found.json]
    return HubModelPage(items=items, next=found.cursor).model_dump(mode="json")


def _search(kind: str, params: dict[str, Any], **query: Any) -> Reply:
    words = (params.get("q") or "").strip()
    sort = _SORTS[params.get("sort") or "downloads"]
    try:
        found = ask(
            kind,
            search=words or None,
            limit=params.get("limit") or 20,
            cursor=params.get("cursor"),
            sort=sort,
            **query,
        )
    except StudioError:
        raise
    except Exception as error:
        raise translate(error, words, None, kind.removesuffix("s"), field="q") from None
    return found if isinstance(found.json, list) else Reply([], None)


def repo_facts(raw: dict[str, Any]) -> dict[str, Any]:
    """What datasets and models have in common."""
    tags = [tag for tag in raw.get("tags") or [] if isinstance(tag, str)]
    gated = raw.get("gated")
    return {
        "id": raw.get("id") or raw.get("modelId"),
        "downloads": raw.get("downloads"),
        "likes": raw.get("likes"),
        "gated": "manual" if gated is True else gated or None,
        "private": bool(raw.get("private")),
        "updated_at": raw.get("lastModified"),
        "description": _plain(raw.get("description")),
        "licence": licence_of(raw),
        "tags": [tag for tag in tags if ":" not in tag][:20],
    }


def dataset_facts(raw: dict[str, Any]) -> dict[str, Any]:
    """A dataset in a list; rows and sizes as its card tells them."""
    infos = dataset_infos(raw)
    splits = [split for info in infos for split in info.get("splits") or []]
    rows = [split["num_examples"] for split in splits if isinstance(split.get("num_examples"), int)]
    sizes = [info["download_size"] for info in infos if isinstance(info.get("download_size"), int)]
    return {
        **repo_facts(raw),
        "rows": sum(rows) if rows else None,
        "size_bytes": sum(sizes) if sizes else None,
        "size_category": _tagged(raw.get("tags") or [], "size_categories:"),
    }


def dataset_infos(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """`dataset_info` of a card: one object, or one for each subset."""
    card = raw.get("cardData")
    infos = card.get("dataset_info") if isinstance(card, dict) else None
    listed = infos if isinstance(infos, list) else [infos]
    return [info for info in listed if isinstance(info, dict)]


def model_summary(raw: dict[str, Any]) -> dict[str, Any]:
    """A model in a list."""
    tensors = raw.get("safetensors") or {}
    parameters = tensors.get("total")
    counts = tensors.get("parameters") or {}
    config = raw.get("config") if isinstance(raw.get("config"), dict) else {}
    quantized = quantized_in((config or {}).get("quantization_config"))
    main = max(counts, key=lambda name: counts[name]) if counts else None
    known = parameters if isinstance(parameters, int) and not quantized else None
    return {
        **repo_facts(raw),
        "parameters": parameters,
        "dtype": _DTYPES.get(str(main), str(main).lower()) if main else None,
        "model_type": (config or {}).get("model_type"),
        "quantized": quantized,
        "memory": estimate_memory(known) if known else None,
    }


def licence_of(raw: dict[str, Any]) -> str | None:
    """The licence that a card names, or a tag."""
    card = raw.get("cardData") if isinstance(raw.get("cardData"), dict) else {}
    card = card or {}
    named = card.get("license_name") if card.get("license") == "other" else card.get("license")
    if isinstance(named, list):
        named = ", ".join(str(one) for one in named)
    return str(named) if named else _tagged(raw.get("tags") or [], "license:")


def _tagged(tags: Iterable[str], prefix: str) -> str | None:
    return next((tag.removeprefix(prefix) for tag in tags if str(tag).startswith(prefix)), None)


def _plain(text: Any) -> str | None:
    """The beginning of a description, on one line."""
    return " ".join(text.split())[:300] or None if isinstance(text, str) else None
