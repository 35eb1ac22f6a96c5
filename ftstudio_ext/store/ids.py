"""Ids of documents: short, safe in URLs and file names, never reused."""

from __future__ import annotations

import secrets

_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyz"  # nothing that is misread: no 0, 1, l, o
_LENGTH = 10  # 50 bits: a clash among 10,000 ids is a matter of one in 20 million


def new_id(prefix: str) -> str:
    """A fresh random id such as `ds_7k2mfq9xwh`."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
