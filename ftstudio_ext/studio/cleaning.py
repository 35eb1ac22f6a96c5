"""Cleaned copies: the doctor's remedies make a dataset of its own and never touch the one that
they are for, so that prompts, jobs and adapters go on pointing at what they were made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ftstudio_ext.core.errors import Conflict, InvalidInput, NotFound, StudioError
from ftstudio_ext.core.examples import check_prompt
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.common import now
from ftstudio_ext.schema.datasets import Dataset, DerivedSource
from ftstudio_ext.schema.jobs import JobCreate, JobDetail, JobSpec, SlotClass
from ftstudio_ext.schema.profiles import (
    ApplyRequest,
    CleanSpec,
    DataFix,
    Finding,
    Profile,
    ResolvedCleaning,
)
from ftstudio_ext.schema.prompts import Prompt
from ftstudio_ext.store.ids import new_id

from .kinds import JobKind
from .machine import check_resources, check_stack
from .records import clean_name, derived_id, free_name, insert_named

if TYPE_CHECKING:
    from .studio import Studio

_PREFIX = "spec"
_NEEDED = ("numpy", "pyarrow", "pydantic")
ROW_FIXES = ("drop_rows", "dedupe", "drop_leaked")


class Cleaning(JobKind):
    """Jobs of the type `clean`, and the datasets that they make; `imports` settles those."""

    module = "ftstudio_ext.workers.clean_dataset"
    slot: ClassVar[SlotClass] = "light"

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._datasets = studio.database.collection("datasets", Dataset)
        self._prompts = studio.database.collection("prompts", Prompt)

    async def apply(self, id_or_name: str, request: ApplyRequest) -> Dataset:
        """The dataset that the job makes; `importing` until it is whole."""
        return await in_thread(self._apply, id_or_name, request)

    def _apply(self, id_or_name: str, request: ApplyRequest) -> Dataset:
        request_id = request.request_id or new_id("request")
        spec = {
            "dataset": self._studio.datasets.get(id_or_name).id,
            **request.model_dump(mode="json", exclude={"request_id"}),
        }
        create = JobCreate(type="clean", spec=spec, request_id=request_id)
        try:
            self._studio.jobs.create(create)
        except StudioError as error:
            if error.field:
                error.field = error.field.removeprefix(f"{_PREFIX}.")
            raise
        return self._studio.datasets.get(derived_id("ds", request_id))

    # --- a job's life ----------------------------------------------------------------------

    def prepare(self, request: JobCreate, job_id: str) -> JobSpec:
        wanted = parse(CleanSpec, request.spec, prefix=_PREFIX)
        datasets = self._studio.datasets
        origin = datasets.referred(wanted.dataset, f"{_PREFIX}.dataset")
        profile = self._studio.profiles.of(origin)
        steps = self._checked(wanted.fixes, origin, profile)
        dataset = Dataset(
            id=derived_id("ds", request.request_id),
            name=self._name(wanted, origin),
            source=DerivedSource(
                dataset_id=origin.id,
                dataset=origin.name,
                content_hash=origin.content_hash,
                steps=steps,
            ),
            state="importing",
            job_id=job_id,
        )
        spec = self._studio.jobs.specification(self, request, job_id, f"Clean {origin.name}")
        check_resources(request.resources, self._studio.launcher.resources())
        check_stack(spec.python, _NEEDED)
        marks = profile.marks_file if profile else None
        spec.spec = wanted.model_dump(mode="json")
        spec.resolved = ResolvedCleaning(
            dataset=dataset.model_dump(mode="json"),
            dataset_dir=str(datasets.directory(dataset)),
            origin=origin.model_dump(mode="json"),
            origin_dir=str(datasets.directory(origin)),
            marks=str(datasets.directory(origin) / marks) if marks else None,
        ).model_dump(mode="json") | {"datasets": [{"id": origin.id}]}
        self._datasets.insert(dataset)
        return spec

    def abandoned(self, spec: JobSpec) -> None:
        self._studio.imports.abandoned(spec)

    def ended(self, job: JobDetail) -> None:
        self._studio.imports.settle()

    def before_resume(self, job: JobDetail) -> None:
        self._studio.imports.before_resume(job)

    # --- checks ----------------------------------------------------------------------------

    def _checked(self, fixes: list[DataFix], origin: Dataset, profile: Profile | None) -> list[str]:
        """What the remedies do, in words; refused where they do not fit the dataset as it is."""
        findings = {finding.id: finding for finding in profile.findings} if profile else {}
        columns = {column.name for column in origin.columns}
        steps = []
        for number, fix in enumerate(fixes):
            field = f"{_PREFIX}.fixes.{number}"
            if fix.kind == "set_max_length":
                raise InvalidInput(
                    "A max length is no property of a dataset.",
                    field=f"{field}.kind",
                    remedy="Set max_length in the training form.",
                )
            if fix.kind == "drop_columns":
                steps.append(_drop_columns(fix, columns, field))
            else:
                steps.append(_drop_rows(fix, findings, origin, field))
        return steps

    def _name(self, wanted: CleanSpec, origin: Dataset) -> str:
        names = {dataset.name.casefold() for dataset in self._datasets.find()}
        if wanted.name is None:
            return free_name(
                f"{clean_name(origin.name)}-clean", lambda name: name.casefold() in names
            )
        if wanted.name.casefold() in names:
            raise Conflict(
                f"There is a dataset '{wanted.name}' already.",
                field=f"{_PREFIX}.name",
                remedy="Choose another name, or delete that dataset first.",
            )
        return wanted.name

    # --- prompts ---------------------------------------------------------------------------

    def copy_prompts(self, dataset: Dataset) -> None:
        """Copy the prompts of the dataset that it was made from, as far as their columns are
        still there. Doing it twice makes no second copies."""
        assert isinstance(dataset.source, DerivedSource)
        columns = [column.name for column in dataset.columns]
        for prompt in self._studio.prompts.of_dataset(dataset.source.dataset_id):
            copy_id = derived_id("pr", f"{dataset.id} {prompt.id}")
            try:
                check_prompt(prompt, columns)
                self._prompts.get(copy_id)
            except InvalidInput:
                continue
            except NotFound:
                update = {
                    "id": copy_id,
                    "name": f"{clean_name(prompt.name)[:80]} {dataset.name}"[:90].rstrip(),
                    "dataset_id": dataset.id,
                    "revision": 1,
                    "created_at": now(),
                    "updated_at": now(),
                }
                insert_named(self._prompts, prompt.model_copy(update=update), name_is_ours=True)


def _drop_columns(fix: DataFix, columns: set[str], field: str) -> str:
    unknown = [name for name in fix.columns if name not in columns]
    if unknown or not fix.columns:
        raise InvalidInput(
            f"The dataset has no column “{unknown[0]}”." if unknown else "No column is named.",
            field=f"{field}.columns",
            remedy=f"Its columns are {', '.join(sorted(columns))}.",
        )
    if set(fix.columns) >= columns:
        raise InvalidInput(
            "No column would be left.",
            field=f"{field}.columns",
            remedy="Name fewer columns.",
        )
    return f"dropped {', '.join(fix.columns)}"


def _drop_rows(fix: DataFix, findings: dict[str, Finding], origin: Dataset, field: str) -> str:
    finding = findings.get(fix.finding or "")
    if finding is None or finding.fix is None or finding.fix.kind != fix.kind:
        raise InvalidInput(
            f"The newest profile of “{origin.name}” has no finding “{fix.finding}” with the "
            f"remedy {fix.kind}.",
            field=f"{field}.finding",
            remedy="Examine the dataset again, then send the `fix` of one of its findings.",
        )
    about = finding.code.replace("_", " ")
    of = f" of {finding.column}" if finding.column else ""
    return f"dropped {finding.count:,} rows: {about}{of}"
