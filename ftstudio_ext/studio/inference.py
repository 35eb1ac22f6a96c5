"""The models in memory: one helper process for each base model and precision, started when it is
first asked, ended when idle, when a job needs its GPU, or when another model needs its memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from ftstudio_ext.core.errors import Conflict, StudioError, Unavailable
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.jobs import devices
from ftstudio_ext.schema.inference import (
    InferenceStatus,
    LoadedModel,
    StopInferenceRequest,
    WarmRequest,
)
from ftstudio_ext.schema.jobs import FINAL_STATES, JobDetail, JobState
from ftstudio_ext.schema.models import BaseModelRecord

from .answerers import LoadedAdapter, adapter_of, loaded_adapter, precision_for

if TYPE_CHECKING:
    from .studio import Studio

log = logging.getLogger(__name__)

HELPER = "inference"
CANCEL_GRACE_S = 120.0
"""Reading long prompts cannot be interrupted, and a loaded model is worth waiting for."""
MEMORY_SLACK = 1.3
"""Over a model's weights, for what loading and answering need beside them."""
_BYTES = {"4-bit": 0.7, "8-bit": 1.1, "16-bit": 2.0, "32-bit": 4.0}
"""A parameter's, with the layers that are never quantized."""

_RESTING = {*FINAL_STATES, "held"}

OnEvents = Callable[[list[dict[str, Any]]], None]


@dataclass
class _Known:
    """What was last heard of a helper."""

    model: BaseModelRecord
    precision: str
    names: dict[str, str] = field(default_factory=dict)
    heard: dict[str, Any] = field(default_factory=dict)
    calls: int = 0
    ended_because: StudioError | None = None


