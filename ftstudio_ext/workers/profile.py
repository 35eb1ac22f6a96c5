"""Profile job: the dataset doctor looks at every row of a dataset.

`resolved` in spec.json is a ResolvedProfile. The result lies in the dataset's folder:
`profile.json`, written last, and the file of marks that it names. A profile says which content
it describes, so that it can never be taken for one of other data.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from ftstudio_ext.core.files import sweep_temporary, write_json_atomic
from ftstudio_ext.jobs.worker import Stopped, WorkerRun, main
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.models import BaseModelRecord
from ftstudio_ext.schema.profiles import (
    Profile,
    ProfileSpec,
    ResolvedProfile,
    SplitProfile,
    TokenLengths,
)
from ftstudio_ext.schema.prompts import Prompt

from .profiling import rules, tokens
from .profiling.examination import Examination, Tick, examine
from .profiling.findings import Report
from .profiling.reading import Source

PROFILE_FILE = "profile.json"
MARKS = "profile-{job_id}.arrow"


def work(run: WorkerRun) -> None:
    """One attempt."""
    began = time.monotonic()
    spec = ProfileSpec.model_validate(run.spec.spec)
    resolved = ResolvedProfile.model_validate(run.spec.resolved)
    source = Source(Dataset.model_validate(resolved.dataset), Path(resolved.dataset_dir))
    prompt = Prompt.model_validate(resolved.prompt) if resolved.prompt else None
    model = BaseModelRecord.model_validate(resolved.base_model) if resolved.base_model else None
    profile, report = profile_of(source, prompt, model, spec, _ticks(run))
    profile.job_id = run.spec.id
    profile.seconds = round(time.monotonic() - began, 1)
    run.phase("saving")
    keep(profile, report, source)
    run.emit(kind="result", data={"findings": len(profile.findings)})


def profile_of(
    source: Source,
    prompt: Prompt | None,
    model: BaseModelRecord | None,
    spec: ProfileSpec,
    tick: Tick,
) -> tuple[Profile, Report]:
    """Everything that the doctor has to say. `tick` may raise to end the work."""
    found = examine(source, prompt, spec.near_duplicates, tick)
    report = rules.judge(found, prompt)
    lengths = None
    if prompt is not None and model is not None:
        lengths = _token_lengths(report, prompt, model, spec.max_length, tick)
    dataset = source.dataset
    used = set(found.used) if found.used is not None else None
    profile = Profile(
        dataset_id=dataset.id,
        content_hash=dataset.content_hash,
        rows=source.rows,
        splits=[SplitProfile(name=s.name, rows=s.rows, bytes=s.bytes) for s in dataset.splits],
        columns=[
            scan.profile(scan.name in used if used is not None else None) for scan in found.scans
        ],
        compared_by=found.compared,
        notes=_notes(found, lengths),
        findings=report.sorted(),
        tokens=lengths,
    )
    return profile, report


def _token_lengths(
    report: Report, prompt: Prompt, model: BaseModelRecord, max_length: int | None, tick: Tick
) -> TokenLengths | None:
    """Count tokens of rows that say something, and what does not fit."""
    from .tokenizers import of_model

    source = report.found.source
    if not source.rows:
        return None
    tick("counting tokens", 0, source.rows)
    tokenizer = of_model(model).tokenizer
    places = tokens.sampled(source.rows, tokens.ROWS_COUNTED)
    counted = tokens.count_tokens(
        source,
        places,
        tokenizer,
        prompt,
        lambda done: tick("counting tokens", done, len(places)),
    )
    lengths = tokens.summary(counted, source, model, prompt, max_length)
    rules.too_long(report, lengths, places, counted)
    return lengths


def _notes(found: Examination, lengths: TokenLengths | None) -> list[str]:
    """What was sampled, estimated or left out."""
    notes = []
    estimated = [scan.name for scan in found.scans if scan.profile(None).distinct_is_estimate]
    if estimated:
        notes.append(f"Distinct values of {', '.join(estimated)} are estimated, within about 1 %.")
    if 0 < found.near_looked_at < found.rows:
        notes.append(
            f"Near duplicates were looked for among {found.near_looked_at:,} of {found.rows:,} "
            "rows, drawn at random; a row that resembles one left out was not noticed."
        )
    elif not found.near_looked_at and found.rows:
        notes.append("Near duplicates were not looked for.")
    if found.near_left_out:
        notes.append("So many rows resemble each other that not all pairs were compared.")
    if lengths is not None and lengths.is_sample:
        notes.append(
            f"Tokens were counted in {lengths.rows:,} of {found.rows:,} rows, drawn at random."
        )
    return notes


def keep(profile: Profile, report: Report, source: Source) -> None:
    """Write marks, then the profile that names them; then remove what earlier ones have left."""
    name = MARKS.format(job_id=profile.job_id)
    report.marks.write(source.folder / name, source)
    profile.marks_file = name
    write_json_atomic(source.folder / PROFILE_FILE, profile)
    for old in source.folder.glob(MARKS.format(job_id="*")):
        if old.name != name:
            with contextlib.suppress(OSError):
                old.unlink()
    sweep_temporary(source.folder)


def _ticks(run: WorkerRun) -> Any:
    """Progress, and an ear for requests to stop."""
    phase = None

    def tick(name: str, done: int, total: int) -> None:
        nonlocal phase
        if run.control() in ("stop", "stop_and_save"):
            raise Stopped
        if name != phase:
            phase = name
            run.phase(name)
        run.progress(step=done, total_steps=total)

    return tick


if __name__ == "__main__":
    from .tokenizers import leave_torch_out

    leave_torch_out()
    main(work)
