"""Train an adapter: `python -m ftstudio_ext.workers.train <run directory> <attempt>`.

The story of a run, top to bottom: check everything that can be checked, load, tokenize, train
with the stock TRL trainer, save the adapter. Each step is a small piece in a file beside this.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftstudio_ext.core import advanced
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.examples import fit_tokenizer, stop_ids
from ftstudio_ext.core.files import write_json_atomic
from ftstudio_ext.core.sampling import Parts
from ftstudio_ext.core.steps import StepPlan, plan
from ftstudio_ext.jobs import checkpoints
from ftstudio_ext.jobs.worker import Stopped, WorkerRun, main
from ftstudio_ext.schema.training import ResolvedTraining, TrainSpec

from . import adapter_output, environment, failures, model_files, training_data
from .prompt_warnings import warn_about_prompt
from .reporting import Reporter
from .training_data import Counts, TrainingData

SPLIT_FILE = "split.json"
MLFLOW_FILE = "mlflow.json"


@dataclass
class Job:
    """One attempt at one training job."""

    run: WorkerRun
    spec: TrainSpec
    resolved: ResolvedTraining
    reporter: Reporter

    @property
    def adapter_dir(self) -> Path:
        return Path(self.resolved.adapter_dir)


def work(run: WorkerRun) -> None:
    """The whole run; failures leave it in words."""
    spec = None
    try:
        spec = TrainSpec.model_validate(run.spec.spec)
        resolved = ResolvedTraining.model_validate(run.spec.resolved)
        environment.prepare(run.spec.resources.device)
        with Reporter(run) as reporter:
            train(Job(run, spec, resolved, reporter))
    except Stopped:
        raise
    except Exception as error:
        raise failures.explain(error, run.run.path, spec) from error


def train(job: Job) -> None:
    """Check, load, tokenize, train, save."""
    run, spec, reporter = job.run, job.spec, job.reporter
    drawn = check_early(job)
    folder, config = fetch_model(job)
    reporter.phase("loading")
    prepare_libraries(job)
    tokenizer, model = load(job, folder, config)

    reporter.check_stop()
    reporter.phase("tokenizing")
    max_length = usable_length(spec, config)
    data = tokenize(job, drawn, tokenizer, max_length)
    check_data(job, data, model, max_length)
    warn_about_prompt(reporter, job.resolved, spec, drawn.train, tokenizer, max_length)
    steps = plan(
        len(data.train),
        spec.effective_batch_size,
        epochs=spec.epochs,
        max_steps=spec.max_steps,
        per_device_batch_size=spec.per_device_batch_size,
        device=environment.device_type(),
    )

    reporter.check_stop()
    from .training import Training  # not earlier: it imports the trainer

    training = Training(run, spec, job.resolved, reporter, model, tokenizer, data, steps)
    with training.tracked(id_file=run.run.path / MLFLOW_FILE):
        resume_from = pick_checkpoint(job)
        training.run_trainer(resume_from, max_length)
        reporter.phase("saving")
        save(job, training, data, steps)


def check_early(job: Job) -> Parts:
    """All that can be checked without torch: advanced fields, templates, places, rows."""
    advanced.check_spec(job.spec)
    training_data.check_templates(job.resolved)
    adapter_output.check_place(job.adapter_dir, job.run.spec.id)
    drawn = training_data.draw(job.resolved, job.spec)
    job.run.result_dir.mkdir(parents=True, exist_ok=True)
    dataset = job.resolved.dataset
    record = {
        "seed": job.spec.seed,
        "dataset_id": dataset.id,
        "content_hash": dataset.content_hash,
        **drawn.to_json(),
    }
    write_json_atomic(job.run.result_dir / SPLIT_FILE, record)
    return drawn


def fetch_model(job: Job) -> tuple[Path, dict[str, Any]]:
    """The base model's folder, downloaded where needed, and its configuration."""
    model = job.resolved.base_model
    job.reporter.phase("downloading" if model_files.is_on_hub(model) else "loading")
    folder = model_files.local_folder(model)
    return folder, model_files.check_folder(folder)


def prepare_libraries(job: Job) -> None:
    """Import the training stack, and let it check the advanced fields before anything is loaded."""
    import transformers

    from . import training_settings

    environment.set_threads()
    transformers.set_seed(job.spec.seed)
    training_settings.validate(job.spec, job.run.checkpoints_dir)
    job.run.record(versions=environment.package_versions(), device=environment.device_name())


def load(job: Job, folder: Path, config: dict[str, Any]) -> tuple[Any, Any]:
    """Tokenizer and model, ready to train."""
    from . import model_loading

    tokenizer = model_loading.load_tokenizer(folder)
    stop_ids(tokenizer, job.resolved.prompt)  # a chat prompt needs a chat template: say so early
    model = model_loading.load_model(folder, job.spec, config)
    model_loading.check_target_modules(model, job.spec)
    model_loading.fit_pad_token(tokenizer, model)
    return tokenizer, model


