"""How much memory a training step takes at its peak, by part, in bytes.

The profile of the model comes from a dry run (`workers/memory_profile.py`); all that a form can
change is arithmetic on it, so that the estimate follows the typing.

    weights      linear layers in 4 bits: 0.5 bytes a parameter and one float32 constant for each
                 64 (NF4: 0.5625); with double quantization one 8-bit constant for each 64 and one
                 float32 for each 256 of these (0.5159; Dettmers et al. 2023, arXiv:2305.14314,
                 section 3); everything else in 16 bits
    adapter      LoRA's matrices in float32, 4 bytes a parameter
    gradients    of the adapter alone, in float32
    optimizer    AdamW: two float32 moments; in 8 bits two bytes and their constants
                 (Dettmers et al. 2022, arXiv:2110.02861)
    activations  tokens × what each layer keeps for the backward pass; with gradient checkpointing
                 each layer's input, and one layer in full while it is computed again
                 (Chen et al. 2016, arXiv:1604.06174)
    loss         the trainer scores tiles of tokens × vocabulary, never all logits at once
    temporary    the largest layer's weights, dequantized for one product, and the gradients of
                 what is between two layers
    framework    what is there before the first weight: on a GPU the CUDA context and the
                 libraries' workspaces, otherwise the imported libraries

Uncalibrated, this is an estimate: see benchmarks/README.md for how far off it has been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from ftstudio_ext.schema.memory import MemoryFix, MemoryPart, MemoryProfile, PartName, Verdict

GIB = 1024**3
FRAMEWORK_BYTES = {"cuda": int(0.8 * GIB), "cpu": int(0.9 * GIB)}
TILE_TOKENS, TILE_WORDS = 4096, 32768
"""Tokens and words that TRL's chunked loss scores at once."""
TILE_COPIES = {"cuda": 1.5, "cpu": 3.0}
"""Float32 copies of a tile: folded in place by a kernel on a GPU, in several steps elsewhere."""
COMFORTABLE = 0.9
"""Share of the free memory above which it is tight: allocators need room to move."""
WEIGHT_BYTES = {"4-bit": 0.5625, "4-bit double": 0.5159, "16-bit": 2.0}
OPTIMIZER_BYTES = {
    "adamw_torch": 8.0,
    "adamw_8bit": 2.0625,
    "paged_adamw_8bit": 2.0625,
    "paged_adamw_32bit": 8.0,
}

Weights = Literal["4-bit", "4-bit double", "16-bit"]


@dataclass(frozen=True)
class Plan:
    """What a form says, as far as it takes memory."""

    weights: Weights
    optimizer: str
    batch: int
    accumulation: int
    length: int
    checkpointing: bool

    @property
    def tokens(self) -> int:
        """Tokens of one forward pass at most."""
        return self.batch * self.length


def parts(profile: MemoryProfile, plan: Plan, kind: str) -> list[MemoryPart]:
    """The parts at the peak of a step on a device of that kind (`cuda` or `cpu`)."""
    sizes: dict[PartName, float] = {
        "weights": profile.linear_parameters * WEIGHT_BYTES[plan.weights]
        + profile.other_parameters * 2,
        "adapter": profile.trainable_parameters * 4,
        "gradients": profile.trainable_parameters * 4,
        "optimizer": profile.trainable_parameters * OPTIMIZER_BYTES.get(plan.optimizer, 8.0),
        "activations": _activations(profile, plan),
        "loss": _loss(profile, plan, kind),
        "temporary": _temporary(profile, plan),
        "framework": FRAMEWORK_BYTES[kind],
    }
    return [MemoryPart(name=name, bytes=round(size)) for name, size in sizes.items()]


def total(found: list[MemoryPart]) -> int:
    return sum(part.bytes for part in found)


def verdict(needed: int, free: int) -> Verdict:
    """Whether it fits into the free memory."""
    if needed > free:
        return "too_large"
    return "tight" if needed > COMFORTABLE * free else "fits"


def fixes(profile: MemoryProfile, plan: Plan, kind: str, free: int) -> list[MemoryFix]:
    """Changes each of which makes it fit, those that touch the result least first; where none
    does it alone, as many together as it takes. Empty when it fits already."""
    before = total(parts(profile, plan, kind))
    if verdict(before, free) == "fits":
        return []

    def fix(steps: list[_Step]) -> MemoryFix:
        after = total(parts(profile, steps[-1].plan, kind))
        return MemoryFix(
            label=" + ".join(step.label for step in steps),
            changes={name: value for step in steps for name, value in step.changes.items()},
            note=" ".join(dict.fromkeys(step.note for step in steps)),
            saves_bytes=before - after,
            total_bytes=after,
            verdict=verdict(after, free),
        )

    alone = [fix([step]) for change in _CHANGES if (step := _enough(change, plan, fix))]
    if enough := [found for found in alone if found.verdict == "fits"]:
        return enough
    together: list[_Step] = []
    for change in _CHANGES:
        start = together[-1].plan if together else plan
        if step := _enough(change, start, fix):
            together.append(step)
            if fix(together).verdict == "fits":
                break
    return [fix(together)] if together else []


