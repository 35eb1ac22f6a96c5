"""Which files hold data, and which split of a dataset each belongs to, by their names alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ftstudio_ext.schema.datasets import FileFormat

from .errors import InvalidInput

SUFFIXES: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
MAX_FILES = 10_000
FIELD = "source.path"

_SPLITS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_BY_WORD = {word: split for split, words in _SPLITS.items() for word in words}
# What libraries keep beside the data.
_DESCRIPTIONS = frozenset(
    {"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "package.json"}
)


@dataclass
class Arrangement:
    """The files of a folder: one format, names by split, and what is passed over."""

    format: FileFormat
    splits: dict[str, list[str]]
    ignored: list[str] = field(default_factory=list)


def arrange(names: Iterable[str], wanted: FileFormat | None, shown: str) -> Arrangement:
    """Arrange the files of a folder or archive; `names` are paths relative to it, with `/`.

    Raises InvalidInput where there is no data, several formats, or no telling of splits.
    """
    visible = sorted(name for name in names if not _hidden(name))
    if len(visible) > MAX_FILES:
        raise InvalidInput(
            f"{shown} holds {len(visible):,} files; at most {MAX_FILES:,} are imported at once.",
            field=FIELD,
            remedy="Join the data into fewer files.",
        )
    formats = {name: found for name in visible if (found := format_of(name))}
    chosen = _one_format(formats, wanted, shown)
    taken = [name for name in visible if formats.get(name) == chosen]
    return Arrangement(
        format=chosen,
        splits=_by_split(taken, shown),
        ignored=[name for name in visible if name not in set(taken)],
    )


def format_of(name: str) -> FileFormat | None:
    """The format that a file's name tells; None for what holds no data."""
    last = name.rsplit("/", 1)[-1].lower()
    if last in _DESCRIPTIONS or "." not in last:
        return None
    return SUFFIXES.get(last[last.rindex(".") :])


def split_of(name: str) -> str | None:
    """`train` for `data/train-00000-of-00002.parquet` and `train/part.csv`; the file's own name
    before those of the folders around it."""
    for part in reversed(name.split("/")):
        for word in re.split(r"[^a-z]+", part.lower()):
            if word in _BY_WORD:
                return _BY_WORD[word]
    return None


def _one_format(
    formats: dict[str, FileFormat], wanted: FileFormat | None, shown: str
) -> FileFormat:
    counts = Counter(formats.values())
    if wanted is not None and counts and wanted not in counts:
        raise InvalidInput(
            f"{shown} holds no {wanted} files.",
            field="source.format",
            remedy=f"It holds {_listed(counts)}.",
        )
    if not counts:
        raise InvalidInput(
            f"{shown} holds no files of data.",
            field=FIELD,
            remedy=f"Put files there whose names end in {', '.join(SUFFIXES)}.",
        )
    if wanted is not None:
        return wanted
    if len(counts) > 1:
        raise InvalidInput(
            f"{shown} holds files of several formats: {_listed(counts)}.",
            field="source.format",
            remedy="Say with `format` which of them to import.",
        )
    return next(iter(counts))


def _listed(counts: Counter[FileFormat]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.most_common())


def _by_split(names: list[str], shown: str) -> dict[str, list[str]]:
    found = {name: split_of(name) for name in names}
    named = [name for name in names if found[name]]
    if not named:
        return {"train": names}
    if len(named) < len(names):
        odd = next(name for name in names if not found[name])
        raise InvalidInput(
            f"{shown}: the name {named[0]} tells its split, and {odd} does not.",
            field=FIELD,
            remedy="Give every file a name with train, validation or test in it, or name the "
            "files of each split: {split: [path, …]}.",
        )
    return {
        split: [name for name in names if found[name] == split]
        for split in _SPLITS
        if split in found.values()
    }


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__")) for part in name.split("/"))