def usable_length(spec: TrainSpec, config: dict[str, Any]) -> int:
    """The longest example in tokens: as asked for, but never beyond the model's context."""
    nested = config.get("text_config")
    text = nested if isinstance(nested, dict) else config
    names = ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length")
    known = [int(text[name]) for name in names if isinstance(text.get(name), int)]
    return min([spec.max_length, *known])


def tokenize(job: Job, drawn: Parts, tokenizer: Any, max_length: int) -> TrainingData:
    """Tokenize all rows; can be stopped at any time."""

    def tell(done: int, total: int) -> None:
        job.reporter.check_stop()
        job.reporter.progress()
        print(f"tokenized {done:,} of {total:,} rows", flush=True)

    return training_data.tokenize_parts(job.resolved, job.spec, drawn, tokenizer, max_length, tell)


def check_data(job: Job, data: TrainingData, model: Any, max_length: int) -> None:
    """Say what was left out; raise InvalidInput when nothing is left, or when it cannot fit."""
    rows = model.get_input_embeddings().weight.shape[0]
    for part, counts in data.counts.items():
        if counts.largest_token >= rows:
            raise InvalidInput(
                f"The tokenizer makes token {counts.largest_token}, but the model knows only {rows}.",
                field="base_model",
                remedy="Use the tokenizer that belongs to this model.",
                code="tokenizer_mismatch",
            )
        warn_about_rows(job, part, counts, max_length)
    counts = data.counts["train"]
    if counts.kept == 0:
        empty = counts.too_long == 0
        raise InvalidInput(
            f"None of the {counts.rows} training rows can be used: {counts.too_long} are longer "
            f"than {max_length} tokens, {counts.nothing_to_learn} have nothing to learn from.",
            field="prompt" if empty else "max_length",
            remedy="Preview the prompt: both of its templates are empty in every row. Use other "
            "columns in them, or another dataset."
            if empty
            else longer(job, counts, max_length),
            code="nothing_to_train_on",
        )
    job.reporter.emit(
        kind="result",
        data={name: vars(counts) for name, counts in data.counts.items()},
        message="rows",
    )


def warn_about_rows(job: Job, part: str, counts: Counts, max_length: int) -> None:
    """Rows that are left out, or that teach to answer nothing."""
    if counts.too_long:
        job.reporter.warning(
            f"rows_too_long_{part}",
            f"{counts.too_long} of {counts.rows} {part} rows are longer than {max_length} tokens "
            "and are left out.",
            longer(job, counts, max_length),
        )
    if counts.empty_completion:
        job.reporter.warning(
            f"empty_completions_{part}",
            f"{counts.empty_completion} of {counts.rows} {part} rows have an empty completion: "
            "they teach the model to answer nothing.",
            "If that is not wanted, remove these rows from the dataset or change the template.",
        )


def longer(job: Job, counts: Counts, max_length: int) -> str:
    """What to do about rows over the limit."""
    if max_length < job.spec.max_length:
        return (
            f"The model's context ends at {max_length} tokens: shorten the templates or the rows."
        )
    return f"The longest has {counts.longest} tokens: raise the max sequence length, or shorten the templates."


def pick_checkpoint(job: Job) -> Path | None:
    """The newest checkpoint whose seal holds; what cannot be trusted is removed, and said."""
    if job.run.attempt <= 1:
        return None
    good = checkpoints.newest_good(job.run.checkpoints_dir)
    from_step = (checkpoints.step_of(good) if good else None) or 0
    for path in sorted(job.run.checkpoints_dir.glob("checkpoint-*")):
        if (checkpoints.step_of(path) or 0) > from_step:
            job.reporter.warning(
                f"damaged_{path.name}",
                f"{checkpoints.problem(path)} It is not used.",
                f"The run goes on from step {from_step}.",
            )
            shutil.rmtree(path, ignore_errors=True)
    job.reporter.emit(kind="resumed", from_step=from_step)
    job.run.record(resumed_from_step=from_step)
    return good


def save(job: Job, training: Any, data: TrainingData, steps: StepPlan) -> None:
    """The adapter in its place, a copy where one was asked for."""
    manifest = adapter_output.manifest_of(
        job.run.spec,
        job.resolved,
        job.spec,
        data,
        training.final_metrics(),
        training.mlflow_run_id(),
    )
    fit_tokenizer(training.tokenizer, job.resolved.prompt)
    adapter_output.write_adapter(training.peft_model, training.tokenizer, manifest, job.adapter_dir)
    training.artifacts.append(job.adapter_dir / adapter_output.MANIFEST)
    if job.resolved.output_dir:
        try:
            place = adapter_output.copy_adapter(job.adapter_dir, Path(job.resolved.output_dir))
            print(f"copied the adapter to {place}", flush=True)
        except OSError as error:
            job.reporter.warning(
                "copy_failed",
                f"The adapter could not be copied to {job.resolved.output_dir}: {error}",
                f"It lies whole in {job.adapter_dir}; copy it from there.",
            )
    job.reporter.emit(
        kind="result", values=manifest.metrics, path=str(job.adapter_dir), message="adapter"
    )


if __name__ == "__main__":
    main(work)
