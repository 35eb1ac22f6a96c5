"""Which rows train, which choose, which test: three parts, drawn from a seed.

A dataset's own test and validation splits are used as they are. What is missing is cut out of
the split to train on: test rows first, then validation rows, then the training rows, so that the
test rows depend on nothing but the seed and the test fraction. The fraction of training rows is
a prefix of one shuffled order: the rows of a smaller fraction are among those of a larger one.

Standard library only (`random.Random`), so that the same seed draws the same rows everywhere.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import Any

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.training import DataSettings

VALIDATION_NAMES = ("validation", "valid", "val", "dev", "eval", "evaluation")
TEST_NAMES = ("test", "testing")


@dataclass(frozen=True)
class Part:
    """Rows of one split, by index, ascending. `own` says that the dataset came with it."""

    split: str | None
    rows: list[int]
    own: bool = False

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Parts:
    """The three parts; no row of one split is in two of them."""

    train: Part
    validation: Part
    test: Part

    def to_json(self) -> dict[str, Any]:
        """The exact rows, as `split.json` keeps them for evaluation to refuse training rows."""
        return asdict(self)

    def counts(self) -> dict[str, int]:
        """How many rows each part has."""
        return {
            "train": len(self.train),
            "validation": len(self.validation),
            "test": len(self.test),
        }


def parts(splits: dict[str, int], data: DataSettings, seed: int) -> Parts:
    """Draw the three parts from `splits` ({name: number of rows}); raises InvalidInput."""
    train_split = _train_split(splits, data.split)
    others = {name: rows for name, rows in splits.items() if name != train_split and rows}
    own_validation = _first(VALIDATION_NAMES, others)
    own_test = _first(TEST_NAMES, others)

    order = list(range(splits[train_split]))
    random.Random(f"ftstudio parts {seed}").shuffle(order)
    test = [] if own_test else _cut(order, data.test_fraction, splits[train_split])
    validation = (
        [] if own_validation else _cut(order, data.validation_fraction, splits[train_split])
    )
    train = order[: max(1, round(len(order) * data.fraction))]
    if not train:
        raise InvalidInput(
            f"The split {train_split!r} has {splits[train_split]} rows: none is left to train on.",
            field="data",
            remedy="Use a dataset with more rows, or set test and validation fraction to 0.",
        )
    return Parts(
        train=Part(train_split, sorted(train)),
        validation=_part(own_validation, others, train_split, validation),
        test=_part(own_test, others, train_split, test),
    )


def _train_split(splits: dict[str, int], wanted: str | None) -> str:
    if wanted is not None:
        if wanted in splits:
            return wanted
        raise InvalidInput(
            f"The dataset has no split {wanted!r}.",
            field="data.split",
            remedy=f"Choose one of: {', '.join(sorted(splits)) or 'none'}.",
        )
    if "train" in splits:
        return "train"
    if len(splits) == 1:
        return next(iter(splits))
    raise InvalidInput(
        "The dataset has no split named 'train', so it is not clear what to train on.",
        field="data.split",
        remedy=f"Choose the split to train on: {', '.join(sorted(splits)) or 'there is none'}.",
    )


def _first(names: tuple[str, ...], splits: dict[str, int]) -> str | None:
    by_folded = {name.casefold(): name for name in splits}
    return next((by_folded[name] for name in names if name in by_folded), None)


def _cut(order: list[int], fraction: float, total: int) -> list[int]:
    """Take `fraction` of `total` rows off the end of `order`; at least one, while more than one
    is left, so that a small dataset is judged too."""
    count = round(total * fraction)
    if fraction > 0:
        count = max(count, 1)
    count = min(count, max(len(order) - 1, 0))
    taken = order[len(order) - count :]
    del order[len(order) - count :]
    return taken


def _part(own: str | None, splits: dict[str, int], train_split: str, cut: list[int]) -> Part:
    if own is not None:
        return Part(own, list(range(splits[own])), own=True)
    return Part(train_split, sorted(cut))
