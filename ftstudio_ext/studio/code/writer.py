"""Code for the studio's forms and jobs: looks names up, and has them written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import InvalidInput, StudioError
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.code import Code, CodeFormat, CodeRequest
from ftstudio_ext.schema.jobs import JobDetail
from ftstudio_ext.schema.prompts import Prompt, PromptContent
from ftstudio_ext.schema.training import ResolvedTraining, TrainSpec

from . import forms
from .comparison import comparison_code
from .differences import without_defaults
from .evaluation import evaluation_code
from .made import free_job_name, made, reference
from .notebook import cells_of, notebook
from .script import Run, script

if TYPE_CHECKING:
    from ..studio import Studio

TRAINING: list[CodeFormat] = ["magic", "client", "yaml", "script", "notebook"]


class CodeWriter:
    """Answers `jobs/{id}/code`, `comparisons/{id}/code` and `training/code`."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def of_job(self, job_id: str, format: CodeFormat = "magic") -> Code:
        """A job of any state as code; raises InvalidInput for jobs that have none."""
        job = self._studio.jobs.get(job_id)
        if job.type == "train":
            return self._training(self._run_of(job), format, free_job_name(self._studio, job.name))
        if job.type == "evaluate":
            return evaluation_code(self._studio, job, format)
        raise InvalidInput(
            f"There is no code for jobs of the type “{job.type}”.",
            remedy="Training and evaluation jobs have code.",
        )

    def of_comparison(self, id_or_name: str, format: CodeFormat = "client") -> Code:
        """A kept comparison as code."""
        return comparison_code(self._studio, id_or_name, format)

    def of_draft(self, request: CodeRequest) -> Code:
        """A training form as code; it must name what it is about."""
        spec = parse(TrainSpec, request.spec, prefix="spec")
        found = self._studio.training.look_up(spec, request.resources)
        for problem in found.problems:  # where it runs may be another machine
            if not (problem.field or "").startswith("resources"):
                raise problem
        dataset, prompt, model, _output_dir = found.whole()
        directory = str(self._studio.datasets.directory(dataset))
        run = Run(spec, dataset, directory, prompt, model, request.resources)
        return self._training(run, request.format, spec.name)

    # --- training --------------------------------------------------------------------------

    def _run_of(self, job: JobDetail) -> Run:
        resolved = ResolvedTraining.model_validate(job.resolved)
        versions = next((tried.versions for tried in job.attempts[::-1] if tried.versions), {})
        return Run(
            TrainSpec.model_validate(job.spec),
            resolved.dataset,
            resolved.dataset_dir,
            resolved.prompt,
            resolved.base_model,
            job.resources,
            versions,
        )

    def _training(self, run: Run, format: CodeFormat, name: str) -> Code:
        if format in ("script", "notebook"):
            text, notes = script(run)
            text = notebook(cells_of(text)) if format == "notebook" else text
            return made(format, run.spec.name, text, notes, TRAINING)
        fields, notes = self._fields(run, name)
        if format == "yaml":
            if notes:
                fields["prompt"] = _content(run.prompt)
            place = str(self._studio.settings.workspace)
            text = forms.yaml_file(fields, f"{run.spec.name}.yaml", place)
            return made(format, run.spec.name, text, [], TRAINING)
        text = (
            forms.magic("train", fields, notes)
            if format == "magic"
            else forms.client("train", fields, "job.wait()", notes=notes)
        )
        return made(format, run.spec.name, text, notes, TRAINING)

    def _fields(self, run: Run, name: str) -> tuple[dict[str, Any], list[str]]:
        """The form's fields by name, and what has changed since the job ran."""
        studio = self._studio
        fields = without_defaults(run.spec) | {
            "name": name,
            "base_model": reference(studio.models.get, run.model.id, run.model.name),
            "dataset": reference(studio.datasets.get, run.dataset.id, run.dataset.name),
            "prompt": reference(studio.prompts.get, run.prompt.id, run.prompt.name),
        }
        changed = run.resources.model_dump(exclude_defaults=True)
        if changed:
            fields["resources"] = changed
        return fields, self._prompt_notes(run.prompt)

    def _prompt_notes(self, prompt: Prompt) -> list[str]:
        try:
            now = self._studio.prompts.get(prompt.id)
        except StudioError:
            return [
                f"The prompt “{prompt.name}” has been deleted; as YAML and as a script, the run "
                "brings its templates along."
            ]
        if _content(now) == _content(prompt):
            return []
        return [
            f"The prompt “{prompt.name}” was changed after this run, and this uses it as it is "
            "now; as YAML and as a script, the run brings its own templates along."
        ]


def _content(prompt: Prompt) -> dict[str, Any]:
    """What the prompt says, without its name and times."""
    content = PromptContent.model_validate(prompt.model_dump())
    return content.model_dump(mode="json", exclude_defaults=True)
