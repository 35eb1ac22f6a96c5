"""What the Hugging Face hub says of a model: from the hub, or from the local cache without it.

The address is HF_ENDPOINT's, the token the one that huggingface_hub finds (HF_TOKEN or a login).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import Forbidden, InvalidInput, NotFound, StudioError, Unavailable
from ftstudio_ext.schema.models import ModelFacts

from .model_facts import config_facts, model_facts
from .model_json import read_object
from .tokenizer_facts import FILES as TOKENIZER_FILES
from .tokenizer_facts import VOCABULARIES, tokenizer_facts

TIMEOUT_S = 15
REPO_FIELD = "source.repo_id"


def hub_model_facts(repo_id: str, revision: str | None) -> dict[str, Any]:
    """{facts, commit, source_revision, path}: the pinned commit (under both names), and the local snapshot folder when the cache
    has the whole model. Asks the hub first, so that a branch means its newest commit; without
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
        _check_files(repo_id, set(names))
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
    whole = _snapshot(repo_id, str(info.sha))
    return {
        "facts": ModelFacts.model_validate(facts).model_dump(),
        "commit": info.sha,
        "path": str(whole) if whole else None,
    }


def _check_files(repo_id: str, names: set[str]) -> None:
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


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def translate(error: Exception, repo_id: str, revision: str | None, kind: str) -> StudioError:
    """A hub library's error, or what lies behind it, in words. `kind` is model or dataset."""
    from huggingface_hub import errors

    behind = [link for link in _chain(error) if isinstance(link, errors.HfHubHTTPError)]
    error = behind[0] if behind else error
    # `datasets` drops the hub's own error and keeps the words.
    if isinstance(error, errors.GatedRepoError) or "is a gated dataset" in str(error):
        return Forbidden(
            f"The {kind} {repo_id} is gated: its authors ask for consent to their terms first.",
            field=REPO_FIELD,
            remedy="Accept the terms on its page with your account, then give the server that "
            "account's token (HF_TOKEN, or `hf auth login`).",
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return NotFound(
            f"The {kind} {repo_id} has no revision {revision!r}.",
            field="source.revision",
            remedy="Name a branch, tag or commit of it, or leave the revision empty.",
        )
    missing = "doesn't exist on the Hub or cannot be accessed" in str(error)
    if isinstance(error, errors.RepositoryNotFoundError) or missing:
        return NotFound(
            f"The hub has no {kind} {repo_id}, or it is private.",
            field=REPO_FIELD,
            remedy="Check the name (owner/name). For a private one, give the server a token "
            "that may read it (HF_TOKEN, or `hf auth login`).",
        )
    if isinstance(error, errors.HFValidationError):
        return InvalidInput(
            f"{repo_id!r} is not a name on the hub.", field=REPO_FIELD, remedy="Write owner/name."
        )
    return _by_status(error, repo_id, kind)


def _by_status(error: BaseException, repo_id: str, kind: str) -> StudioError:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return Forbidden(
            f"The hub refuses access to the {kind} {repo_id} (HTTP {status}).",
            field=REPO_FIELD,
            remedy="Check the token of the server (HF_TOKEN, or `hf auth login`).",
        )
    said = f"it answered HTTP {status}" if status else "it cannot be reached"
    return Unavailable(
        f"The hub was asked for the {kind} {repo_id}, but {said}.",
        field=REPO_FIELD,
        remedy="Check the network (and HF_HUB_OFFLINE), or use a local "
        + ("folder." if kind == "model" else "file."),
    )
