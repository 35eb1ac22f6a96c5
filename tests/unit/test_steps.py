"""Step arithmetic agrees with a calculation by hand."""

import pytest

from ftstudio_ext.core.steps import batch_per_device, plan


def test_one_epoch_with_a_smaller_last_batch():
    made = plan(480, 8)
    assert (made.per_device_batch_size, made.accumulation_steps) == (8, 1)
    assert (made.steps_per_epoch, made.total_steps, made.examples) == (60, 60, 480)
    assert plan(481, 8).total_steps == 61


def test_accumulation_keeps_the_effective_batch():
    made = plan(100, 32, per_device_batch_size=4)
    assert (made.per_device_batch_size, made.accumulation_steps) == (4, 8)
    assert made.total_steps == 4, "100 rows of 32 a step: three whole steps and a part"


def test_fractions_of_epochs_are_rounded_up_to_whole_steps():
    assert plan(100, 10, epochs=0.25).total_steps == 3
    assert plan(100, 10, epochs=2.5).total_steps == 25


def test_max_steps_overrides_epochs():
    made = plan(100, 10, epochs=9, max_steps=15)
    assert (made.total_steps, made.epochs, made.examples) == (15, 1.5, 150)


@pytest.mark.parametrize(
    ("effective", "device", "expected"),
    [(1, "cpu", 1), (8, "cpu", 8), (12, "cpu", 6), (7, "cpu", 7), (11, "cpu", 1), (32, "cuda", 4)],
)
def test_derived_batch_divides_the_effective_one(effective, device, expected):
    assert batch_per_device(effective, device=device) == expected


def test_a_batch_that_does_not_divide_is_refused():
    with pytest.raises(ValueError, match="does not divide"):
        batch_per_device(8, wanted=3)
    with pytest.raises(ValueError, match="no rows"):
        plan(0, 8)
