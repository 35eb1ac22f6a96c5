"""Jobs: the files of the run directory, and a job as clients see it.

A run directory is the whole truth about a job; each class below that names a file describes
that file (see docs/developers for the protocol).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .common import Name, StoredModel, StudioModel, Timestamp, now
from .errors import ErrorInfo
from .slurm import SlurmResources

PROTOCOL = 1

JobType = Literal[
    "train", "evaluate", "import", "profile", "clean", "register", "export", "log_comparison"
]
JobState = Literal[
    "queued",
    "held",
    "starting",
    "running",
    "stopping",
    "succeeded",
    "failed",
    "stopped",
    "lost",
]
FINAL_STATES: frozenset[str] = frozenset({"succeeded", "failed", "stopped", "lost"})
ACTIVE_STATES: frozenset[str] = frozenset({"starting", "running", "stopping"})

Phase = Literal[
    "downloading",
    "loading",
    "tokenizing",
    "checking memory",
    "training",
    "evaluating",
    "saving",
    "examining",
    "comparing",
    "counting tokens",
]

SlotClass = Literal["heavy", "light"]
"""Heavy jobs (train, evaluate) share one slot of the machine; light ones (import) have their own."""


class Resources(StudioModel):
    """What a job runs on."""

    device: str = Field("auto", description="`auto`, `cpu`, or a GPU's UUID.")
    python: str | None = Field(None, description="Interpreter; the server's setting when absent.")
    slurm: SlurmResources | None = Field(
        None, description="For servers whose jobs run under Slurm; refused by others."
    )


class JobCreate(StudioModel):
    """Submit a job. The same `request_id` sent twice makes one job."""

    type: JobType
    spec: dict[str, Any]
    request_id: str = Field(min_length=1, max_length=128)
    resources: Resources = Field(default_factory=Resources)
    hold: bool = False


class JobPatch(StudioModel):
    """What people may change about a job."""

    name: Name | None = None
    hold: bool | None = None
    priority: int | None = Field(None, ge=-100, le=100)


class StopRequest(StudioModel):
    """Stop with a checkpoint to resume from, or at once."""

    save: bool = True


class DuplicateRequest(StudioModel):
    """Submit a job's specification again."""

    request_id: str = Field(min_length=1, max_length=128)
    name: Name | None = Field(None, description="A free name like the original's when absent.")
    changes: dict[str, Any] = Field(
        {}, description="Fields of the specification that differ; each replaces the whole field."
    )
    resources: Resources | None = Field(None, description="The original's when absent.")
    hold: bool = False


class JobSpec(StoredModel):
    """`spec.json`: immutable; written before the job exists for anybody."""

    protocol: int = PROTOCOL
    id: str
    type: JobType
    name: str
    request_id: str
    created_at: Timestamp = Field(default_factory=now)
    slot: SlotClass = "heavy"
    module: str = Field(
        description="Worker module, run as `python -m <module> <run dir> <attempt>`."
    )
    python: str = Field(description="Absolute interpreter path.")
    pythonpath: str = Field(description="Absolute folder of the package copy the worker runs from.")
    env: dict[str, str] = Field({}, description="Variables set for the worker; never secrets.")
    resources: Resources = Field(default_factory=Resources)
    spec: dict[str, Any] = Field(description="As asked for, defaults filled in.")
    resolved: dict[str, Any] = Field({}, description="Names looked up: records, paths, revisions.")


class UserSettings(StoredModel):
    """`user.json`: what people may change; written under the queue lock."""

    name: str
    priority: int = 0
    hold: bool = False


class StateFile(StoredModel):
    """`state.json`: lifecycle only; replaced atomically."""

    state: JobState = "queued"
    reason: str | None = Field(None, description="Why it is in this state, in words.")
    attempt: int = 0
    error: ErrorInfo | None = None
    created_at: Timestamp = Field(default_factory=now)
    queued_at: Timestamp | None = Field(
        None, description="Its place in the queue; a resume renews it."
    )
    started_at: Timestamp | None = None
    finished_at: Timestamp | None = None
    updated_at: Timestamp = Field(default_factory=now)
    automatic_resumes: int = Field(0, description="In a row without a new whole checkpoint.")
    automatic_resume_step: int | None = Field(None, description="Where the last one began.")
    engine: str | None = Field(
        None, description="The engine (`slurm`) in whose own queue it waits or runs."
    )


