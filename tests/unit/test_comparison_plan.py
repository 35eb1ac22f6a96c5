"""What a comparison judges answers by."""

from __future__ import annotations

import pytest

from ftstudio_ext.schema.comparisons import TaskKind, TaskMetric
from ftstudio_ext.schema.prompts import PromptTask
from ftstudio_ext.studio.comparison_plan import judged_by


@pytest.mark.parametrize(
    ("asked", "declared", "judged"),
    [
        ("auto", "auto", "auto"),
        ("auto", "sql", "sql"),
        ("auto", "text", "none"),
        ("json", "sql", "json"),
        ("none", "label", "none"),
    ],
)
def test_the_request_comes_before_the_prompt(
    asked: TaskKind, declared: PromptTask, judged: TaskKind
) -> None:
    assert judged_by(TaskMetric(kind=asked), declared)["kind"] == judged
