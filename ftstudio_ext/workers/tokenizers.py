"""Tokenizers: loaded from a base model's folder or from the hub, and kept while they are used."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import InvalidInput, StudioError, Unavailable
from ftstudio_ext.core.token_view import TokenReader
from ftstudio_ext.jobs.outcome import missing_package
from ftstudio_ext.schema.models import BaseModelRecord, HubModelSource

from .tokenizer_facts import FILES, VOCABULARIES

KEPT = 4
MODEL_FIELD = "base_model"


@dataclass
class Loaded:
    """A tokenizer with what is remembered of it. Use it under its lock only."""

    tokenizer: Any
    reader: TokenReader
    key: tuple[Any, ...]
    lock: threading.Lock = field(default_factory=threading.Lock)


_loaded: OrderedDict[tuple[Any, ...], Loaded] = OrderedDict()
_loading = threading.Lock()
_torch_left_out = False


def load_tokenizer(place: str | Path, revision: str | None = None) -> Any:
    """The tokenizer in a folder, or of a hub model (its tokenizer files only are downloaded).
    Raises InvalidInput when its files are broken, and the hub's errors in words."""
    try:
        AutoTokenizer = _auto_tokenizer()
    except ImportError as error:
        missing = missing_package(str(error), sys.executable) or {"message": str(error)}
        raise Unavailable(**missing) from error
    local = isinstance(place, Path)
    try:
        return AutoTokenizer.from_pretrained(
            str(place), revision=revision, local_files_only=local, trust_remote_code=False
        )
    except Exception as error:
        if not local:
            raise _hub_error(error, str(place), revision) from error
        first = str(error).strip().splitlines() or [type(error).__name__]
        raise InvalidInput(
            f"The tokenizer in {place} cannot be loaded: {first[0]}",
            field=MODEL_FIELD,
            remedy="Its files may be damaged, or need code of their own. Copy them from the "
            "original model once more.",
            code="tokenizer_broken",
        ) from error


def of_model(model: BaseModelRecord) -> Loaded:
    """The tokenizer of a base model, loaded once and again when its files change."""
    with _loading:
        key = _key(model)
        found = _loaded.pop(key, None)
        if found is None:
            if isinstance(model.source, HubModelSource) and model.path is None:
                tokenizer = load_tokenizer(model.source.repo_id, key[1])
            else:
                tokenizer = load_tokenizer(Path(str(model.path)))
            found = Loaded(tokenizer, TokenReader(tokenizer), key)
        _loaded[key] = found
        while len(_loaded) > KEPT:
            _loaded.popitem(last=False)
        return found


def leave_torch_out() -> None:
    """For a process that tokenizes and nothing else: transformers without torch loads in a third
    of the time and in 200 MB less. Call it before anything else imports transformers."""
    global _torch_left_out
    _torch_left_out = True


def _auto_tokenizer() -> Any:
    if _torch_left_out and "transformers" not in sys.modules and "torch" not in sys.modules:
        sys.modules["torch"] = None  # type: ignore[assignment]  # importing it fails, as if absent
        try:
            from transformers import AutoTokenizer
        finally:
            del sys.modules["torch"]
    else:
        from transformers import AutoTokenizer
    return AutoTokenizer


def _key(model: BaseModelRecord) -> tuple[Any, ...]:
    if isinstance(model.source, HubModelSource) and model.path is None:
        return (model.source.repo_id, model.source_revision or model.source.revision)
    folder = Path(str(model.path))
    stats = []
    for name in (*VOCABULARIES, *FILES, "merges.txt", "added_tokens.json"):
        try:
            stat = (folder / name).stat()
        except OSError:
            continue
        stats.append((name, stat.st_mtime_ns, stat.st_size))
    if not stats:
        raise InvalidInput(
            f"The base model's folder {folder} has no tokenizer any more.",
            field=MODEL_FIELD,
            remedy="Put it back, or import the model again from where it is now.",
            code="tokenizer_missing",
        )
    return (str(folder), *stats)


def _hub_error(error: Exception, repo_id: str, revision: str | None) -> StudioError:
    from .hub import translate

    made = translate(error, repo_id, revision, "model")
    made.field = MODEL_FIELD
    return made
