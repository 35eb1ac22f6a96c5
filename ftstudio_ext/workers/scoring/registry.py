"""All scorers there are: built in, of installed packages, of Python files agreed to."""

from __future__ import annotations

import hashlib
import importlib
import types
from collections.abc import Iterable, Sequence
from importlib.metadata import entry_points

from ftstudio_ext.core.answers import Look
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.templates import nearest_name
from ftstudio_ext.schema.evaluations import EvaluateSpec
from ftstudio_ext.schema.scorers import MetricInfo, ResolvedScorerFile, ScorerInfo

from .base import Scorer
from .functions import function_scorers

GROUP = "ftstudio.scorers"
BUILT_IN = ("matching", "labels", "structured", "overlap", "sql", "likelihood", "writing")
PRIMARY = {
    "sql": ("execution_accuracy", "sql_equal", "exact_match"),
    "json": ("json_match",),
    "label": ("accuracy",),
    "short": ("exact_match",),
    "text": ("rougeL", "token_f1"),
}
"""The metric of the verdict, by the kind of the expected answers: the first that is there."""


class Registry:
    """Scorers by name; the first of a name is kept, and `problems` tells of the others."""

    def __init__(self, files: Sequence[ResolvedScorerFile] = (), installed: bool = True) -> None:
        self.scorers: dict[str, type[Scorer]] = {}
        self.sources: dict[str, str] = {}
        self.problems: list[str] = []
        for module in BUILT_IN:
            found = importlib.import_module(f"{__package__}.{module}")
            self._add(_scorers_of(found), "built in")
        if installed:
            self._add_installed()
        for file in files:
            self._add(load_file(file), "file")

    def _add(self, found: Iterable[type[Scorer]], source: str) -> None:
        for scorer in found:
            if scorer.name in self.scorers:
                self.problems.append(f"A second scorer is named “{scorer.name}”; it is not used.")
                continue
            self.scorers[scorer.name] = scorer
            self.sources[scorer.name] = source

    def _add_installed(self) -> None:
        for point in entry_points(group=GROUP):
            try:
                scorer = point.load()
                self._add([scorer], "installed")
            except Exception as error:  # somebody else's package: name it, go on
                self.problems.append(f"The scorer “{point.name}” cannot be loaded: {error}")

    def get(self, name: str) -> type[Scorer]:
        """Raises InvalidInput for an unknown scorer and for one whose packages are missing."""
        if name not in self.scorers:
            near = nearest_name(name, self.scorers)
            raise InvalidInput(
                f"There is no scorer “{name}”.",
                field="scorers",
                remedy=f"Did you mean “{near}”?"
                if near
                else f"There are: {', '.join(self.scorers)}.",
            )
        scorer = self.scorers[name]
        if missing := scorer.missing():
            raise InvalidInput(
                f"The scorer “{name}” needs {' and '.join(missing)}.",
                field="scorers",
                remedy=f"Leave it out, or: pip install {' '.join(missing)}.",
                code="missing_package",
            )
        return scorer

    def chosen(self, spec: EvaluateSpec, look: Look) -> list[Scorer]:
        """The scorers of an evaluation, ready to judge. Those of the files that one has agreed to
        are among them, unless only some of them are named."""
        if spec.scorers is not None:
            own = [name for name, source in self.sources.items() if source == "file"]
            more = [] if set(own) & set(spec.scorers) else own
            return [self.get(name)(spec) for name in [*spec.scorers, *more]]
        names = [
            name
            for name, scorer in self.scorers.items()
            if (scorer.fits(look, spec) or self.sources[name] == "file") and not scorer.missing()
        ]
        return [self.scorers[name](spec) for name in names]

    def listing(self, look: Look, spec: EvaluateSpec | None = None) -> list[ScorerInfo]:
        """All scorers for a form, those that fit the data marked."""
        found = []
        for name, scorer in self.scorers.items():
            missing, reason = scorer.missing(), scorer.fits(look, spec)
            found.append(
                ScorerInfo(
                    name=name,
                    title=scorer.title,
                    description=scorer.description,
                    metrics=infos(scorer),
                    source=self.sources[name],  # type: ignore[arg-type]
                    suggested=reason is not None and not missing,
                    reason=reason,
                    available=not missing,
                    problem=f"Needs {', '.join(missing)}: pip install {' '.join(missing)}"
                    if missing
                    else None,
                    fields=list(scorer.fields),
                )
            )
        return found


def infos(scorer: type[Scorer] | Scorer) -> list[MetricInfo]:
    """The scorer's metrics, each with the scorer's name."""
    return [info.model_copy(update={"scorer": scorer.name}) for info in scorer.metrics]


def primary(look: Look, metrics: Sequence[str], wanted: str | None = None) -> str:
    """The metric of the verdict; raises InvalidInput when the wanted one is not measured."""
    if wanted is not None:
        if wanted not in metrics:
            near = nearest_name(wanted, metrics)
            raise InvalidInput(
                f"No chosen scorer gives the metric “{wanted}”.",
                field="primary_metric",
                remedy=f"Did you mean “{near}”?"
                if near
                else f"Measured are: {', '.join(metrics)}.",
            )
        return wanted
    return next((key for key in PRIMARY[look.kind] if key in metrics), metrics[0])


def load_file(file: ResolvedScorerFile) -> list[type[Scorer]]:
    """Run a scorer file and return what it defines. Only in a job's own process, and only the
    text that was agreed to."""
    if hashlib.sha256(file.text.encode()).hexdigest() != file.sha256:
        raise InvalidInput(
            f"The scorer file {file.path} is not the one that was agreed to.",
            field="scorer_files",
            remedy="Read it again, then submit the evaluation again.",
        )
    module = types.ModuleType(f"ftstudio_scorers_{file.sha256[:8]}")
    try:
        exec(compile(file.text, file.path, "exec"), module.__dict__)  # noqa: S102
    except Exception as error:
        raise InvalidInput(
            f"The scorer file {file.path} fails: {type(error).__name__}: {error}",
            field="scorer_files",
            remedy="Mend the file; `python` runs it alone.",
        ) from error
    found = [*_scorers_of(module), *function_scorers(module)]
    if not found:
        raise InvalidInput(
            f"The scorer file {file.path} defines no scorer.",
            field="scorer_files",
            remedy="Define a function whose name begins with score_, or a subclass of Scorer.",
        )
    return found


def _scorers_of(module: types.ModuleType) -> list[type[Scorer]]:
    """The scorers that a module defines itself, in its order."""
    return [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Scorer)
        and thing.__module__ == module.__name__
        and "name" in vars(thing)
    ]
