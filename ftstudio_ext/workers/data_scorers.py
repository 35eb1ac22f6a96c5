"""The data helper's verb `scorers`: which scorers there are, and which fit a dataset."""

from __future__ import annotations

from typing import Any

from ftstudio_ext.core.answers import Look, look
from ftstudio_ext.core.examples import expected_completion
from ftstudio_ext.schema.prompts import PromptContent
from ftstudio_ext.schema.scorers import ScorerList

from .data_rows import sample_rows
from .scoring.registry import Registry, primary

SAMPLED_ROWS = 200


def scorers(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """{dataset_dir?, split_file?, prompt?} → ScorerList. Without data: all of them,
    none marked but those that always fit."""
    found = Look("text", "")
    if params.get("dataset_dir"):
        rows = sample_rows({**params, "n": SAMPLED_ROWS, "seed": 0})["rows"]
        prompt = PromptContent.model_validate(params["prompt"])
        expected = [expected_completion(prompt, row) for row in rows]
        found = look(expected, rows, prompt.task)
    registry = Registry()
    listing = registry.listing(found)
    keys = [info.key for item in listing if item.suggested for info in item.metrics]
    return ScorerList(items=listing, primary_metric=primary(found, keys)).model_dump()
