"""Scorers: what an evaluation can measure, and which Python files may add to it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .common import StoredModel, StudioModel


class MetricInfo(StoredModel):
    """A number that a scorer gives for each row, or for all rows together."""

    key: str
    title: str
    scorer: str = ""
    description: str = ""
    kind: Literal["share", "number"] = Field(
        "number", description="`share`: 0 or 1 for a row, a share of the rows for a system."
    )
    percent: bool = Field(False, description="Shown in percent: 0.25 is 25 %.")
    better: Literal["higher", "lower"] | None = Field(
        None, description="Absent where neither is better by itself."
    )
    unit: str | None = None
    corpus: bool = Field(
        False, description="Computed from all rows together (BLEU, macro-F1), not a mean of rows."
    )
    tested: bool = Field(
        True,
        description="Rows are independent of each other, so that intervals and tests mean "
        "something; the rows of a batch share their time.",
    )
    per_row: bool = Field(True, description="Each row has a value of its own, too.")


class ScorerInfo(StoredModel):
    """A scorer as the form lists it."""

    name: str
    title: str
    description: str
    metrics: list[MetricInfo]
    source: Literal["built in", "installed", "file"] = "built in"
    suggested: bool = Field(False, description="Used when `scorers` is absent.")
    reason: str | None = Field(None, description="Why it is suggested, or why it is not.")
    available: bool = True
    problem: str | None = Field(None, description="What is missing, and the remedy.")
    fields: list[str] = Field([], description="Fields of the specification that it reads.")


class ScorerList(StoredModel):
    """All scorers, with the ones that fit the data marked."""

    items: list[ScorerInfo]
    primary_metric: str = Field(description="The metric of the verdict when none is chosen.")


class ScorerFile(StudioModel):
    """A Python file with scorers of one's own. Naming its content's hash is the consent to run
    it: a file that has changed since is refused."""

    path: str = Field(description="Below the server's root directory.")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Of the content agreed to.")


class ScorerFileView(StoredModel):
    """A scorer file to be read before one agrees to it."""

    path: str
    sha256: str
    size_bytes: int
    text: str


class ResolvedScorerFile(StoredModel):
    """A scorer file as the job runs it: the text that was agreed to."""

    path: str
    sha256: str
    text: str
