"""Presets: named settings that fill a form. The built-in ones live here, others in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import Conflict, InvalidInput
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.common import Page, StudioModel
from ftstudio_ext.schema.generation import GenerationSettings
from ftstudio_ext.schema.presets import Preset, PresetCreate, PresetKind, PresetPatch
from ftstudio_ext.schema.training import LoraSettings, QuantizationSettings, TrainSpec
from ftstudio_ext.store.ids import new_id

if TYPE_CHECKING:
    from .studio import Studio

_MODELS: dict[str, type[StudioModel]] = {
    "lora": LoraSettings,
    "quantization": QuantizationSettings,
    "training": TrainSpec,
    "generation": GenerationSettings,
}
_OF_ONE_RUN = {"name": "x", "base_model": "x", "dataset": "x", "prompt": "x"}
"""Required fields of TrainSpec that belong to one run and so to no preset."""


def _builtin(slug: str, name: str, kind: PresetKind, description: str, **config: Any) -> Preset:
    return Preset(
        id=f"builtin-{slug}",
        name=name,
        kind=kind,
        description=description,
        config=config,
        builtin=True,
    )


def _defaults(kind: PresetKind, *leave_out: str) -> dict[str, Any]:
    given = _OF_ONE_RUN if kind == "training" else {}
    return _MODELS[kind](**given).model_dump(mode="json", exclude={*given, "advanced", *leave_out})


BUILTIN: tuple[Preset, ...] = (
    _builtin(
        "lora-default",
        "LoRA default",
        "lora",
        "Rank 16 on all linear layers: a good start for most tasks.",
        **_defaults("lora"),
    ),
    _builtin(
        "lora-small",
        "LoRA small",
        "lora",
        "Rank 8: less memory, for narrow tasks and few rows.",
        **{**_defaults("lora"), "r": 8, "alpha": 16},
    ),
    _builtin(
        "lora-large",
        "LoRA large",
        "lora",
        "Rank 64: for broad tasks and many rows; costs more memory.",
        **{**_defaults("lora"), "r": 64, "alpha": 128},
    ),
    _builtin(
        "quantization-default",
        "4-bit default",
        "quantization",
        "NF4 with double quantization, as in the QLoRA paper.",
        **_defaults("quantization"),
    ),
    _builtin(
        "training-default",
        "Training default",
        "training",
        "QLoRA, one epoch, learning rate 2e-4 with warm-up and cosine.",
        **_defaults("training", "output_dir", "max_steps", "per_device_batch_size"),
    ),
    _builtin(
        "training-trial",
        "Training short trial",
        "training",
        "20 steps: does everything fit together, and does the loss fall?",
        **{
            **_defaults("training", "output_dir", "per_device_batch_size"),
            "max_steps": 20,
            "evaluation": {"strategy": "off", "samples": 0},
        },
    ),
    _builtin(
        "generation-greedy",
        "Greedy",
        "generation",
        "Always the likeliest token: repeatable, for comparison and evaluation.",
        **_defaults("generation"),
    ),
    _builtin(
        "generation-sampling",
        "Balanced",
        "generation",
        "Temperature 0.7, top p 0.9: answers differ from time to time.",
        **{**_defaults("generation"), "temperature": 0.7, "top_p": 0.9},
    ),
    _builtin(
        "generation-creative",
        "Creative",
        "generation",
        "Temperature 1.0, top p 0.95: unlikely words get their turn.",
        **{**_defaults("generation"), "temperature": 1.0, "top_p": 0.95},
    ),
)


class Presets:
    """Built-in and saved presets; the built-in ones come first."""

    def __init__(self, studio: Studio) -> None:
        self._records = studio.database.collection("presets", Preset)

    def list(
        self,
        q: str | None = None,
        kind: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Preset]:
        words = (q or "").casefold().split()
        matching = [
            preset
            for preset in (*BUILTIN, *self._records.find())
            if kind in (None, preset.kind) and all(word in preset.name.casefold() for word in words)
        ]
        return Page(items=matching[offset : offset + limit], total=len(matching))

    def get(self, id_or_name: str) -> Preset:
        return _builtin_called(id_or_name) or self._records.get(id_or_name)

    def create(self, request: PresetCreate) -> Preset:
        if _builtin_called(request.name):
            raise Conflict(
                f"There is a built-in preset called “{request.name}”.",
                field="name",
                remedy="Choose another name.",
            )
        return self._records.insert(
            Preset(
                id=new_id("ps"),
                name=request.name,
                kind=request.kind,
                description=request.description,
                config=_checked(request.kind, request.config),
            )
        )

    def patch(self, id_or_name: str, change: PresetPatch, revision: int | None = None) -> Preset:
        self._refuse_builtin(id_or_name)
        changes = change.model_dump(exclude_unset=True, exclude_none=True)
        if change.name and _builtin_called(change.name):
            raise Conflict(
                f"There is a built-in preset called “{change.name}”.",
                field="name",
                remedy="Choose another name.",
            )
        if change.config is not None:
            changes["config"] = _checked(self._records.get(id_or_name).kind, change.config)
        return self._records.update(id_or_name, changes, revision)

    def delete(self, id_or_name: str, cascade: bool = False) -> None:
        self._refuse_builtin(id_or_name)
        self._records.delete(id_or_name)

    def _refuse_builtin(self, id_or_name: str) -> None:
        if preset := _builtin_called(id_or_name):
            raise Conflict(
                f"“{preset.name}” is built in and cannot be changed.",
                code="builtin",
                remedy="Save a copy under another name and change that.",
            )


def _builtin_called(id_or_name: str) -> Preset | None:
    wanted = id_or_name.strip().casefold()
    return next((p for p in BUILTIN if wanted in (p.id, p.name.casefold())), None)


def _checked(kind: PresetKind, config: dict[str, Any]) -> dict[str, Any]:
    """The configuration, checked by the model of its kind; fields left out stay out."""
    model = _MODELS[kind]
    if kind != "training":
        return parse(model, config, prefix="config").model_dump(mode="json", exclude_unset=True)
    for field in _OF_ONE_RUN:
        if field in config:
            raise InvalidInput(
                f"'{field}' belongs to one run, not to a preset.",
                field=f"config.{field}",
                remedy="Leave it out.",
            )
    spec = parse(model, {**_OF_ONE_RUN, **config}, prefix="config")
    return spec.model_dump(mode="json", exclude_unset=True, exclude=set(_OF_ONE_RUN))
