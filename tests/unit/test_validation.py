"""Findings of pydantic as one error that a person can act on."""

from __future__ import annotations

import pytest

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.datasets import DatasetCreate
from ftstudio_ext.schema.training import TrainSpec

GOOD = {"name": "run", "base_model": "m", "dataset": "d", "prompt": "p"}


def refusal(model, data, **options):
    with pytest.raises(InvalidInput) as caught:
        parse(model, data, **options)
    return caught.value


def test_good_input_is_parsed():
    assert parse(TrainSpec, GOOD).name == "run"


@pytest.mark.parametrize(
    ("old", "new"),
    [("max_seq_length", "max_length"), ("num_train_epochs", "epochs"), ("lora_r", "lora.r")],
)
def test_names_of_other_tools_are_recognised(old, new):
    error = refusal(TrainSpec, {**GOOD, old: 1})
    assert (error.field, error.remedy) == (old, f"It is called '{new}' here.")


def test_a_misspelt_field_is_named_before_the_missing_one_it_was_meant_for():
    error = refusal(TrainSpec, {**GOOD, "dataset": "d", "promt": "p", "prompt": None})
    assert error.field == "promt" and "'prompt'" in error.remedy


def test_the_path_to_a_nested_field_is_complete():
    error = refusal(TrainSpec, {**GOOD, "lora": {"r": 0}}, prefix="spec")
    assert error.field == "spec.lora.r" and "greater than or equal to 1" in error.message


def test_tags_of_unions_do_not_show_in_the_path():
    error = refusal(DatasetCreate, {"source": {"source": "file", "path": 5}})
    assert error.field == "source.path"


def test_rules_about_several_fields_are_told_in_their_own_words():
    error = refusal(TrainSpec, {**GOOD, "effective_batch_size": 8, "per_device_batch_size": 3})
    assert error.message == "per_device_batch_size (3) must divide effective_batch_size (8)."


def test_other_problems_are_mentioned():
    error = refusal(TrainSpec, {**GOOD, "epochs": 0, "max_length": 1})
    assert error.field == "max_length" and "epochs" in error.remedy


def test_numbers_that_json_cannot_hold_are_refused():
    for number in (float("inf"), float("nan")):
        error = refusal(TrainSpec, {**GOOD, "optimizer": {"weight_decay": number}})
        assert error.field == "optimizer.weight_decay"


def test_target_modules_name_something():
    for nothing in ("", [], [" "]):
        error = refusal(TrainSpec, {**GOOD, "lora": {"target_modules": nothing}})
        assert error.field == "lora.target_modules" and "all-linear" in error.message


def test_a_wrong_value_in_a_union_has_its_field_without_tags():
    error = refusal(DatasetCreate, {"source": {"source": "file", "path": {"train": 5}}})
    assert error.field == "source.path"
