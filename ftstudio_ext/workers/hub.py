"""What the Hugging Face hub says of a model: from the hub, or from the local cache without it.

The address is HF_ENDPOINT's, the token the one that huggingface_hub finds (HF_TOKEN or a login).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import InvalidInput, StudioError, Unavailable
from ftstudio_ext.core.weights import estimate_memory
from ftstudio_ext.schema.models import ModelFacts

from .hub_errors import REPO_FIELD, translate
from .hub_search import licence_of
from .model_facts import config_facts, model_facts
from .model_json import read_object
from .tokenizer_facts import FILES as TOKENIZER_FILES
from .tokenizer_facts import VOCABULARIES, tokenizer_facts

TIMEOUT_S = 15


def hub_model_facts(repo_id: str, revision: str | None) -> dict[str, Any]:
    """{facts, commit, source_revision, path}: the pinned commit (under both names), and the local
    snapshot folder when the cache has the whole model. Asks the hub first, so that a branch means its newest commit; without
    a hub, what the cache knows is the answer.

    Raises NotFound, Forbidden (private or gated), InvalidInput, or Unavailable.
    """
    try:
        answer = _from_hub(repo_id, revision)
    except Unavailable as error:
        cached = _from_cache(repo_id, revision)
        if cached is None:
            raise error from None
        answer = cached
    return {**answer, "source_revision": answer["commit"]}


def _from_hub(repo_id: str, revision: str | None) -> dict[str, Any]:
    from huggingface_hub import HfApi

    try:
        info = HfApi().model_info(
            repo_id, revision=revision, files_metadata=True, timeout=TIMEOUT_S
        )
        names = {item.rfilename: item.size or 0 for item in info.siblings or []}
        check_files(repo_id, set(names))
        folder = _small_files(repo_id, str(info.sha), set(names))
    except StudioError:
        raise
    except Exception as error:
        raise translate(error, repo_id, revision, "model") from None
    config = read_object(folder / "config.json")
    facts = config_facts(config) | tokenizer_facts(folder, config)
    facts["size_bytes"] = sum(
        size for name, size in names.items() if name.endswith(".safetensors") and "/" not in name
    )
    facts["parameters"] = info.safetensors.total if info.safetensors else None
    card = info.card_data.to_dict() if info.card_data else None
    facts["licence"] = licence_of({"cardData": card, "tags": info.tags})
    if facts["parameters"] and facts["quantized"] is None:
        tied = bool(config.get("tie_word_embeddings"))
        facts["memory"] = estimate_memory(
            facts["parameters"], facts["vocab_size"], facts["hidden_size"], tied
        )
    whole = _snapshot(repo_id, str(info.sha))
    return {
        "facts": ModelFacts.model_validate(facts).model_dump(),
        "commit": info.sha,
        "path": str(whole) if whole else None,
    }


def check_files(repo_id: str, names: set[str]) -> None:
    """Refuse, before any download, what could not be trained on."""
    if "config.json" not in names:
        adapter = "adapter_config.json" in names
        gguf = any(name.endswith(".gguf") for name in names)
        what = "an adapter" if adapter else "GGUF files" if gguf else "no config.json"
        raise InvalidInput(
            f"{repo_id} on the hub holds {what}, not a model in Hugging Face format.",
            field=REPO_FIELD,
            remedy="Choose its base model, or the original that it was converted from.",
        )
    if not any(name.endswith(".safetensors") for name in names):
        raise InvalidInput(
            f"{repo_id} has no safetensors weights. Pickled weights (.bin) can run any code "
            "when they are loaded, so they are not used.",
            field=REPO_FIELD,
            remedy="Choose a revision with safetensors, such as refs/pr/… of the hub's "
            "conversion bot, or convert the model where you trust it.",
        )


def config_of(repo_id: str, commit: str) -> dict[str, Any]:
    """config.json of a commit, by way of the cache. Raises a StudioError."""
    from huggingface_hub import hf_hub_download

    try:
        path = hf_hub_download(repo_id, "config.json", revision=commit, etag_timeout=TIMEOUT_S)
    except Exception as error:
        raise translate(error, repo_id, commit, "model", field="repo_id") from None
    return read_object(Path(path))


def _small_files(repo_id: str, commit: str, names: set[str]) -> Path:
    """The folder of the snapshot with config and tokenizer files downloaded."""
    from huggingface_hub import hf_hub_download

    wanted = [name for name in (*TOKENIZER_FILES, *VOCABULARIES) if name in names]
    for name in wanted:
        hf_hub_download(repo_id, name, revision=commit, etag_timeout=TIMEOUT_S)
    return Path(
        hf_hub_download(repo_id, "config.json", revision=commit, etag_timeout=TIMEOUT_S)
    ).parent


def _from_cache(repo_id: str, revision: str | None) -> dict[str, Any] | None:
    folder = _cached_folder(repo_id, revision)
    if folder is None:
        return None
    whole = _snapshot(repo_id, folder.name)
    if whole:
        facts = model_facts(whole)
    else:
        config = read_object(folder / "config.json")
        facts = ModelFacts.model_validate(config_facts(config) | tokenizer_facts(folder, config))
    return {
        "facts": facts.model_dump(),
        "commit": folder.name,
        "path": str(whole) if whole else None,
    }


def _cached_folder(repo_id: str, revision: str | None) -> Path | None:
    """The cache's folder for a revision. Look-ups by commit leave no branch in the cache, so
    that `main` is also the newest snapshot there."""
    from huggingface_hub import constants, try_to_load_from_cache
    from huggingface_hub.file_download import repo_folder_name

    found = try_to_load_from_cache(repo_id, "config.json", revision=revision or "main")
    if isinstance(found, str):
        return Path(found).parent
    if revision not in (None, "main"):
        return None
    name = repo_folder_name(repo_id=repo_id, repo_type="model")
    snapshots = Path(constants.HF_HUB_CACHE, name, "snapshots").glob("*/config.json")
    newest = max(snapshots, key=lambda path: path.parent.stat().st_mtime, default=None)
    return newest.parent if newest else None


def _snapshot(repo_id: str, commit: str) -> Path | None:
    """The cache's folder of a commit, when all a model needs is in it."""
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(repo_id, "config.json", revision=commit)
    if not isinstance(config, str):
        return None
    try:
        model_facts(Path(config).parent)
    except StudioError:
        return None
    return Path(config).parent