def _enough(
    change: Callable[[Plan], Iterator[_Step]], plan: Plan, fix: Callable[[list[_Step]], MemoryFix]
) -> _Step | None:
    """The smallest step of a change that makes it fit, or the largest there is."""
    step = None
    for step in change(plan):
        if fix([step]).verdict == "fits":
            break
    return step


def _activations(profile: MemoryProfile, plan: Plan) -> float:
    mask = mask_bytes(plan)
    if not plan.checkpointing:
        kept = profile.first_layer_bytes + (profile.layers - 1) * profile.layer_bytes
        return plan.tokens * (kept + profile.layers * mask)
    inputs = profile.layers * profile.hidden_size * 2
    return plan.tokens * (inputs + max(profile.layer_bytes, profile.first_layer_bytes) + mask)


def mask_bytes(plan: Plan) -> int:
    """Bytes a token that attention keeps of the padding mask in each layer: a square in 16 bits,
    where rows of different length share a batch."""
    return plan.length * 2 if plan.batch > 1 else 0


def _loss(profile: MemoryProfile, plan: Plan, kind: str) -> float:
    tile = min(plan.tokens, TILE_TOKENS) * min(profile.vocab_size, TILE_WORDS)
    hidden = plan.tokens * profile.hidden_size * (2 + 4)  # scored positions, and their gradient
    return tile * 4 * TILE_COPIES[kind] + hidden


def _temporary(profile: MemoryProfile, plan: Plan) -> float:
    dequantized = profile.largest_linear * 2 if plan.weights != "16-bit" else 0
    widest = profile.largest_linear / profile.hidden_size
    between = plan.tokens * widest * 2 * 2
    return dequantized + between


@dataclass(frozen=True)
class _Step:
    """A change of the form, and the plan after it."""

    label: str
    changes: dict[str, object]
    note: str
    plan: Plan


def _smaller_batch(plan: Plan) -> Iterator[_Step]:
    """Half the batch, a quarter …: the effective batch, hence the result, stays."""
    changed = plan
    while changed.batch % 2 == 0:
        changed = replace(changed, batch=changed.batch // 2, accumulation=changed.accumulation * 2)
        yield _Step(
            f"Batch {plan.batch} → {changed.batch}, accumulation {plan.accumulation} → "
            f"{changed.accumulation}",
            {"per_device_batch_size": changed.batch},
            "Same effective batch size, same result; a little slower.",
            changed,
        )


def _checkpointing(plan: Plan) -> Iterator[_Step]:
    if not plan.checkpointing:
        yield _Step(
            "Gradient checkpointing",
            {"gradient_checkpointing": True},
            "Same result; steps take about 1.4 times as long.",
            replace(plan, checkpointing=True),
        )


def _eight_bit_optimizer(plan: Plan) -> Iterator[_Step]:
    if OPTIMIZER_BYTES.get(plan.optimizer, 8.0) > 4:
        yield _Step(
            "Optimizer in 8 bits",
            {"optimizer.name": "paged_adamw_8bit"},
            "Practically the same result.",
            replace(plan, optimizer="paged_adamw_8bit"),
        )


def _four_bits(plan: Plan) -> Iterator[_Step]:
    if plan.weights != "4-bit double":
        yield _Step(
            "QLoRA: base model in 4 bits",
            {"method": "qlora", "quantization.double_quant": True},
            "Nearly the same result; steps take longer.",
            replace(plan, weights="4-bit double"),
        )


def _shorter(plan: Plan) -> Iterator[_Step]:
    changed = plan
    while changed.length >= 256:
        changed = replace(changed, length=changed.length // 2)
        yield _Step(
            f"Max sequence length {plan.length:,} → {changed.length:,}",
            {"max_length": changed.length},
            "Longer rows are left out: look how many these are.",
            changed,
        )


_CHANGES: tuple[Callable[[Plan], Iterator[_Step]], ...] = (
    _smaller_batch,
    _checkpointing,
    _eight_bit_optimizer,
    _four_bits,
    _shorter,
)
