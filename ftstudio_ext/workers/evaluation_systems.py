"""Who answers in an evaluation: base models, with and without solved examples, and adapters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ftstudio_ext.core.files import read_json
from ftstudio_ext.schema.evaluation_results import SystemInfo
from ftstudio_ext.schema.evaluations import EvaluateSpec, ResolvedEvaluation, ResolvedSystems


@dataclass(frozen=True)
class System:
    """One who answers. `adapter` is its name in the model, None for the base model alone."""

    key: str
    label: str
    base_model: str
    adapter: str | None = None
    adapter_name: str | None = None
    adapter_id: str | None = None
    folder: Path | None = None
    shots: int = 0

    @property
    def info(self) -> SystemInfo:
        return SystemInfo(
            key=self.key,
            label=self.label,
            base_model=self.base_model,
            adapter=self.adapter_name,
            adapter_id=self.adapter_id,
            shots=self.shots,
        )


@dataclass(frozen=True)
class Group:
    """The systems of one base model: it is loaded once for all of them."""

    resolved: ResolvedSystems
    systems: list[System]
    precision: str


def groups(spec: EvaluateSpec, resolved: ResolvedEvaluation) -> list[Group]:
    """All who answer, in the order of the table."""
    found = []
    several = bool(resolved.more_systems)
    asked: list[tuple[ResolvedSystems, list[int]]] = [(resolved, spec.base_shots)]
    asked += [
        (more, wanted.base_shots)
        for more, wanted in zip(resolved.more_systems, spec.more_systems, strict=True)
    ]
    for place, (some, shots) in enumerate(asked):
        prefix = f"m{place}-" if place else ""
        name = some.base_model.name if several else "base"
        systems = [
            System(
                key=f"{prefix}base-{count}",
                label=f"{name}, {count}-shot" if count else f"{name}, zero-shot",
                base_model=some.base_model.name,
                shots=count,
            )
            for count in shots
        ]
        systems += [
            System(
                key=f"{prefix}adapter-{adapter.id}",
                label=adapter.name,
                base_model=some.base_model.name,
                adapter=f"adapter_{at}",
                adapter_name=adapter.name,
                adapter_id=adapter.id,
                folder=Path(adapter.path),
            )
            for at, adapter in enumerate(some.adapters)
        ]
        found.append(Group(some, systems, precision(spec, some)))
    return found


def precision(spec: EvaluateSpec, resolved: ResolvedSystems) -> str:
    """By default as the first adapter was trained."""
    if spec.precision != "auto":
        return spec.precision
    trained = resolved.adapters[0].manifest.method if resolved.adapters else None
    return "4-bit" if trained == "qlora" else "16-bit"


def can_share_batches(systems: list[System]) -> bool:
    """Whether PEFT writes these in one batch: plain LoRA without biases and whole modules."""
    return all(_is_plain_lora(system.folder) for system in systems if system.folder)


def _is_plain_lora(folder: Path) -> bool:
    try:
        config = read_json(folder / "adapter_config.json")
    except (OSError, ValueError):
        return False
    return (
        config.get("peft_type") == "LORA"
        and not config.get("use_dora")
        and not config.get("modules_to_save")
        and not config.get("trainable_token_indices")
        and config.get("bias", "none") == "none"
    )
