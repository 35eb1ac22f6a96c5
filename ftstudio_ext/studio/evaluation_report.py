"""An evaluation as a file to keep: Markdown to read, CSV of the rows, JSON of everything."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from ftstudio_ext.schema.evaluation_results import (
    Estimate,
    Evaluation,
    EvaluationRow,
    Metrics,
    PairedComparison,
    Score,
)
from ftstudio_ext.schema.scorers import MetricInfo

from .evaluation_results import require_metrics

if TYPE_CHECKING:
    from .studio import Studio

Format = Literal["md", "csv", "json"]
EXAMPLES = 5
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would take a cell that begins so for a formula."""


def report(studio: Studio, job_id: str, format: Format) -> tuple[str, str]:
    """(file name, text) of a finished evaluation's report."""
    evaluation = studio.evaluation_results.get(job_id)
    metrics = require_metrics(evaluation)
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", evaluation.name).strip("-") or "evaluation"
    rows = studio.evaluation_results.all_rows(job_id)
    if format == "csv":
        return f"{stem}.csv", _csv(metrics, rows)
    if format == "json":
        whole = evaluation.model_dump(mode="json")
        whole["rows"] = [row.model_dump(mode="json") for row in rows]
        return f"{stem}.json", json.dumps(whole, indent=1, ensure_ascii=False)
    return f"{stem}.md", markdown(evaluation, metrics, rows)


def markdown(evaluation: Evaluation, metrics: Metrics, rows: Sequence[EvaluationRow]) -> str:
    """Verdict first, then the tables, then rows to look at."""
    facts = [
        ("Base model", evaluation.base_model),
        ("Adapters", ", ".join(evaluation.adapters)),
        ("Dataset", evaluation.dataset),
        ("Prompt", evaluation.prompt),
        ("Rows", evaluation.rows),
        ("Precision, device", f"{metrics.precision}, {metrics.device}"),
        ("Longest answer", f"{metrics.max_new_tokens} tokens"),
        ("Finished", evaluation.finished_at and f"{evaluation.finished_at:%Y-%m-%d %H:%M} UTC"),
    ]
    parts = [
        f"# {evaluation.name}",
        f"**{metrics.verdict}**" if metrics.verdict else "",
        *[f"- {comparison.sentence}" for comparison in metrics.verdicts[1:]],
        "\n".join(f"- {name}: {value}" for name, value in facts if value not in (None, "")),
        "\n>\n".join(f"> {note}" for note in metrics.notes),
        "## Metrics",
        "In brackets 95 % intervals: Wilson's for shares, a seeded bootstrap for the others.",
        _metrics_table(metrics, metrics.overall),
    ]
    if len(metrics.splits) > 1:
        for split in metrics.splits:
            scores = [score for score in metrics.scores if score.split == split]
            parts += [f"### {split}", _metrics_table(metrics, scores)]
    parts += ["## Paired comparisons", _comparisons_table(metrics)]
    parts += ["## Rows", *_examples(metrics, rows)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _metrics_table(metrics: Metrics, scores: Sequence[Score]) -> str:
    heads = ["", *(score.label for score in scores)]
    lines = [
        [info.title, *(estimate_text(score.metrics.get(info.key), info) for score in scores)]
        for info in metrics.infos
    ]
    return _table(heads, lines)


def _comparisons_table(metrics: Metrics) -> str:
    labels = {system.key: system.label for system in metrics.systems}
    infos = {info.key: info for info in metrics.infos}
    lines = [_comparison_line(c, labels, infos[c.metric]) for c in metrics.comparisons]
    heads = [
        "system",
        "against",
        "rows",
        "metric",
        "difference",
        "wins / losses / ties",
        "p (Holm)",
    ]
    return _table(heads, lines) if lines else "Nobody to compare with."


def _comparison_line(c: PairedComparison, labels: dict[str, str], info: MetricInfo) -> list[str]:
    difference = Estimate(value=c.difference, low=c.low, high=c.high, n=c.n)
    return [
        labels[c.system],
        labels[c.baseline],
        c.split,
        info.title,
        estimate_text(difference, info, signed=True),
        f"{c.wins} / {c.losses} / {c.ties}",
        "" if c.p_adjusted is None else f"{c.p_adjusted:.3g}",
    ]


def _examples(metrics: Metrics, rows: Sequence[EvaluationRow]) -> list[str]:
    """A few rows on which the best adapter lost and won."""
    labels = {system.key: system.label for system in metrics.systems}
    found = []
    for outcome, head in (("loss", "Lost"), ("win", "Won")):
        chosen = [row for row in rows if row.outcome == outcome][:EXAMPLES]
        found += [f"### {head}"] if chosen else []
        for row in chosen:
            answers = [("expected", row.expected)]
            answers += [(labels[key], answer.answer) for key, answer in row.answers.items()]
            lines = "\n".join(f"- {who}: {_code(text)}" for who, text in answers)
            found.append(f"{row.split}, row {row.row}\n\n{lines}")
    return found or ["No row tells the systems apart."]


def _csv(metrics: Metrics, rows: Sequence[EvaluationRow]) -> str:
    """A line a row and system."""
    keys = [info.key for info in metrics.infos if info.per_row]
    carried = list(dict.fromkeys(name for row in rows for name in row.values))
    labels = {system.key: system.label for system in metrics.systems}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    heads = ["split", "row", "system", "expected", "answer", "text", "category", *keys]
    writer.writerow([*heads, "new_tokens", "seconds", "notes", *carried])
    for row in rows:
        for key, answer in row.answers.items():
            cells = [row.split, row.row, labels.get(key, key), row.expected, answer.answer]
            cells += [answer.text, row.category, *(answer.scores.get(name) for name in keys)]
            cells += [answer.new_tokens, round(answer.seconds, 4), "; ".join(answer.notes.values())]
            writer.writerow(map(_cell, [*cells, *(row.values.get(name) for name in carried)]))
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def estimate_text(estimate: Estimate | None, info: MetricInfo, signed: bool = False) -> str:
    """`47.1 % [35.0, 59.2]`; with a sign, and in points, for differences."""
    if estimate is None or estimate.value is None:
        return "–"
    scale, unit = (100, " points" if signed else " %") if info.percent else (1, "")
    numbers = [
        None if x is None else scale * x for x in (estimate.value, estimate.low, estimate.high)
    ]
    digits = 1 if info.percent or max(abs(x or 0) for x in numbers) >= 10 else 3
    sign = "+" if signed else ""
    value = f"{numbers[0]:{sign}.{digits}f}{unit}"
    if numbers[1] is None or numbers[2] is None:
        return value
    return f"{value} [{numbers[1]:{sign}.{digits}f}, {numbers[2]:{sign}.{digits}f}]"


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows
    )


def _code(text: str) -> str:
    """On one line, as code; with a fence longer than any inside."""
    flat = " ".join(text.split()) or " "
    longest = max((len(run) for run in re.findall(r"`+", flat)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {flat} {fence}" if longest else f"`{flat}`"