class Inference:
    """The inference helpers of one server."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._known: dict[str, _Known] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    # --- asking ------------------------------------------------------------------------------

    async def answer(
        self,
        model: BaseModelRecord,
        precision: str,
        adapters: Sequence[LoadedAdapter],
        work: dict[str, Any],
        on_events: OnEvents,
        verb: str = "answer",
    ) -> None:
        """Have questions answered; `work` holds `questions`, `asks` and `exact` as
        workers/inference.py takes them. Events come in the words of schema/comparisons.py."""
        self._loop = asyncio.get_running_loop()
        instance = f"{model.id} {precision}"
        known = self._known.setdefault(instance, _Known(model, precision))
        known.calls += 1
        try:
            busy = await self._refuse_while_gpu_is_needed()
            if self._studio.helpers.up(HELPER, instance) is None:
                known.heard = {}
                await self._make_room(instance, model, precision, on_events)
            elif busy and verb == "answer":
                on_events([_shared(busy[0])])
            known.names |= {adapter.key: adapter.name for adapter in adapters}
            known.heard = await self._studio.helpers.call(
                HELPER,
                verb,
                {
                    "model": model.model_dump(mode="json"),
                    "precision": precision,
                    "device": "auto",
                    "adapters": [adapter.as_call() for adapter in adapters],
                    **work,
                },
                timeout_s=None,
                on_progress=lambda message: on_events(message["events"]),
                instance=instance,
                cancel_grace_s=CANCEL_GRACE_S,
            )
        except Unavailable as error:
            raise known.ended_because or error from error
        finally:
            known.calls -= 1

    # --- looking after the helpers -------------------------------------------------------------

    async def warm(self, request: WarmRequest) -> InferenceStatus:
        """Begin to load a base model and adapters, without waiting for it."""
        model, precision, adapters = await in_thread(self._warmed, request)
        await self._refuse_while_gpu_is_needed()
        self._spawn(self._warm(model, precision, adapters))
        await asyncio.sleep(0)  # it begins
        return self.status()

    def status(self) -> InferenceStatus:
        """What is in memory now."""
        idle = self._studio.helpers.idle_timeout_of(HELPER)
        return InferenceStatus(
            models=[found for key in list(self._known) if (found := self._shown(key))],
            idle_timeout_s=idle,
        )

    async def full_status(self) -> InferenceStatus:
        """The same, with what stands in the way of more."""
        status = self.status()
        try:
            await self._refuse_while_gpu_is_needed()
        except StudioError as error:
            status.blocked = error.message
        return status

    async def stop(self, request: StopInferenceRequest) -> InferenceStatus:
        """Free the memory of one base model, or of all."""
        wanted = None
        if request.base_model is not None:
            find = self._studio.models.referred
            wanted = (await in_thread(find, request.base_model, "base_model")).id
        for instance, known in list(self._known.items()):
            if wanted in (None, known.model.id):
                await self._end(
                    instance,
                    Unavailable(
                        f"“{known.model.name}” was taken out of memory on request.",
                        code="stopped",
                        remedy="Ask again: it is loaded anew.",
                    ),
                )
        return self.status()

    def job_changed(self, job_id: str) -> None:
        """A job was submitted or has changed; one that is about to start on the GPU gets it.
        From any thread."""
        if self._loop is not None and self._known and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._spawn_eviction, job_id)

    def _spawn_eviction(self, job_id: str) -> None:
        self._spawn(self._evict_for(job_id))

    async def _evict_for(self, job_id: str) -> None:
        jobs = [job for job in await in_thread(self._jobs_at_work) if job.id == job_id]
        if not jobs or not await in_thread(devices.gpus):
            return
        for instance, known in list(self._known.items()):
            await self._end(
                instance,
                Unavailable(
                    f"The run “{jobs[0].name}” needs the GPU, so “{known.model.name}” was taken out "
                    "of memory.",
                    code="evicted",
                    remedy="Ask again when the run has ended, or stop the run.",
                ),
            )

    async def _end(self, instance: str, why: StudioError) -> None:
        known = self._known[instance]
        known.ended_because = why
        await self._studio.helpers.end(HELPER, instance)
        self._known.pop(instance, None)

    async def _make_room(
        self, instance: str, model: BaseModelRecord, precision: str, on_events: OnEvents
    ) -> None:
        """End idle models, the one used longest ago first, until this one fits."""
        needed = MEMORY_SLACK * (model.facts.parameters or 0) * _BYTES[precision]
        idle = sorted(
            (
                (up.idle_s, key)
                for key in self._known
                if key != instance and (up := self._studio.helpers.up(HELPER, key)) and not up.busy
            ),
            reverse=True,
        )
        for _, key in idle:
            if needed <= await in_thread(_free_bytes):
                return
            name = self._known[key].model.name
            await self._end(key, Unavailable(f"“{name}” was taken out of memory.", code="evicted"))
            message = f"“{name}” was taken out of memory to make room for “{model.name}”."
            on_events([{"event": "notice", "code": "evicted", "message": message}])

    async def _refuse_while_gpu_is_needed(self) -> list[JobDetail]:
        """The jobs that share the processor; raises Conflict when they need the GPU."""
        busy = await in_thread(self._jobs_at_work)
        on_gpu = bool(busy) and bool(await in_thread(devices.gpus))
        if on_gpu:
            raise Conflict(
                f"The run “{busy[0].name}” needs the GPU, so no model can be loaded beside it.",
                code="gpu_busy",
                remedy="Wait until the run has ended, or stop it.",
            )
        return busy

    def _jobs_at_work(self) -> list[JobDetail]:
        """Heavy jobs that run, or start next, on the device that models are loaded on."""
        service = self._studio.job_service
        active = ",".join(state for state in get_args(JobState) if state not in _RESTING)
        kinds = self._studio.jobs.kinds
        heavy = [
            job
            for job in service.list(state=active, limit=500).items
            if job.type in kinds and kinds[job.type].slot == "heavy"
        ]
        details = [service.get(job.id) for job in heavy]
        return [job for job in details if job.resources.device != "cpu"]

    def _shown(self, instance: str) -> LoadedModel | None:
        up, known = self._studio.helpers.up(HELPER, instance), self._known[instance]
        if up is None and not known.calls:
            self._known.pop(instance, None)
            return None
        heard = known.heard
        state = "starting" if up is None else "loading" if not heard else "ready"
        if heard and up and up.busy:
            state = "busy"
        return LoadedModel(
            base_model_id=known.model.id,
            base_model_name=known.model.name,
            precision=known.precision,
            state=state,  # type: ignore[arg-type]
            adapters=[known.names[k] for k in heard.get("adapters", []) if k in known.names],
            device=heard.get("device"),
            memory_bytes=heard.get("memory_bytes"),
            idle_s=up.idle_s if up else 0,
            idle_timeout_s=self._studio.helpers.idle_timeout_of(HELPER),
            pid=up.process.pid if up else None,
        )

    def _warmed(self, request: WarmRequest) -> tuple[BaseModelRecord, str, list[LoadedAdapter]]:
        model = self._studio.models.referred(request.base_model, "base_model")
        adapters = [adapter_of(self._studio, a, model, "adapters") for a in request.adapters]
        precision = precision_for(request.precision, adapters)
        workspace = self._studio.settings.workspace
        return model, precision, [loaded_adapter(workspace, a, None, "adapters") for a in adapters]

    async def _warm(
        self, model: BaseModelRecord, precision: str, adapters: list[LoadedAdapter]
    ) -> None:
        try:
            await self.answer(model, precision, adapters, {}, lambda events: None, verb="load")
        except StudioError as error:  # whoever asks a question hears of it
            log.info("Loading “%s” ahead: %s", model.name, error.message)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _free_bytes() -> int:
    found = devices.devices()[0]
    return found.memory_free_bytes


def _shared(job: JobDetail) -> dict[str, Any]:
    message = f"The run “{job.name}” works on the same processor, so answers take longer."
    return {"event": "notice", "code": "shared", "message": message}
