"""Rows that adapters have not seen: what their training set aside, drawn again from its seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ftstudio_ext.schema.adapters import AdapterManifest
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.training import DataSettings

from .errors import InvalidInput
from .sampling import Parts, parts


@dataclass(frozen=True)
class Unseen:
    """Rows of one split to ask. `sure`: no adapter has trained on any of them, nor was chosen by
    them, as far as manifests tell; `note` says where they come from."""

    split: str
    rows: Sequence[int]
    sure: bool
    note: str


def trained_on(manifest: AdapterManifest, dataset: Dataset) -> bool:
    """Whether the adapter was trained on (this content of) the dataset."""
    recorded = manifest.dataset
    if recorded.get("content_hash"):
        return bool(recorded["content_hash"] == dataset.content_hash)
    return bool(recorded.get("id") == dataset.id)


def training_parts(manifest: AdapterManifest, dataset: Dataset) -> Parts | None:
    """The rows that trained and chose an adapter; None when its manifest does not tell, or does
    not give the recorded counts."""
    recorded = manifest.split
    settings = {name: recorded[name] for name in DataSettings.model_fields if name in recorded}
    try:
        drawn = parts(_sizes(dataset), DataSettings.model_validate(settings), recorded["seed"])
        counts = {name: part["rows"] for name, part in recorded["parts"].items()}
    except (KeyError, TypeError, ValueError, InvalidInput):
        return None
    return drawn if drawn.counts() == counts else None


def unseen(
    dataset: Dataset, manifests: Sequence[AdapterManifest], split: str | None = None
) -> Unseen:
    """The test rows that training set aside, less those that another of the adapters knows; with
    `split`, all of its rows that none knows. Raises InvalidInput when none is left."""
    concerned = [one for one in manifests if trained_on(one, dataset)]
    records = [(one, training_parts(one, dataset)) for one in concerned]
    known = {
        (part.split, row)
        for _, record in records
        if record
        for part in (record.train, record.validation)
        for row in part.rows
    }
    silent = [one.name for one, record in records if record is None]
    chosen, candidates, note = _candidates(dataset, [r for _, r in records if r], split)
    rows = [row for row in candidates if (chosen, row) not in known]
    if not rows:
        raise InvalidInput(
            f"No row of “{chosen}” is left that none of the adapters was trained on.",
            field="rows.split",
            remedy="Choose rows yourself, another split, or fewer adapters.",
            code="no_unseen_rows",
        )
    if silent:
        names = ", ".join(f"“{name}”" for name in silent)
        note += f" {names} may know them: the manifest does not tell."
    return Unseen(chosen, rows, not silent, note)


def known_to(
    dataset: Dataset, manifests: Sequence[AdapterManifest], split: str, row: int
) -> tuple[bool, str]:
    """(no adapter has trained on this row or was chosen by it, as far as is recorded; the same in
    words)."""
    knowing, silent = [], []
    for one in manifests:
        if not trained_on(one, dataset):
            continue
        record = training_parts(one, dataset)
        if record is None:
            silent.append(f"“{one.name}”")
        elif any(
            part.split == split and row in part.rows for part in (record.train, record.validation)
        ):
            knowing.append(f"“{one.name}”")
    if knowing:
        return False, f"A training row of {', '.join(knowing)}: a right answer proves little."
    if silent:
        return False, f"{', '.join(silent)} may know it: the manifest does not tell."
    return True, "No adapter was trained on it." if manifests else "A row of the dataset."


def _candidates(
    dataset: Dataset, records: Sequence[Parts], split: str | None
) -> tuple[str, Sequence[int], str]:
    sizes = _sizes(dataset)
    if split is not None:
        return split, range(sizes[split]), f"From the split “{split}”."
    for record in records:
        if len(record.test):
            where = "the test split" if record.test.own else "the rows that training set aside"
            return str(record.test.split), record.test.rows, f"From {where}."
    drawn = parts(sizes, DataSettings(), 42)
    if drawn.test.rows and (records or drawn.test.own):
        return str(drawn.test.split), drawn.test.rows, "From the test rows."
    name = str(drawn.train.split)
    return name, range(sizes[name]), f"From the split “{name}”."


def _sizes(dataset: Dataset) -> dict[str, int]:
    return {split.name: split.rows for split in dataset.splits}
