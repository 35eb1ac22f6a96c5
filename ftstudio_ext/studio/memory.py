"""Memory estimates: a dry run in the memory helper, once for a model and its LoRA layers; then
arithmetic for whatever else the form says."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core import memory, steps
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.jobs import Resources
from ftstudio_ext.schema.memory import MemoryAnswer, MemoryEstimate, MemoryProfile
from ftstudio_ext.schema.models import BaseModelRecord, HubModelSource
from ftstudio_ext.schema.preflight import PreflightRequest
from ftstudio_ext.schema.status import Device
from ftstudio_ext.schema.training import TrainSpec

if TYPE_CHECKING:
    from .studio import Studio

REMEMBERED = 64
START_S = 120.0
"""The first dry run imports torch, which can take long on a slow disk."""
_PREFIX = "spec"


class Memory:
    """What runs would take. Estimates answer as people type; the first for a model takes seconds."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._profiles: OrderedDict[str, MemoryProfile] = OrderedDict()
        self._measuring = asyncio.Lock()

    async def estimate(self, request: PreflightRequest) -> MemoryAnswer:
        """The peak on each device. Only the base model must be chosen; what else is missing in
        the form has its default."""
        given = {name: value for name, value in request.spec.items() if value not in (None, "")}
        unchosen = {"name": "estimate", "dataset": "-", "prompt": "-"}
        spec = parse(TrainSpec, {**unchosen, **given}, prefix=_PREFIX)
        model = await in_thread(
            self._studio.models.referred, spec.base_model, f"{_PREFIX}.base_model"
        )
        profile = await self._profile(model, spec)
        devices = await in_thread(self._studio.launcher.resources)
        return _answer(profile, spec, model, devices, request.resources)

    async def _profile(self, model: BaseModelRecord, spec: TrainSpec) -> MemoryProfile:
        key = json.dumps([model.id, model.revision, spec.lora.model_dump()], sort_keys=True)
        async with self._measuring:
            if known := self._profiles.get(key):
                self._profiles.move_to_end(key)
                return known
            answer = await self._studio.helpers.call(
                "memory",
                "profile",
                {"model": _place(model), "spec": spec.model_dump(mode="json")},
                timeout_s=START_S,
            )
            found = self._profiles[key] = MemoryProfile.model_validate(answer)
            while len(self._profiles) > REMEMBERED:
                self._profiles.popitem(last=False)
            return found


def _place(model: BaseModelRecord) -> dict[str, Any]:
    """Where the configuration is: arguments of transformers' `from_pretrained`."""
    if model.path is None and isinstance(model.source, HubModelSource):
        return {
            "pretrained_model_name_or_path": model.source.repo_id,
            "revision": model.source_revision or model.source.revision or "main",
        }
    return {"pretrained_model_name_or_path": model.path, "local_files_only": True}


def _answer(
    profile: MemoryProfile,
    spec: TrainSpec,
    model: BaseModelRecord,
    devices: list[Device],
    resources: Resources,
) -> MemoryAnswer:
    wanted = resources.device
    kinds = [device.kind for device in devices]
    used = next((d.id for d in devices if d.id == wanted), None) or next(
        (
            d.id
            for d in devices
            if d.kind == ("cuda" if "cuda" in kinds and wanted != "cpu" else "cpu")
        ),
        None,
    )
    estimates = []
    for device in devices:
        plan = _plan(spec, model, device.kind)
        estimates.append(_estimate(profile, plan, device, chosen=device.id == used))
    chosen_kind = next((d.kind for d in devices if d.id == used), "cpu")
    plan = _plan(spec, model, chosen_kind)
    return MemoryAnswer(
        length=plan.length,
        per_device_batch_size=plan.batch,
        trainable_parameters=profile.trainable_parameters,
        parameters=profile.linear_parameters + profile.other_parameters,
        estimates=estimates,
    )


def _plan(spec: TrainSpec, model: BaseModelRecord, kind: str) -> memory.Plan:
    batch = steps.batch_per_device(spec.effective_batch_size, spec.per_device_batch_size, kind)
    context = model.facts.context_length
    double = spec.quantization.double_quant
    four_bits: memory.Weights = "4-bit double" if double else "4-bit"
    return memory.Plan(
        weights=four_bits if spec.method == "qlora" or model.facts.quantized else "16-bit",
        optimizer=spec.optimizer.name,
        batch=batch,
        accumulation=spec.effective_batch_size // batch,
        length=min(spec.max_length, context) if context else spec.max_length,
        checkpointing=spec.gradient_checkpointing,
    )


def _estimate(
    profile: MemoryProfile, plan: memory.Plan, device: Device, *, chosen: bool
) -> MemoryEstimate:
    parts = memory.parts(profile, plan, device.kind)
    needed, free = memory.total(parts), device.memory_free_bytes
    return MemoryEstimate(
        device=device.id,
        device_name=device.name,
        kind=device.kind,
        chosen=chosen,
        parts=parts,
        total_bytes=needed,
        free_bytes=free,
        verdict=memory.verdict(needed, free),
        fixes=memory.fixes(profile, plan, device.kind, free),
    )
