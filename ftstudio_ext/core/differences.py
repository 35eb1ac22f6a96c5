"""Where two texts differ, word by word. Standard library only."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

LONGEST = 4_000
"""Words of one text, beyond which no differences are told: the time grows with their square."""

_PIECE = re.compile(r"\s+|\w+|[^\w\s]")


def differences(expected: str, answer: str) -> list[dict[str, str]] | None:
    """Pieces of both texts in order, each `{kind: same | missing | extra, text}`: `missing` is in
    the expected text only, `extra` in the answer only. None for very long texts.

    >>> differences("a red sky", "a blue sky")[1:3]
    [{'kind': 'missing', 'text': 'red'}, {'kind': 'extra', 'text': 'blue'}]
    """
    left, right = _PIECE.findall(expected.strip()), _PIECE.findall(answer.strip())
    if max(len(left), len(right)) > LONGEST:
        return None
    found: list[dict[str, str]] = []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            found.append({"kind": "same", "text": "".join(left[i1:i2])})
            continue
        if i2 > i1:
            found.append({"kind": "missing", "text": "".join(left[i1:i2])})
        if j2 > j1:
            found.append({"kind": "extra", "text": "".join(right[j1:j2])})
    return found
