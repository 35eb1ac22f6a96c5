"""One repository of the Hugging Face hub before it is imported: what is in it, and who may."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.core.formats import arrange
from ftstudio_ext.core.weights import estimate_memory
from ftstudio_ext.schema.hub import HubConfig, HubDatasetInfo, HubModelInfo, HubSplit
from ftstudio_ext.schema.models import ModelFacts

from .hub import check_files, config_of
from .hub_api import ask, endpoint
from .hub_errors import translate
from .hub_features import columns_of_features
from .hub_search import dataset_facts, dataset_infos, licence_of, model_summary
from .model_facts import config_facts

FIELD = "repo_id"


def dataset_info(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `hub_dataset`: {repo_id, revision?} → HubDatasetInfo. Subsets, splits and columns are
    what the card says, or what the names of the files say."""
    repo_id = params["repo_id"]
    raw = _info("datasets", repo_id, params.get("revision"))
    access, note = _access("datasets", repo_id, raw)
    info = HubDatasetInfo.model_validate(
        {
            **dataset_facts(raw),
            "commit": raw.get("sha") or "",
            "access": access,
            "access_note": note,
            "url": f"{endpoint()}/datasets/{repo_id}",
            "configs": _configs(raw),
        }
    )
    return info.model_dump(mode="json")


def model_info(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `hub_model`: {repo_id, revision?} → HubModelInfo. Only config.json is downloaded."""
    repo_id = params["repo_id"]
    raw = _info("models", repo_id, params.get("revision"))
    access, note = _access("models", repo_id, raw)
    facts, problem = None, None
    if access == "granted":
        try:
            facts = _model_facts(repo_id, raw)
        except StudioError as error:
            problem = f"{error.message} {error.remedy or ''}".strip()
    summary = model_summary(raw)
    if facts:
        summary |= {"memory": facts.memory or summary["memory"], "quantized": facts.quantized}
    info = HubModelInfo.model_validate(
        {
            **summary,
            "commit": raw.get("sha") or "",
            "access": access,
            "access_note": note,
            "url": f"{endpoint()}/{repo_id}",
            "facts": facts,
            "problem": problem,
        }
    )
    return info.model_dump(mode="json")


def _info(kind: str, repo_id: str, revision: str | None) -> dict[str, Any]:
    at = f"/revision/{quote(revision, safe='')}" if revision else ""
    try:
        found = ask(f"{kind}/{repo_id}{at}", blobs=True).json
    except StudioError:
        raise
    except Exception as error:
        raise translate(error, repo_id, revision, kind.removesuffix("s"), field=FIELD) from None
    return found if isinstance(found, dict) else {}


def _access(kind: str, repo_id: str, raw: dict[str, Any]) -> tuple[str, str | None]:
    """Whether the server's token may download, and what to do if not."""
    if not raw.get("gated"):
        return "granted", None
    try:
        ask(f"{kind}/{repo_id}/auth-check")
    except StudioError:
        raise
    except Exception as error:
        words = translate(error, repo_id, None, kind.removesuffix("s"), field=FIELD)
        missing = words.code in ("gated_no_token", "bad_token")
        note = f"{words.message} {words.remedy or ''}".strip()
        return "needs_token" if missing else "needs_licence", note
    return "granted", None


def _model_facts(repo_id: str, raw: dict[str, Any]) -> ModelFacts:
    """From config.json and the list of files. Raises InvalidInput for what cannot be trained."""
    sizes = {item["rfilename"]: item.get("size") or 0 for item in raw.get("siblings") or []}
    check_files(repo_id, set(sizes))
    config = config_of(repo_id, str(raw.get("sha")))
    facts = config_facts(config)
    total = (raw.get("safetensors") or {}).get("total")
    facts["parameters"] = None if facts["quantized"] else total
    facts["size_bytes"] = sum(
        size for name, size in sizes.items() if name.endswith(".safetensors") and "/" not in name
    )
    facts["licence"] = licence_of(raw)
    if facts["parameters"]:
        facts["memory"] = estimate_memory(
            facts["parameters"],
            facts["vocab_size"],
            facts["hidden_size"],
            bool(config.get("tie_word_embeddings")),
        )
    return ModelFacts.model_validate(facts)


# --- subsets and splits -----------------------------------------------------------------------


def _configs(raw: dict[str, Any]) -> list[HubConfig]:
    found: dict[str, HubConfig] = {}
    for info in dataset_infos(raw):
        config = _from_info(info)
        found[config.name] = config
    card = raw.get("cardData") if isinstance(raw.get("cardData"), dict) else {}
    listed = (card or {}).get("configs")
    for entry in listed if isinstance(listed, list) else []:
        if not isinstance(entry, dict):
            continue
        name = str(entry.get("config_name") or "default")
        config = found.setdefault(name, HubConfig(name=name))
        config.default = bool(entry.get("default")) or name == "default"
        config.splits = config.splits or _splits_of(entry.get("data_files"))
    if not found and (arranged := _from_files(raw)):
        found[arranged.name] = arranged
    return list(found.values())


def _from_info(info: dict[str, Any]) -> HubConfig:
    splits = [split for split in info.get("splits") or [] if isinstance(split, dict)]
    rows = [split.get("num_examples") for split in splits]
    name = str(info.get("config_name") or "default")
    return HubConfig(
        name=name,
        default=name == "default",
        splits=[
            HubSplit(
                name=str(split.get("name")),
                rows=split.get("num_examples"),
                bytes=split.get("num_bytes"),
            )
            for split in splits
        ],
        columns=columns_of_features(info.get("features")),
        rows=sum(rows) if rows and None not in rows else None,
        download_bytes=info.get("download_size"),
    )


def _splits_of(data_files: Any) -> list[HubSplit]:
    if isinstance(data_files, list):
        names = [entry.get("split") for entry in data_files if isinstance(entry, dict)]
        return [HubSplit(name=str(name)) for name in dict.fromkeys(names) if name]
    return [HubSplit(name="train")] if data_files else []


def _from_files(raw: dict[str, Any]) -> HubConfig | None:
    """Without a word on the card: what the names of the files tell."""
    sizes = {
        str(item.get("rfilename")): item.get("size") or 0 for item in raw.get("siblings") or []
    }
    try:
        found = arrange(sizes, None, str(raw.get("id")))
    except StudioError:
        return None
    splits = [
        HubSplit(name=split, bytes=sum(sizes[name] for name in names) or None)
        for split, names in found.splits.items()
    ]
    total = sum(split.bytes or 0 for split in splits)
    return HubConfig(name="default", default=True, splits=splits, download_bytes=total or None)
