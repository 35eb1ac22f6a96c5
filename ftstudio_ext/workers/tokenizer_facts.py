"""A tokenizer's special tokens and chat template, from its files alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.padding import choose_pad_token

from .model_json import MODEL_FIELD, read_object

# Any one of these makes a tokenizer.
VOCABULARIES = (
    "tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model",
    "tiktoken.model", "tekken.json", "sentencepiece.bpe.model",
)  # fmt: skip
MOST_TOKENS = 50
FILES = ("tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja", "chat_template.json")  # fmt: skip


def tokenizer_facts(folder: Path, config: dict[str, Any]) -> dict[str, Any]:
    """{pad_token, bos_token, eos_token, unk_token, special_tokens, chat_template, pad_note}. Raises InvalidInput where there is no
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
    for name in ("pad_token", "bos_token", "eos_token", "unk_token"):
        token = _text(settings.get(name)) or _text(special.get(name))
        facts[name] = token or _by_id(folder, config.get(f"{name}_id"))
    tokens = _special_tokens(folder, settings)
    names = [facts[name] for name in ("bos_token", "eos_token", "unk_token", "pad_token")]
    facts["special_tokens"] = list(dict.fromkeys([*tokens, *filter(None, names)]))[:MOST_TOKENS]
    rows = config.get("vocab_size")
    facts["pad_note"] = _pad_note(facts, tokens, rows if isinstance(rows, int) else sys.maxsize)
    facts["chat_template"] = bool(settings.get("chat_template")) or any(
        (folder / name).exists() for name in ("chat_template.jinja", "chat_template.json")
    )
    return facts


def _special_tokens(folder: Path, settings: dict[str, Any]) -> dict[str, int]:
    """{token: id}, in the order of the ids."""
    tokenizer = read_object(folder / "tokenizer.json", required=False)
    listed = tokenizer.get("added_tokens")
    found = {
        text: token["id"]
        for token in (listed if isinstance(listed, list) else [])
        if isinstance(token, dict)
        and token.get("special", True)
        and isinstance(token.get("id"), int)
        and (text := _text(token))
    }
    decoder = settings.get("added_tokens_decoder")
    for number, token in (decoder if isinstance(decoder, dict) else {}).items():
        if isinstance(token, dict) and token.get("special") and (text := _text(token)):
            found.setdefault(text, int(number) if str(number).isdecimal() else len(found))
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _pad_note(facts: dict[str, Any], special: dict[str, int], rows: int) -> str | None:
    """What training does for a tokenizer whose padding token is missing, or unknown to the
    model; see core/padding.py."""
    own = facts["pad_token"]
    known = dict(special)
    for name in ("pad_token", "unk_token", "eos_token"):  # ordinary words of the vocabulary too
        if token := facts[name]:
            known.setdefault(token, 0)
    chosen = choose_pad_token(known, own, facts["unk_token"], facts["eos_token"], rows)
    if own and chosen == own:
        return None
    why = f"The model has no row for its padding token {own}" if own else "It has no padding token"
    if chosen is None:
        return f"{why}. Choose the token to pad with in its tokenizer_config.json (pad_token)."
    return (
        f"{why}: short rows are filled up with {chosen}. Padding is masked and never learned, "
        "so nothing has to be done, and the adapter needs no other tokenizer."
    )


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
