"""The route table: every address of the API, once. OpenAPI and the tests read it too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from . import (
    adapters,
    comparisons,
    datasets,
    evaluations,
    hub,
    inference,
    jobs,
    models,
    presets,
    profiles,
    prompts,
    storage,
    system,
    training,
)
from .base import StudioHandler
from .operation import Operation

API = "/ftstudio/api"
VERBS = ("get", "post", "put", "patch", "delete")


def _pattern_of(parameter: re.Match[str]) -> str:
    """A part of an address; names of the hub have a slash, which proxies may decode."""
    return r"([^/]+(?:/[^/]+)?)" if parameter[0] == "{repo_id}" else r"([^/]+)"


@dataclass(frozen=True)
class Route:
    """An address, with `{id}` where an id or a unique name stands, and who answers it."""

    path: str
    handler: type[StudioHandler]

    @property
    def pattern(self) -> str:
        """For tornado; fixed addresses come before those with ids in ROUTES."""
        return (
            f"{API}/"
            + re.sub(
                r"\{\w+\}",
                _pattern_of,
                re.escape(self.path).replace(r"\{", "{").replace(r"\}", "}"),
            )
            + "/?"
        )

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)

    def operations(self) -> Iterator[tuple[str, Operation]]:
        """(verb, what it takes and answers) of every verb that the handler has itself."""
        for verb in VERBS:
            method = self.handler.__dict__.get(verb)
            if method is not None:
                yield verb, method.operation


ROUTES: tuple[Route, ...] = (
    Route("status", system.StatusHandler),
    Route("interpreters", system.InterpretersHandler),
    Route("schemas", system.SchemasHandler),
    Route("schemas/{name}", system.SchemaHandler),
    Route("openapi.json", system.OpenApiHandler),
    Route("datasets", datasets.DatasetsHandler),
    Route("datasets/peek", datasets.PeekHandler),
    Route("datasets/{id}", datasets.DatasetHandler),
    Route("datasets/{id}/reimport", datasets.ReimportHandler),
    Route("datasets/{id}/rows", datasets.DatasetRowsHandler),
    Route("datasets/{id}/profile", profiles.DatasetProfileHandler),
    Route("datasets/{id}/apply", profiles.DatasetApplyHandler),
    Route("hub/token", hub.HubTokenHandler),
    Route("hub/datasets", hub.HubDatasetsHandler),
    Route("hub/datasets/{repo_id}", hub.HubDatasetHandler),
    Route("hub/models", hub.HubModelsHandler),
    Route("hub/models/{repo_id}", hub.HubModelHandler),
    Route("models", models.ModelsHandler),
    Route("models/{id}", models.ModelHandler),
    Route("adapters", adapters.AdaptersHandler),
    Route("adapters/{id}", adapters.AdapterHandler),
    Route("adapters/{id}/download", adapters.AdapterDownloadHandler),
    Route("adapters/{id}/export", adapters.AdapterExportHandler),
    Route("adapters/{id}/register", adapters.AdapterRegisterHandler),
    Route("prompts", prompts.PromptsHandler),
    Route("prompts/suggest", prompts.SuggestHandler),
    Route("prompts/examples", prompts.ExamplesHandler),
    Route("prompts/preview", prompts.PreviewHandler),
    Route("prompts/{id}", prompts.PromptHandler),
    Route("presets", presets.PresetsHandler),
    Route("presets/{id}", presets.PresetHandler),
    Route("training/preflight", training.PreflightHandler),
    Route("training/memory", training.MemoryHandler),
    Route("training/code", training.TrainingCodeHandler),
    Route("evaluations", evaluations.EvaluationsHandler),
    Route("evaluations/scorers", evaluations.ScorersHandler),
    Route("evaluations/scorer-file", evaluations.ScorerFileHandler),
    Route("evaluations/{id}", evaluations.EvaluationHandler),
    Route("evaluations/{id}/rows", evaluations.EvaluationRowsHandler),
    Route("evaluations/{id}/against", evaluations.EvaluationAgainstHandler),
    Route("evaluations/{id}/report", evaluations.EvaluationReportHandler),
    Route("comparisons", comparisons.ComparisonsHandler),
    Route("comparisons/example", comparisons.ComparisonExampleHandler),
    Route("comparisons/{id}", comparisons.ComparisonHandler),
    Route("comparisons/{id}/cancel", comparisons.ComparisonCancelHandler),
    Route("comparisons/{id}/mlflow", comparisons.ComparisonMlflowHandler),
    Route("comparisons/{id}/code", comparisons.ComparisonCodeHandler),
    Route("comparisons/{id}/export", comparisons.ComparisonExportHandler),
    Route("inference/status", inference.InferenceStatusHandler),
    Route("inference/warm", inference.InferenceWarmHandler),
    Route("inference/stop", inference.InferenceStopHandler),
    Route("storage", storage.StorageHandler),
    Route("storage/clean", storage.StorageCleanHandler),
    Route("jobs", jobs.JobsHandler),
    Route("jobs/{id}", jobs.JobHandler),
    Route("jobs/{id}/stop", jobs.JobStopHandler),
    Route("jobs/{id}/resume", jobs.JobResumeHandler),
    Route("jobs/{id}/duplicate", jobs.JobDuplicateHandler),
    Route("jobs/{id}/events", jobs.JobEventsHandler),
    Route("jobs/{id}/log", jobs.JobLogHandler),
    Route("jobs/{id}/code", jobs.JobCodeHandler),
    Route("jobs/{id}/mlflow", jobs.JobMlflowHandler),
)


def tornado_routes() -> list[tuple[str, type[StudioHandler]]]:
    """What ExtensionApp.handlers wants; the last one answers all other addresses."""
    known = [(route.pattern, route.handler) for route in ROUTES]
    return [*known, (rf"{API}/(.*)", system.UnknownHandler)]
