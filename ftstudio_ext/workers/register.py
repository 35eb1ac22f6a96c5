"""Register an adapter: a version of a model in MLflow's registry, with its PEFT folder as it is.

Run as `python -m ftstudio_ext.workers.register <run dir> <attempt>`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import StudioError, Unavailable
from ftstudio_ext.core.files import write_json_atomic
from ftstudio_ext.jobs.worker import WorkerRun, main
from ftstudio_ext.schema.adapters import Adapter
from ftstudio_ext.schema.registrations import RegisterSpec, Registration, ResolvedRegistration

from .reporting import Reporter
from .tracking import connect, experiment_id

MODEL_TYPE = "peft-adapter"


def register(run: WorkerRun) -> None:
    """The whole job."""
    spec = RegisterSpec.model_validate(run.spec.spec)
    resolved = ResolvedRegistration.model_validate(run.spec.resolved)
    with Reporter(run) as reporter:
        reporter.phase("saving")
        try:
            done = _register(spec, resolved)
        except StudioError:
            raise
        except Exception as error:  # MLflow's clients raise what their stores raise
            words = " ".join(str(error).split())[:300] or type(error).__name__
            raise Unavailable(
                f"The adapter could not be registered in MLflow: {words}",
                remedy="Look whether the tracking server can be reached and has a model registry, "
                "then resume.",
                code="mlflow",
            ) from error
        write_json_atomic(run.result_dir / "registration.json", done)
        reporter.emit(kind="result", data=done.model_dump(mode="json"))


def _register(spec: RegisterSpec, resolved: ResolvedRegistration) -> Registration:
    client, uri = connect(resolved.tracking)
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(os.environ.get("MLFLOW_REGISTRY_URI") or uri)
    experiment = mlflow.set_experiment(experiment_id=experiment_id(client, resolved.tracking))
    adapter = resolved.adapter
    run_id = _training_run(client, adapter)
    model = mlflow.initialize_logged_model(
        name=_file_name(adapter.name),
        source_run_id=run_id,
        tags={"ftstudio.adapter_id": adapter.id},
        params=_params(adapter),
        model_type=MODEL_TYPE,
        experiment_id=experiment.experiment_id,
    )
    try:
        client.log_model_artifacts(model.model_id, _folder(adapter))
    except BaseException:
        mlflow.finalize_logged_model(model.model_id, "FAILED")
        raise
    mlflow.finalize_logged_model(model.model_id, "READY")
    name = spec.model_name or _file_name(adapter.name)
    tags = {"ftstudio.adapter_id": adapter.id, "ftstudio.adapter": adapter.name}
    version = mlflow.register_model(f"models:/{model.model_id}", name, tags=tags)
    if spec.alias:
        client.set_registered_model_alias(name, spec.alias, version.version)
    return Registration(
        model_name=name,
        version=str(version.version),
        alias=spec.alias,
        model_id=model.model_id,
        run_id=run_id,
        tracking_uri=resolved.tracking.tracking_uri,
    )


def _training_run(client: Any, adapter: Adapter) -> str | None:
    """The MLflow run that trained it, if the tracking store has it."""
    from mlflow.exceptions import MlflowException

    known = adapter.manifest.mlflow_run_id
    if known is None:
        return None
    try:
        return str(client.get_run(known).info.run_id)
    except MlflowException:
        return None


def _params(adapter: Adapter) -> dict[str, str]:
    """Where it comes from, and how large it is."""
    manifest = adapter.manifest
    facts = {
        "base_model": manifest.base_model.get("name"),
        "base_model_revision": manifest.base_model.get("revision"),
        "dataset": manifest.dataset.get("name"),
        "prompt": manifest.prompt.get("name"),
        "method": manifest.method,
        "r": adapter.config.get("r"),
        "lora_alpha": adapter.config.get("lora_alpha"),
    }
    return {key: str(value)[:250] for key, value in facts.items() if value not in (None, "")}


def _folder(adapter: Adapter) -> str:
    path = Path(adapter.path)
    if not (path / "adapter_config.json").is_file():
        raise StudioError(
            f"The adapter's folder is gone or incomplete: {path}.",
            code="adapter_missing",
            remedy="Train it again, or import it from a whole copy.",
        )
    return str(path)


def _file_name(name: str) -> str:
    """A name that MLflow takes for a model: without slashes, colons, dots and percent signs."""
    return "".join("-" if c in "/:.%\"'" else c for c in name)


if __name__ == "__main__":
    main(register)
