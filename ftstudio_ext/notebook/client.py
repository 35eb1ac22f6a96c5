"""The studio in a notebook or a script.

from ftstudio_ext import Studio
studio = Studio()
job = studio.train(name="first", base_model="tiny", dataset="sql", prompt="ask")
job.wait()
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio_ext.schema.code import CodeFormat
from ftstudio_ext.schema.jobs import JobDetail
from ftstudio_ext.schema.memory import MemoryAnswer

from . import evaluations, exports, finding
from .code import CodeText
from .collections import Adapters, Datasets, Models, Presets
from .comparisons import ComparisonHandle, request_for
from .connection import Connection, field_of
from .errors import StudioApiError
from .evaluations import EvaluationHandle
from .exports import ExportHandle
from .job import JobHandle
from .jobs import Jobs
from .listing import new_request_id
from .objects import Preflight, Status
from .prompts import Prompts
from .specs import proposed_name, spec_of

if TYPE_CHECKING:
    from .widgets import CompareForm, DatasetBrowser, PromptBuilder, TrainForm


class Studio:
    """Everything the sidebar can do, from code: both speak to the same server.

    Without arguments it finds the server that runs this notebook. `verify` is the path of a
    certificate to trust, for servers with one of their own.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        timeout_s: float = 60.0,
        verify: bool | str = True,
    ) -> None:
        self.connection = Connection(finding.find(url, token), timeout_s, verify)
        self.datasets = Datasets(self)
        self.models = Models(self)
        self.prompts = Prompts(self)
        self.adapters = Adapters(self)
        self.presets = Presets(self)
        self.jobs = Jobs(self)

    @property
    def url(self) -> str:
        """The server's address."""
        return self.connection.address.url

    def status(self) -> Status:
        """The server, its machine and its workspace."""
        return Status.model_validate(self.connection.get("status"))

    # --- training ------------------------------------------------------------------------------

    def train(
        self,
        *,
        name: str | None = None,
        base_model: Any,
        dataset: Any,
        prompt: Any,
        resources: dict[str, Any] | None = None,
        hold: bool = False,
        **fields: Any,
    ) -> JobHandle:
        """Start a training run and return at once; `.wait()` waits for it.

        `fields` are those of the train form, for example `max_steps=100`, `learning_rate=1e-3`,
        `lora={"r": 8}` or `lora__r=8`. Without a name the run gets one from its dataset and model.
        """
        spec = spec_of({"base_model": base_model, "dataset": dataset, "prompt": prompt, **fields})
        spec["name"] = name or self.propose_name(dataset, base_model)
        body = {
            "type": "train",
            "spec": spec,
            "request_id": new_request_id(),
            "resources": resources or {},
            "hold": hold,
        }
        try:
            answer = self.connection.post("jobs", body=body)
        except StudioApiError as error:
            raise field_of(error, "spec") from None
        return JobHandle(self, JobDetail.model_validate(answer))

    def preflight(self, *, resources: dict[str, Any] | None = None, **fields: Any) -> Preflight:
        """What a run would do and what stands in its way; takes the same fields as `train`."""
        body = {"spec": spec_of(fields), "resources": resources or {}}
        return Preflight.model_validate(self.connection.post("training", "preflight", body=body))

    def code(
        self,
        format: CodeFormat = "client",
        *,
        name: str | None = None,
        base_model: Any,
        dataset: Any,
        prompt: Any,
        resources: dict[str, Any] | None = None,
        **fields: Any,
    ) -> CodeText:
        """A training run as code, without starting it; takes the same fields as `train`. For the
        formats see `job.code`."""
        spec = spec_of({"base_model": base_model, "dataset": dataset, "prompt": prompt, **fields})
        spec["name"] = name or self.propose_name(dataset, base_model)
        body = {"spec": spec, "resources": resources or {}, "format": format}
        try:
            return CodeText.of(self.connection.post("training", "code", body=body))
        except StudioApiError as error:
            raise field_of(error, "spec") from None

    def memory(self, *, resources: dict[str, Any] | None = None, **fields: Any) -> MemoryAnswer:
        """What a run takes of each device's memory, part by part, and what makes it fit."""
        body = {"spec": spec_of(fields), "resources": resources or {}}
        return MemoryAnswer.model_validate(self.connection.post("training", "memory", body=body))

    def train_form(self, **fields: Any) -> TrainForm:
        """The train form of the sidebar, in the notebook; `fields` fill it in."""
        from .widgets import TrainForm

        return TrainForm(self, **fields)

    def dataset_browser(self, dataset: Any = None) -> DatasetBrowser:
        """A dataset's rows in the cell, to leaf through and search; imports one as well."""
        from .widgets import DatasetBrowser

        return DatasetBrowser(self, dataset)

    def prompt_builder(self, dataset: Any = None, base_model: Any = None) -> PromptBuilder:
        """Templates, and below them what the model will read: as tokens with a base model."""
        from .widgets import PromptBuilder

        return PromptBuilder(self, dataset, base_model)

    def compare_form(self, *adapters: Any, base_model: Any = None) -> CompareForm:
        """A question to a base model and its adapters, answered side by side in the cell."""
        from .widgets import CompareForm

        return CompareForm(self, *adapters, base_model=base_model)

    def propose_name(self, dataset: Any, base_model: Any) -> str:
        """A free name for a run, from its dataset and base model."""
        taken = [adapter.name for adapter in self.adapters] + [job.name for job in self.jobs]
        names = [
            getattr(item, "name", None)
            or (found.name if (found := listed.get(item)) else str(item))
            for item, listed in ((dataset, self.datasets), (base_model, self.models))
        ]
        return proposed_name(names[0], names[1], taken)

    # --- evaluating ----------------------------------------------------------------------------

    def evaluate(
        self,
        *adapters: Any,
        name: str | None = None,
        base_model: Any = None,
        dataset: Any = None,
        prompt: Any = None,
        scorer_files: Sequence[str | Path] = (),
        resources: dict[str, Any] | None = None,
        hold: bool = False,
        **fields: Any,
    ) -> EvaluationHandle:
        """Start an evaluation of adapters against their base model; `.result()` waits for it.

        Base model, dataset and prompt are those of the first adapter's training when they are not
        given, the rows those that its training set aside. `fields` are those of the evaluation
        form, for example `rows=200`, `base_shots=[0, 4]`, `sql={"schema_column": "context"}`.
        Naming a file in `scorer_files` is the consent to run what it holds now.
        """
        return evaluations.start(
            self,
            name=name,
            adapters=adapters,
            base_model=base_model,
            dataset=dataset,
            prompt=prompt,
            scorer_files=scorer_files,
            resources=resources,
            hold=hold,
            fields=fields,
        )

    # --- comparing -----------------------------------------------------------------------------

    def compare(
        self,
        *adapters: Any,
        question: str | Sequence[dict[str, str]] | None = None,
        columns: Sequence[dict[str, Any]] | None = None,
        base_model: Any = None,
        dataset: Any = None,
        rows: int | Sequence[int] = 1,
        **fields: Any,
    ) -> ComparisonHandle:
        """Ask the base model and adapters the same, side by side; returns at once.

        Either a `question` (text, or a list of chat messages; `expected=` is the right answer), or
        `rows` of a `dataset`: chosen ones, or so many unseen ones (`prompt=`, `split=`, `seed=`).
        `generation={"max_new_tokens": 64}` sets how they write, a list of such asks once with
        each; `precision=`, `exact=True` and `name=` are those of the compare tab. `columns` names
        every column itself: `[{"base_model": …, "adapter": …, "checkpoint": …}, …]`.
        """
        request = request_for(self, adapters, question, columns, base_model, dataset, rows, fields)
        return ComparisonHandle(self, request)

    # --- exporting -----------------------------------------------------------------------------

    def export(
        self,
        adapter: Any,
        format: str = "merged",
        *,
        name: str | None = None,
        precision: str | None = None,
    ) -> ExportHandle:
        """Export an adapter below `exports/` of the workspace; `.result()` waits for the folder.

        `merged` is a whole model with the adapter in its weights, which every program for Hugging
        Face models loads; `adapter` the PEFT folder as it is. `precision` of a merged model is
        bfloat16, float16 or float32, else as the base model is stored.
        """
        return exports.start(self, adapter, format=format, name=name, precision=precision)

    # --- paths ---------------------------------------------------------------------------------

    def server_path(self, path: str | Path) -> str:
        """A path as the server wants it: relative to its root directory.

        A relative path starts at the notebook's folder if it is there, else at the server's root.
        """
        given = Path(path).expanduser()
        root = self._root()
        if given.is_absolute():
            return _below(given, root)
        here = Path(os.path.normpath(Path.cwd() / given))
        if here.exists() and here.is_relative_to(root):
            return _below(here, root)
        return str(path)

    def is_folder(self, server_path: str, *, without_suffix: bool) -> bool:
        """Whether a path of the server is a folder; where its disk is not ours, whether its name
        has no suffix."""
        path = self._root() / server_path
        return path.is_dir() if path.exists() else without_suffix

    def _root(self) -> Path:
        if self.connection.address.root_dir:
            return Path(self.connection.address.root_dir)
        status = self.status()
        workspace, inside = Path(status.workspace), Path(status.workspace_path)
        if inside.is_absolute():  # the workspace lies outside of the root, which stays unknown
            return Path.cwd()
        return workspace.parents[len(inside.parts) - 1]

    # --- how it looks --------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<Studio at {self.url}>"

    def _repr_html_(self) -> str:
        return self.status()._repr_html_()


def _below(path: Path, root: Path) -> str:
    """Relative to the root where it lies inside; links are followed only when they must be."""
    for inside, base in ((path, root), (path.resolve(), root.resolve())):
        if inside.is_relative_to(base):
            return inside.relative_to(base).as_posix()
    return str(path)
