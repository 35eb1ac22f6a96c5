"""The licence of a model's folder, from its card or its licence file."""

from __future__ import annotations

import re
from pathlib import Path

_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt", "COPYING")
_HEAD_BYTES = 20_000
_KNOWN = (
    ("Apache License", "apache-2.0"),
    ("MIT License", "mit"),
    ("LLAMA 3", "llama3"),
    ("LLAMA 2", "llama2"),
    ("Gemma Terms of Use", "gemma"),
    ("GNU GENERAL PUBLIC LICENSE", "gpl"),
    ("Redistribution and use in source and binary forms", "bsd"),
    ("Creative Commons", "cc"),
)


def licence_in(folder: Path) -> str | None:
    """As the card (README.md) names it, or as the licence file's text tells; None if neither."""
    return _of_card(_head(folder / "README.md")) or _of_text(folder)


def _of_card(text: str) -> str | None:
    """`license:` of the front matter, between two lines of dashes; `license_name` for others."""
    found = re.match(r"---\s*\n(.*?)\n---", text, re.DOTALL)
    if not found:
        return None
    named = {
        key: value.strip().strip("\"'")
        for key, value in re.findall(r"^(license(?:_name)?):[ \t]*(.+)$", found[1], re.MULTILINE)
    }
    if named.get("license") == "other" and named.get("license_name"):
        return named["license_name"]
    return named.get("license") or None


def _of_text(folder: Path) -> str | None:
    for name in _FILES:
        text = _head(folder / name)
        if text:
            known = (short for words, short in _KNOWN if words.casefold() in text.casefold())
            return next(known, None) or f"see {name}"
    return None


def _head(path: Path) -> str:
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
