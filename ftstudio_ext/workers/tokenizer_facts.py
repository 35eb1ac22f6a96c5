"""A tokenizer's special tokens and chat template, from its files alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import InvalidInput

from .model_json import MODEL_FIELD, read_object

# Any one of these makes a tokenizer.
VOCABULARIES = (
    "tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model",
    "tiktoken.model", "tekken.json", "sentencepiece.bpe.model",
)  # fmt: skip
FILES = ("tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja", "chat_template.json")  # fmt: skip


def tokenizer_facts(folder: Path, config: dict[str, Any]) -> dict[str, Any]:
    """{pad_token, bos_token, eos_token, chat_template}. Raises InvalidInput where there is no
    tokenizer, or one of its files is broken."""
    if not any((folder / name).exists() for name in VOCABULARIES):
        raise InvalidInput(
            f"The folder {folder.name} has no tokenizer (tokenizer.json or tokenizer.model).",
            field=MODEL_FIELD,
            remedy="Copy the tokenizer files of the model beside its weights; "
            "`AutoTokenizer.from_pretrained(...).save_pretrained(folder)` writes them.",
        )
    settings = read_object(folder / "tokenizer_config.json", required=False)
    special = read_object(folder / "special_tokens_map.json", required=False)
    facts: dict[str, Any] = {}
    for name in ("pad_token", "bos_token", "eos_token"):
        token = _text(settings.get(name)) or _text(special.get(name))
        facts[name] = token or _by_id(folder, config.get(f"{name}_id"))
    facts["chat_template"] = bool(settings.get("chat_template")) or any(
        (folder / name).exists() for name in ("chat_template.jinja", "chat_template.json")
    )
    return facts


def _text(token: Any) -> str | None:
    """Tokens are written as text, or as an object with `content`."""
    if isinstance(token, dict):
        token = token.get("content")
    return token if isinstance(token, str) and token else None


def _by_id(folder: Path, token_id: Any) -> str | None:
    """The added token with this id, where only config.json names it."""
    if isinstance(token_id, list):
        token_id = token_id[0] if token_id else None
    if not isinstance(token_id, int) or not (folder / "tokenizer.json").exists():
        return None
    tokenizer = read_object(folder / "tokenizer.json", required=False)
    for token in tokenizer.get("added_tokens") or []:
        if isinstance(token, dict) and token.get("id") == token_id:
            return _text(token)
    return None