class Progress(StoredModel):
    """`progress.json`: the worker's, at most once a second."""

    attempt: int = 0
    phase: str | None = None
    step: int = 0
    total_steps: int | None = None
    unit: Literal["bytes", "rows"] | None = Field(
        None, description="What `step` counts, where it is not training steps."
    )
    epoch: float | None = None
    eta_s: float | None = None
    heartbeat: Timestamp = Field(default_factory=now)
    loss: float | None = Field(None, description="The latest training loss.")
    sparkline: list[float] = Field([], description="The loss so far, thinned to 32 points at most.")


class ProcessIdentity(StoredModel):
    """Which process, beyond doubt: pids are reused, clocks move, start ticks do not."""

    host: str
    boot_id: str
    pid_namespace: str
    pid: int
    start_ticks: int


class Attempt(StoredModel):
    """`attempts/<n>.json`: one try at the job."""

    attempt: int
    token: str
    supervisor: ProcessIdentity | None = None
    worker: ProcessIdentity | None = None
    python: str | None = None
    device: str | None = None
    versions: dict[str, str] = {}
    resumed_from_step: int | None = None
    started_at: Timestamp | None = None
    finished_at: Timestamp | None = None
    exit_code: int | None = None
    signal: str | None = None
    outcome: JobState | None = None
    reason: str | None = Field(None, description="Why it ended as it did, in words.")
    engine: str | None = Field(None, description="The engine that runs it, for example `slurm`.")
    engine_job: str | None = Field(None, description="Its id there.")
    error: ErrorInfo | None = None


class Event(StoredModel):
    """A line of `events.jsonl`. `kind` says which of the other fields are there:

    metric      step, epoch, values {loss, eval_loss, learning_rate, grad_norm, tokens_per_s, …}
    phase       phase
    checkpoint  step, path
    sample      step, row, prompt, expected, text
    warning     code, message, remedy
    resumed     from_step: readers drop the points of earlier attempts beyond it
    result      values, data (what a finished evaluation or import has to say)
    """

    kind: Literal["metric", "phase", "checkpoint", "sample", "warning", "resumed", "result"]
    attempt: int
    time: Timestamp = Field(default_factory=now)
    step: int | None = None
    epoch: float | None = None
    values: dict[str, float] | None = None
    phase: str | None = None
    path: str | None = None
    row: int | None = None
    prompt: str | None = None
    expected: str | None = None
    text: str | None = None
    code: str | None = None
    message: str | None = None
    remedy: str | None = None
    from_step: int | None = None
    data: dict[str, Any] | None = None


class EventsPage(StoredModel):
    """Whole events from a byte position on; ask again with `after=position`."""

    events: list[Event]
    position: int
    more: bool = False


class LogPage(StoredModel):
    """A piece of the log, as text, and the byte position behind it."""

    text: str
    position: int
    size: int


class Job(StoredModel):
    """A job as clients see it: the run directory's files in one object."""

    id: str
    type: JobType
    name: str
    state: JobState
    reason: str | None = None
    attempt: int = 0
    error: ErrorInfo | None = None
    priority: int = 0
    hold: bool = False
    queue_position: int | None = Field(None, description="1 is next.")
    engine: str | None = Field(
        None, description="`slurm` where it waits in Slurm's queue, or runs there."
    )
    created_at: Timestamp
    started_at: Timestamp | None = None
    finished_at: Timestamp | None = None
    updated_at: Timestamp
    progress: Progress | None = None
    can_resume: bool = False
    resume_step: int | None = None
    last_checkpoint_step: int | None = None
    base_model: str | None = Field(None, description="Display name.")
    dataset: str | None = Field(None, description="Display name.")
    dataset_id: str | None = None
    prompt: str | None = Field(None, description="Display name.")
    adapter_id: str | None = None
    run_dir: str = Field(description="Absolute.")


class JobDetail(Job):
    """A single job: with its specification and its attempts."""

    spec: dict[str, Any]
    resolved: dict[str, Any] = {}
    resources: Resources = Field(default_factory=Resources)
    attempts: list[Attempt] = []


class JobHint(StoredModel):
    """What the event bus carries: that something changed, never the thing itself."""

    job_id: str
    kind: str
    state: JobState | None = None
    position: int | None = None
