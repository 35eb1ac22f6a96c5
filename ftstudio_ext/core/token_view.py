"""A tokenized row for people: each token with its text, and whether it is learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ftstudio_ext.schema.prompts import Token, TokenView

from .tokenization import IGNORED, TokenizedRow

HEAD, TAIL = 3_000, 1_000
"""Tokens listed of a very long row; what lies between is counted only."""
_SPECIAL_NAMES = ("eos", "bos", "unk", "pad", "sep", "cls", "mask")
_BROKEN = "\ufffd"
_LONGEST_CHARACTER = 8


class TokenReader:
    """What a tokenizer's ids stand for. Remembers, so keep it beside its tokenizer."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._pieces: dict[int, str] = {}
        # Decoding behind another token keeps the space that a text's first token may lose.
        self._anchor = tokenizer("a", add_special_tokens=False)["input_ids"][-1:]
        self._anchor_text = self._decode([])
        self._names = _special_names(tokenizer)

    def view(self, row: TokenizedRow, max_length: int | None) -> TokenView:
        """The row exactly as training reads it."""
        count = len(row)
        listed = list(range(count))
        omitted = max(0, count - HEAD - TAIL)
        if omitted:
            listed = [*listed[:HEAD], *listed[count - TAIL :]]
        texts = self.texts(row.input_ids[:HEAD] if omitted else row.input_ids)
        if omitted:
            texts += self.texts(row.input_ids[count - TAIL :])
        return TokenView(
            tokens=[self._token(row, at, text) for at, text in zip(listed, texts, strict=True)],
            prompt_tokens=row.prompt_tokens,
            completion_tokens=row.completion_tokens,
            learned_tokens=row.learned_tokens,
            omitted=omitted,
            omitted_at=HEAD if omitted else None,
            max_length=max_length,
            limit_at=max_length if row.too_long else None,
            outcome=row.outcome,
        )

    def texts(self, ids: Sequence[int]) -> list[str]:
        """The text of each token; a character made of several stands with the first of them."""
        texts = [self._piece(token) for token in ids]
        at = 0
        while at < len(ids):
            if _BROKEN in texts[at]:
                at = self._mend(ids, texts, at)
            else:
                at += 1
        return texts

    def _mend(self, ids: Sequence[int], texts: list[str], at: int) -> int:
        """Put the characters that begin at this token together; the place behind them."""
        for end in range(at + 2, min(at + _LONGEST_CHARACTER, len(ids)) + 1):
            together = self._decode(ids[at:end])[len(self._anchor_text) :]
            if _BROKEN not in together:
                texts[at:end] = [together] + [""] * (end - at - 1)
                return end
        return at + 1

    def _piece(self, token: int) -> str:
        if token not in self._pieces:
            if token in self._names:
                text = str(self._tokenizer.convert_ids_to_tokens(token))
            else:
                text = self._decode([token])[len(self._anchor_text) :]
            self._pieces[token] = text
        return self._pieces[token]

    def _decode(self, ids: Sequence[int]) -> str:
        return str(
            self._tokenizer.decode(
                [*self._anchor, *ids],
                skip_special_tokens=False,
                clean_up_tokenization_spaces=False,
            )
        )

    def _token(self, row: TokenizedRow, at: int, text: str) -> Token:
        token = row.input_ids[at]
        last = at == len(row) - 1
        special = self._names.get(token)
        if special == "eos" and at == 0 and token == self._tokenizer.bos_token_id:
            special = "bos"  # one token for both
        return Token(
            id=token,
            text=text,
            kind="end" if last else "prompt" if at < row.prompt_tokens else "completion",
            learned=at > 0 and row.labels[at] != IGNORED,
            special=special,
        )


def _special_names(tokenizer: Any) -> dict[int, str]:
    """{id: name} of the special tokens; `special` where they have no role."""
    added = getattr(tokenizer, "added_tokens_decoder", {})
    names = {token: "special" for token, details in added.items() if details.special}
    for name in reversed(_SPECIAL_NAMES):
        token = getattr(tokenizer, f"{name}_token_id", None)
        if token is not None:
            names[int(token)] = name
    return names
