"""The arithmetic of memory estimates, and the changes that make a run fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ftstudio_ext.core import memory
from ftstudio_ext.core.memory import GIB, Plan
from ftstudio_ext.schema.memory import MemoryProfile

# Mistral-7B with LoRA of rank 16 on all linear layers, as the dry run measures it.
MISTRAL = MemoryProfile(
    layers=32,
    hidden_size=4096,
    vocab_size=32_000,
    linear_parameters=6_979_321_856,
    other_parameters=262_410_240,
    largest_linear=58_720_256,
    trainable_parameters=41_943_040,
    layer_bytes=386_664,
    first_layer_bytes=390_000,
)
QLORA = Plan("4-bit double", "adamw_torch", 1, 8, 2048, checkpointing=True)


def sizes(plan: Plan, kind: str = "cuda") -> dict[str, int]:
    return {part.name: part.bytes for part in memory.parts(MISTRAL, plan, kind)}


def needed(plan: Plan) -> int:
    return memory.total(memory.parts(MISTRAL, plan, "cuda"))


def test_weights_take_what_their_format_says():
    assert sizes(QLORA)["weights"] == pytest.approx(6.98e9 * 0.5159 + 0.262e9 * 2, rel=1e-3)
    assert sizes(replace(QLORA, weights="16-bit"))["weights"] == 2 * (6_979_321_856 + 262_410_240)


def test_a_7b_model_trains_on_a_small_gpu_with_checkpointing_only():
    """Published: 6 to 10 GiB for QLoRA at batch 1 and length 2048; without checkpointing more
    than a consumer GPU has."""
    assert 6 * GIB < needed(QLORA) < 10 * GIB
    assert needed(replace(QLORA, checkpointing=False)) > 24 * GIB


@pytest.mark.parametrize(
    "larger",
    [
        replace(QLORA, batch=2),
        replace(QLORA, length=4096),
        replace(QLORA, checkpointing=False),
        replace(QLORA, weights="4-bit"),
        replace(QLORA, weights="16-bit"),
    ],
)
def test_more_of_anything_takes_more(larger):
    assert needed(larger) > needed(QLORA) > needed(replace(QLORA, optimizer="adamw_8bit"))


def test_accumulation_takes_nothing():
    assert needed(replace(QLORA, accumulation=64)) == needed(QLORA)


def test_what_fits_needs_no_fix():
    assert memory.fixes(MISTRAL, QLORA, "cuda", 80 * GIB) == []


def test_the_first_fix_keeps_the_result():
    plan = replace(QLORA, batch=8, accumulation=1, checkpointing=False)
    first, *others = memory.fixes(MISTRAL, plan, "cuda", 80 * GIB)
    assert first.label == "Batch 8 → 2, accumulation 1 → 4"
    assert first.changes == {"per_device_batch_size": 2}
    assert first.verdict == "fits" and first.saves_bytes == needed(plan) - first.total_bytes
    assert others[0].changes == {"gradient_checkpointing": True}


def test_what_no_single_change_mends_is_mended_by_several():
    plan = replace(QLORA, weights="16-bit", batch=4, accumulation=2, checkpointing=False)
    (fix,) = memory.fixes(MISTRAL, plan, "cuda", 10 * GIB)
    assert fix.verdict == "fits" and fix.total_bytes <= 9 * GIB
    assert fix.changes["per_device_batch_size"] == 1 and fix.changes["method"] == "qlora"
    assert fix.changes["gradient_checkpointing"] is True
    assert "max_length" not in fix.changes  # not needed, hence not touched


def test_what_cannot_be_mended_says_how_far_one_gets():
    (fix,) = memory.fixes(MISTRAL, QLORA, "cuda", 2 * GIB)
    assert fix.verdict == "too_large" and fix.saves_bytes > 0


def test_close_to_the_limit_is_tight():
    assert memory.verdict(95, 100) == "tight"
    assert memory.verdict(89, 100) == "fits"
    assert memory.verdict(101, 100) == "too_large"
