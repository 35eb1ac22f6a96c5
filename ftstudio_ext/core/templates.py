"""Prompt templates: text with `{column}` placeholders, and nothing more.

A renderer of our own kind, since `str.format` on people's templates would let them reach
attributes of objects. `{{` and `}}` stand for literal braces; whatever else stands between
braces is the name of a column, letter by letter. Inserted values are never read again.

>>> render("{{{city}}} has {people} people", {"city": "Bern", "people": 134_000})
'{Bern} has 134000 people'

`{?column}…{/column}` is a section that stands only where the column has a value. Sections may
stand inside each other.

>>> render("Q: {q}{?hint} (hint: {hint}){/hint}", {"q": "1 + 1", "hint": None})
'Q: 1 + 1'
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from .errors import InvalidInput
from .values import json_safe

LONGEST_NAME = 200
"""Names beyond this are compared with none: the time grows with the square of the length."""
DEEPEST = 20
"""Sections inside each other."""
_BRACE = re.compile(r"[{}]")
_LITERAL_BRACES = "Write {{ and }} for literal braces."


class Placeholder(NamedTuple):
    """`{name}`"""

    name: str
    position: int


@dataclass(frozen=True)
class Section:
    """What stands between `{?name}` and `{/name}`."""

    name: str
    position: int
    parts: tuple[Part, ...]


Part = str | Placeholder | Section


def placeholders(template: str, field: str | None = None) -> list[str]:
    """The column names that the template asks for, each once, in order of appearance."""
    return list(dict.fromkeys(part.name for part in _named(parse(template, field))))


def check(template: str, columns: Iterable[str], field: str | None = None) -> None:
    """Raise InvalidInput unless the template is well formed and asks for known columns only."""
    known = list(columns)
    for part in _named(parse(template, field)):
        if part.name not in known:
            raise _unknown(template, part, known, field)


def render(template: str, row: Mapping[str, Any], field: str | None = None) -> str:
    """The template with the row's values in place.

    None and NaN are inserted as nothing, lists and dicts as JSON, all else as `str` has it. A
    section whose column is empty (or white space) is left out.
    """
    parts = parse(template, field)
    for part in _named(parts):
        if part.name not in row:
            raise _unknown(template, part, list(row), field)
    return _rendered(parts, row)


def always_inserted(template: str, field: str | None = None) -> list[str]:
    """The columns whose placeholders stand outside a section of their own."""

    def walk(parts: tuple[Part, ...], sections: frozenset[str]) -> Iterator[str]:
        for part in parts:
            if isinstance(part, Section):
                yield from walk(part.parts, sections | {part.name})
            elif isinstance(part, Placeholder) and part.name not in sections:
                yield part.name

    return list(dict.fromkeys(walk(parse(template, field), frozenset())))


def _rendered(parts: tuple[Part, ...], row: Mapping[str, Any]) -> str:
    pieces = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
        elif isinstance(part, Placeholder):
            pieces.append(text_of(row[part.name]))
        elif text_of(row[part.name]).strip():
            pieces.append(_rendered(part.parts, row))
    return "".join(pieces)


def _named(parts: tuple[Part, ...]) -> Iterator[Placeholder | Section]:
    """Whatever names a column, at any depth."""
    for part in parts:
        if not isinstance(part, str):
            yield part
        if isinstance(part, Section):
            yield from _named(part.parts)


def text_of(value: Any) -> str:
    """A row value as templates insert it."""
    safe = json_safe(value)
    if safe is None:
        return ""
    if isinstance(safe, dict | list):
        return json.dumps(safe, ensure_ascii=False)
    return str(safe)


def escape(text: str) -> str:
    """The text as a template that renders to it."""
    return text.replace("{", "{{").replace("}", "}}")


def parse(template: str, field: str | None = None) -> tuple[Part, ...]:
    """What the template consists of; raises InvalidInput."""
    try:
        return _parts(template)
    except InvalidInput as error:
        raise InvalidInput(error.message, field=field, remedy=error.remedy) from None


@lru_cache(maxsize=256)
def _parts(template: str) -> tuple[Part, ...]:
    opened: list[tuple[Placeholder, list[Part]]] = [(Placeholder("", 0), [])]
    at = 0
    while brace := _BRACE.search(template, at):
        start = brace.start()
        parts = opened[-1][1]
        parts.append(template[at:start])
        if template[start : start + 2] == brace.group() * 2:
            parts.append(brace.group())
            at = start + 2
        elif brace.group() == "}":
            raise InvalidInput(
                f"The closing brace at {_place(template, start)} has no opening brace.",
                remedy=f"Remove it, or write }}}} for a literal brace. {_LITERAL_BRACES}",
            )
        else:
            name, at = _name(template, start)
            if name.startswith("?"):
                if len(opened) > DEEPEST:
                    raise InvalidInput(
                        f"The section {{{name}}} at {_place(template, start)} stands inside "
                        f"{DEEPEST} others.",
                        remedy="Close sections where they end; so many are hard to read anyway.",
                    )
                opened.append((Placeholder(name[1:], start), []))
            elif name.startswith("/"):
                _close(template, opened, Placeholder(name[1:], start))
            else:
                parts.append(Placeholder(name, start))
    if len(opened) > 1:
        section = opened[-1][0]
        raise InvalidInput(
            f"The section {{?{section.name}}} at {_place(template, section.position)} is never "
            "closed.",
            remedy=f"Write {{/{section.name}}} where it ends.",
        )
    opened[0][1].append(template[at:])
    return _without_nothing(opened[0][1])


def _close(template: str, opened: list[tuple[Placeholder, list[Part]]], end: Placeholder) -> None:
    """Put the section that ends here into what stands around it."""
    section, inside = opened[-1]
    if len(opened) == 1 or section.name != end.name:
        remedy = f"Write {{?{end.name}}} where the section begins, or remove this."
        if len(opened) > 1:
            remedy = f"Close {{?{section.name}}} first: sections may not cross each other."
        raise InvalidInput(
            f"{{/{end.name}}} at {_place(template, end.position)} closes no section.",
            remedy=remedy,
        )
    opened.pop()
    opened[-1][1].append(Section(section.name, section.position, _without_nothing(inside)))


def _without_nothing(parts: list[Part]) -> tuple[Part, ...]:
    return tuple(part for part in parts if part)


def _name(template: str, start: int) -> tuple[str, int]:
    """The name after the opening brace at `start`, and the position behind its end."""
    end = _BRACE.search(template, start + 1)
    inside = template[start + 1 : end.start() if end else len(template)]
    place = _place(template, start)
    if end is None or "\n" in inside:
        raise InvalidInput(
            f"The opening brace at {place} is never closed.",
            remedy=f"Close it with }} right after the column's name. {_LITERAL_BRACES}",
        )
    if end.group() == "{":
        raise InvalidInput(
            f"The placeholder at {place} holds another opening brace, at "
            f"{_place(template, end.start())}.",
            remedy=f"A placeholder is one column name in single braces. {_LITERAL_BRACES}",
        )
    if not inside.lstrip("?/").strip():
        raise InvalidInput(
            f"The placeholder at {place} is empty.",
            remedy=f"Write a column's name between the braces. {_LITERAL_BRACES}",
        )
    return inside, end.end()


def _unknown(
    template: str, part: Placeholder | Section, columns: list[str], field: str | None
) -> InvalidInput:
    mark = "?" if isinstance(part, Section) else ""
    message = (
        f"The dataset has no column {part.name!r}, which {'the section' if mark else 'the placeholder'} "
        f"{{{mark}{part.name}}} at {_place(template, part.position)} asks for."
    )
    return InvalidInput(message, field=field, remedy=_remedy(part.name, columns))


def _remedy(name: str, columns: list[str]) -> str:
    head = re.split(r"[.\[!:]", name, maxsplit=1)[0]
    if head != name and head.strip() in columns:
        return (
            f"Write {{{head.strip()}}}: a placeholder is a column's whole name, without "
            "attributes, indexes, conversions or formats."
        )
    nearest = nearest_name(name, columns)
    if nearest is not None:
        return f"Did you mean {{{nearest}}}? {_LITERAL_BRACES}"
    listed = ", ".join(columns[:20]) + (", …" if len(columns) > 20 else "")
    return f"The columns are: {listed}. {_LITERAL_BRACES}"


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The name most like the given one, letter case aside; None when none is near."""
    if len(name) > LONGEST_NAME:
        return None
    by_folded = {known.strip().casefold(): known for known in names}
    near = difflib.get_close_matches(name.strip().casefold(), by_folded, n=1, cutoff=0.5)
    return by_folded[near[0]] if near else None


def _place(template: str, position: int) -> str:
    line = template.count("\n", 0, position) + 1
    column = position - template.rfind("\n", 0, position)
    return f"line {line}, column {column}" if "\n" in template else f"character {column}"
