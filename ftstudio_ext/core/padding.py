"""Which token fills short rows of a batch up.

Padding is masked and never learned (labels say which tokens count), so any token will do that
the embeddings know already. A new one would change their shape, and everyone who uses the adapter
would have to do the same. A token that means nothing is preferred to the end of sequence, for the
sake of other programs that train on with the adapter's tokenizer and mask padding by its id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PAD_NAMES = re.compile(r"^[<\[|]{1,2}(pad|padding|right_pad_id|finetune_right_pad_id)[>\]|]{1,2}$")
_RESERVED_NAMES = re.compile(r"reserved|unused|extra_id|\[control_\d+\]", re.IGNORECASE)


def choose_pad_token(
    special: Mapping[str, int], pad: str | None, unk: str | None, eos: str | None, rows: int
) -> str | None:
    """The tokenizer's own pad token where the model has a row for it; else a special token made
    for padding, a reserved one, the unknown token, the end of sequence. `special` has the ids of
    the special tokens, `rows` is how many the embeddings know."""
    known = {name: number for name, number in special.items() if number < rows}
    if pad in known:
        return pad
    by_id = sorted(known, key=lambda name: known[name])
    made_for_it = [name for name in by_id if _PAD_NAMES.match(name.lower())]
    reserved = [name for name in by_id if _RESERVED_NAMES.search(name)]
    unknown = [unk] if unk in known and unk != eos else []
    for name in (*made_for_it, *reserved, *unknown):
        if name != eos:
            return name
    return eos
