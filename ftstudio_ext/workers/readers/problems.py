"""What is wrong with a file, in words: what, where, and what to do."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import NoReturn

from ftstudio_ext.core.errors import InvalidInput

FIELD = "source.path"


def bad_file(message: str, remedy: str) -> InvalidInput:
    """The error for a file that cannot be imported as it is."""
    return InvalidInput(message, field=FIELD, remedy=remedy)


def refuse(message: str, remedy: str) -> NoReturn:
    """Raise `bad_file`."""
    raise bad_file(message, remedy)


def not_utf8(path: Path, shown: str) -> InvalidInput:
    """Where the first byte is that is not UTF-8, and which encoding it seems to be instead."""
    found = _first_invalid(path)
    if found is None:  # the file was changed meanwhile
        return bad_file(f"{shown} is not UTF-8 text.", "Save it as UTF-8 and import it again.")
    offset, line, rest = found
    guess = _guess(rest)
    name = f", it looks like {guess}" if guess else ""
    convert = (
        f"Convert it, for example with `iconv -f {guess} -t UTF-8 {path.name} > utf8-{path.name}`, "
        "and import the result."
        if guess
        else "Save it as UTF-8 and import it again; if it is no text at all, choose its format."
    )
    return bad_file(
        f"{shown} is not UTF-8 text: line {line:,} has the byte 0x{rest[0]:02X} at byte offset "
        f"{offset:,}{name}.",
        convert,
    )


def _first_invalid(path: Path) -> tuple[int, int, bytes] | None:
    """(byte offset, line, the bytes from there on) of the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    done, line, held = 0, 1, b""
    with path.open("rb") as file:
        while True:
            chunk = file.read(1 << 20)
            whole = held + chunk
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                start = error.start
                return (
                    done + start,
                    line + whole.count(b"\n", 0, start),
                    whole[start : start + 4096],
                )
            if not chunk:
                return None
            held = decoder.getstate()[0]
            used = len(whole) - len(held)
            line += whole.count(b"\n", 0, used)
            done += used


def _guess(rest: bytes) -> str | None:
    """The likeliest one-byte encoding of text that is not UTF-8."""
    high = [byte for byte in rest if byte >= 0x80]
    if b"\0" in rest or len(high) > len(rest) * 0.6:
        return None
    if any(0x80 <= byte < 0xA0 for byte in high):
        try:
            rest.decode("cp1252")
        except UnicodeDecodeError:
            return None
        return "WINDOWS-1252"
    return "ISO-8859-1"


def check_names(names: list[str], shown: str, where: str) -> None:
    """Refuse blank and duplicate column names; `where` is such as "its header"."""
    for position, name in enumerate(names, 1):
        if not name.strip():
            refuse(
                f"{shown}: column {position} of {len(names)} has no name in {where}.",
                "Give every column a name, or remove the column.",
            )
    for position, name in enumerate(names, 1):
        first = names.index(name) + 1
        if first != position:
            refuse(
                f"{shown}: the column name {name!r} appears twice in {where}, as column {first} "
                f"and as column {position}.",
                "Rename one of them.",
            )
