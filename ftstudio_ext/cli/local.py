"""`ftstudio run FILE`: a run from a YAML file, in a workspace that needs no Jupyter server.

The file has the fields of the train form. `base_model` and `dataset` are names in the workspace,
paths (from the file's own folder), or `hub:owner/name`; what is not in the workspace yet is
imported, once. `prompt` is a name, or a mapping with `prompt_template` and `completion_template`;
without one the studio proposes it.

A server that is opened on the same workspace later, or at the same time, shows the run too.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ftstudio_ext.core.errors import InvalidInput, NotFound, StudioError
from ftstudio_ext.jobs.launchers import LocalLauncher
from ftstudio_ext.notebook.following import Look
from ftstudio_ext.notebook.progress import Bar
from ftstudio_ext.notebook.specs import proposed_name
from ftstudio_ext.opening import Opening
from ftstudio_ext.schema.datasets import Dataset, DatasetCreate
from ftstudio_ext.schema.jobs import FINAL_STATES, JobCreate, JobDetail
from ftstudio_ext.schema.models import BaseModelCreate, BaseModelRecord
from ftstudio_ext.schema.prompts import PromptCreate, SuggestRequest
from ftstudio_ext.store.ids import new_id
from ftstudio_ext.studio.settings import Settings

if TYPE_CHECKING:
    from ftstudio_ext.studio.studio import Studio

INTERVAL_S = 1.0


def run_file(file: str, workspace: str | None, *, detach: bool, quiet: bool) -> JobDetail:
    """Submit what the file says and follow it to its end (`detach`: return at once). Interrupting
    stops the run with a checkpoint."""
    path = Path(file)
    fields = _read(path)
    return asyncio.run(_run(fields, path.resolve().parent, workspace, detach, quiet))


def _read(path: Path) -> dict[str, Any]:
    try:
        fields = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(
            f"The file {path} cannot be read: {error.strerror}.", field="FILE"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"The file {path} is not YAML: {' '.join(str(error).split())}", field="FILE"
        ) from None
    if not isinstance(fields, dict):
        raise InvalidInput(
            f"The file {path} holds no fields.",
            field="FILE",
            remedy="Write lines such as “base_model: models/my-model”.",
        )
    for field in ("base_model", "dataset"):
        if not isinstance(fields.get(field), str):
            raise InvalidInput(
                f"“{field}” is missing in {path}.",
                field=field,
                remedy="Give a name in the workspace, a path, or hub:owner/name.",
            )
    return fields


async def _run(
    fields: dict[str, Any], folder: Path, workspace: str | None, detach: bool, quiet: bool
) -> JobDetail:
    opening = _opening(folder, workspace)
    try:
        studio = await opening.studio()
        job = await _submit(studio, fields, folder)
        return job if detach else await _follow(studio, job, quiet)
    finally:
        await opening.close()


def _opening(folder: Path, workspace: str | None) -> Opening:
    """A studio as the server opens it, with nobody to tell."""
    settings = Settings(
        root_dir=Path.cwd().resolve(),
        workspace=Path(workspace or "ftstudio").expanduser().resolve(),
        allowed_dirs=(folder, Path.home()),
    )
    return Opening(
        settings=settings,
        launcher_class=LocalLauncher,
        helper_idle_timeout_s=600,
        reconcile_interval_s=10,
        auto_resume=True,
        on_hint=lambda hint: None,
        on_look=lambda busy: None,
    )


async def _submit(studio: Studio, fields: dict[str, Any], folder: Path) -> JobDetail:
    dataset = await _dataset(studio, fields.pop("dataset"), folder)
    model = await _model(studio, fields.pop("base_model"), folder)
    prompt = await _prompt(studio, fields.pop("prompt", None), dataset)
    resources = fields.pop("resources", {})
    taken = [job.name for job in studio.jobs.list(type="train", limit=500).items]
    spec = {
        "name": proposed_name(dataset.name, model.name, taken),
        **fields,
        "base_model": model.id,
        "dataset": dataset.id,
        "prompt": prompt,
    }
    request = JobCreate(type="train", spec=spec, request_id=new_id("cli"), resources=resources)
    return await asyncio.to_thread(studio.jobs.create, request)


async def _dataset(studio: Studio, wanted: str, folder: Path) -> Dataset:
    try:
        return await asyncio.to_thread(studio.datasets.referred, wanted, "dataset")
    except InvalidInput:
        source = _source(wanted, folder, "file", "dataset")
    request = DatasetCreate.model_validate({"source": source, "request_id": _fingerprint(source)})
    made = await studio.datasets.create(request)
    while made.state == "importing":
        await asyncio.sleep(INTERVAL_S)
        made = await asyncio.to_thread(studio.datasets.get, made.id)
    return await asyncio.to_thread(studio.datasets.referred, made.id, "dataset")


async def _model(studio: Studio, wanted: str, folder: Path) -> BaseModelRecord:
    try:
        return await asyncio.to_thread(studio.models.referred, wanted, "base_model")
    except InvalidInput:
        source = _source(wanted, folder, "directory", "base_model")
    request = BaseModelCreate.model_validate({"source": source, "request_id": _fingerprint(source)})
    return await studio.models.create(request)


async def _prompt(studio: Studio, wanted: Any, dataset: Dataset) -> str:
    """The id of a prompt: one by name, one made of the given templates, or the proposed one."""
    if isinstance(wanted, str):
        return (await asyncio.to_thread(studio.prompts.referred, wanted, "prompt")).id
    if wanted is None:
        proposed = await studio.prompts.suggest(SuggestRequest(dataset=dataset.id))
        wanted = proposed.model_dump(include={"prompt_template", "completion_template"})
    if not isinstance(wanted, dict):
        raise InvalidInput(
            "“prompt” is neither a name nor a mapping of templates.",
            field="prompt",
            remedy="Write prompt_template and completion_template below it.",
        )
    name = f"{dataset.name} {_hash(wanted)[:8]}"
    try:
        return studio.prompts.get(name).id
    except NotFound:
        request = PromptCreate.model_validate({**wanted, "name": name, "dataset": dataset.id})
        return (await asyncio.to_thread(studio.prompts.create, request)).id


def _source(wanted: str, folder: Path, kind: str, field: str) -> dict[str, Any]:
    if wanted.startswith("hub:"):
        return {"source": "hub", "repo_id": wanted.removeprefix("hub:").strip()}
    path = Path(os.path.normpath(folder / Path(wanted).expanduser()))
    if not path.exists():
        raise InvalidInput(
            f"“{wanted}” is neither a name in the workspace nor a path: there is no {path}.",
            field=field,
            remedy="Correct it, or write hub:owner/name for something of the hub.",
        )
    return {"source": kind, "path": str(path)}


def _fingerprint(source: dict[str, Any]) -> str:
    """The same file imported again is the dataset that is there; a changed file is another."""
    facts: list[Any] = [source]
    if "path" in source:
        stat = Path(source["path"]).stat()
        facts += [stat.st_size, stat.st_mtime_ns]
    return f"cli-{_hash(facts)[:32]}"


def _hash(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()


async def _follow(studio: Studio, job: JobDetail, quiet: bool) -> JobDetail:
    bar = None if quiet else Bar(job.name)
    try:
        while job.state not in FINAL_STATES:
            await asyncio.sleep(INTERVAL_S)
            job = await asyncio.to_thread(studio.jobs.get, job.id)
            if bar:
                bar.show(Look(job))
    except asyncio.CancelledError:
        studio.jobs.stop(job.id, save=True)
        raise
    finally:
        if bar:
            bar.close()
    if job.state == "failed" and job.error:
        raise StudioError(job.error.message, remedy=job.error.remedy, code=job.error.code)
    return job
