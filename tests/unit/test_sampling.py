"""Three seeded parts: deterministic, disjoint, a dataset's own splits untouched."""

import pytest

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.sampling import parts
from ftstudio_ext.schema.training import DataSettings


def settings(**fields) -> DataSettings:
    return DataSettings(**fields)


def test_train_only_dataset_is_cut_into_three_disjoint_parts():
    drawn = parts({"train": 100}, settings(), seed=1)
    assert drawn.counts() == {"train": 85, "validation": 5, "test": 10}
    rows = [*drawn.train.rows, *drawn.validation.rows, *drawn.test.rows]
    assert sorted(rows) == list(range(100))
    assert {drawn.train.split, drawn.validation.split, drawn.test.split} == {"train"}


def test_same_seed_draws_the_same_rows_everywhere():
    drawn = parts({"train": 10}, settings(test_fraction=0.2, validation_fraction=0.1), seed=7)
    assert drawn.test.rows == [3, 9]  # written down once: must hold on every machine
    assert drawn.validation.rows == [8]
    assert drawn == parts({"train": 10}, settings(test_fraction=0.2, validation_fraction=0.1), 7)
    assert drawn != parts({"train": 10}, settings(test_fraction=0.2, validation_fraction=0.1), 8)


def test_own_splits_are_used_as_they_are():
    drawn = parts({"train": 100, "dev": 7, "Test": 9}, settings(fraction=0.5), seed=1)
    assert (drawn.validation.split, drawn.validation.rows) == ("dev", list(range(7)))
    assert (drawn.test.split, drawn.test.rows) == ("Test", list(range(9)))
    assert drawn.validation.own and drawn.test.own and not drawn.train.own
    assert len(drawn.train) == 50, "the fraction applies to the training rows alone"


def test_a_missing_part_is_cut_from_train_only():
    drawn = parts({"train": 100, "test": 9}, settings(), seed=1)
    assert drawn.test.split == "test"
    assert drawn.validation.split == "train"
    assert not set(drawn.validation.rows) & set(drawn.train.rows)
    assert len(drawn.train) == 95


def test_a_smaller_fraction_is_part_of_a_larger_one_and_test_rows_stay():
    small = parts({"train": 200}, settings(fraction=0.1), seed=3)
    large = parts({"train": 200}, settings(fraction=0.6), seed=3)
    assert set(small.train.rows) < set(large.train.rows)
    assert small.test == large.test and small.validation == large.validation
    other = parts({"train": 200}, settings(validation_fraction=0.3), seed=3)
    assert other.test == small.test


def test_tiny_datasets_keep_at_least_one_row_to_train_on():
    assert parts({"train": 1}, settings(), 0).counts() == {"train": 1, "validation": 0, "test": 0}
    assert parts({"train": 2}, settings(), 0).counts() == {"train": 1, "validation": 0, "test": 1}
    assert parts({"train": 3}, settings(), 0).counts() == {"train": 1, "validation": 1, "test": 1}
    assert len(parts({"train": 3}, settings(fraction=0.01), 0).train) == 1


def test_no_part_is_cut_when_its_fraction_is_zero():
    drawn = parts({"data": 5}, settings(test_fraction=0, validation_fraction=0), seed=0)
    assert drawn.counts() == {"train": 5, "validation": 0, "test": 0}
    assert drawn.train.split == "data", "the only split is the one to train on"


def test_training_on_a_named_split_leaves_others_alone():
    drawn = parts({"a": 10, "b": 20}, settings(split="b"), seed=0)
    assert drawn.train.split == drawn.test.split == "b"


@pytest.mark.parametrize(
    ("splits", "split", "said"),
    [
        ({"a": 1, "b": 1}, None, "no split named 'train'"),
        ({"train": 1}, "trian", "no split 'trian'"),
        ({"train": 0}, None, "none is left to train on"),
        ({}, None, "no split named 'train'"),
    ],
)
def test_what_cannot_be_drawn_is_said_with_a_remedy(splits, split, said):
    with pytest.raises(InvalidInput) as caught:
        parts(splits, settings(split=split), seed=0)
    assert said in caught.value.message
    assert caught.value.remedy
