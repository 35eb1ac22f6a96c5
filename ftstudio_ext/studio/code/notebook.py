"""A notebook (nbformat 4.5) of cells."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

_SECTION = re.compile(r"^# --- (.*?) -*$", re.MULTILINE)

Cell = tuple[Literal["markdown", "code"], str]


def notebook(cells: Iterable[Cell]) -> str:
    """The JSON of a notebook; the same cells make the same text."""
    document = {
        "cells": [_cell(number, kind, text) for number, (kind, text) in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def cells_of(script: str) -> Iterator[Cell]:
    """A script with `# --- title ---` lines as cells: a title, then the code below it."""
    opening, docstring, code = script.partition('"""\n\n')
    yield "markdown", _markdown(opening.removeprefix('"""') if docstring else "")
    titles = list(_SECTION.finditer(code))
    yield "code", code[: titles[0].start() if titles else len(code)].strip()
    ends = [title.start() for title in titles[1:]] + [len(code)]
    for title, end in zip(titles, ends, strict=True):
        yield "markdown", f"## {title[1][:1].upper()}{title[1][1:]}"
        yield "code", code[title.end() : end].strip()


def _markdown(docstring: str) -> str:
    """The docstring as a first cell; what is typed into a terminal is typed into a cell."""
    title, _, rest = docstring.strip().partition("\n")
    rest = re.sub(r"^    python .*\n?", "", rest, flags=re.MULTILINE)
    rest = rest.replace("    pip install", "    %pip install")
    return f"# {title.rstrip('.')}\n{rest}".strip()


def _cell(number: int, kind: str, text: str) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": hashlib.sha256(f"{number} {text}".encode()).hexdigest()[:12],
        "metadata": {},
        "source": text.splitlines(keepends=True),
    }
    return cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []}
