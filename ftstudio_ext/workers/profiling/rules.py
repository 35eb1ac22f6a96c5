"""What counts as a finding."""

from __future__ import annotations

import numpy as np

from ftstudio_ext.core import templates
from ftstudio_ext.schema.profiles import DataFix, Finding, TokenLengths
from ftstudio_ext.schema.prompts import Prompt

from .columns import ColumnScan
from .examination import Array, Examination
from .findings import Report, level_of, names, rows_word, verb

MOSTLY = 0.5
FEW_CLASSES = 20
UNBALANCED = 0.8
ENOUGH_ROWS = 50
DROP = "Drop these rows"


def judge(found: Examination, prompt: Prompt | None) -> Report:
    """All findings but that about tokens."""
    report = Report(found)
    answers = set(completion_columns(prompt)) if prompt else set()
    _emptiness(report, answers)
    _repeated(report)
    _leaked(report)
    _similar(report)
    _extreme(report)
    for scan in found.scans:
        if found.used is None or scan.name in found.used:
            _column(report, scan, answers)
    return report


def completion_columns(prompt: Prompt) -> list[str]:
    """The columns of what the model learns to answer."""
    template = prompt.completion_template if prompt.mode == "text" else prompt.messages[-1].content
    return templates.placeholders(template)


def _emptiness(report: Report, answers: set[str]) -> None:
    found = report.found
    columns = found.used or [scan.name for scan in found.scans]
    nothing = found.empty_rows(columns)
    places = np.flatnonzero(nothing)
    where = "the prompt's columns" if found.used else "any column"
    report.rows(
        "empty_rows",
        "warning",
        f"{rows_word(len(places))} {verb(len(places), 'has', 'have')} nothing in {where}.",
        "Drop them: there is nothing to learn from them.",
        places,
        fix=("drop_rows", DROP),
    )
    for scan in found.scans:
        if scan.name not in columns or not scan.empty or _mostly_empty(found, scan):
            continue
        places = np.flatnonzero(found.empty_cells(scan.name) & ~nothing)
        answer = scan.name in answers
        then = "the model would learn to answer with nothing" if answer else "check what they ask"
        report.rows(
            "empty_cells",
            "warning" if answer else ("info" if found.used is None else level_of(1)),
            f"{rows_word(len(places))} {verb(len(places), 'has', 'have')} nothing in the column "
            f"“{scan.name}”.",
            f"Drop them, or fill them in at the source: {then}.",
            places,
            column=scan.name,
            fix=("drop_rows", DROP),
        )


def _by(found: Examination) -> str:
    """How rows were compared, where not by all columns."""
    if len(found.compared) == len(found.scans):
        return ""
    return f" (compared by {names(found.compared)})"


def _repeated(report: Report) -> None:
    found = report.found
    places, same_as = found.duplicates
    count = len(places)
    alone = sum(split.rows > 0 for split in found.source.splits) == 1
    leak = (
        " Where test rows are drawn from this split, the test would hold rows that were trained on."
        if alone
        else ""
    )
    report.rows(
        "duplicates",
        level_of(count / found.rows),
        f"{rows_word(count)} {verb(count, 'repeats', 'repeat')} an earlier row of the same split "
        f"word for word{_by(found)}.{leak}",
        "Keep the first of each: repeated rows are learned by heart and count more than others.",
        places,
        same_as=same_as,
        fix=("dedupe", "Drop the repetitions"),
    )


def _leaked(report: Report) -> None:
    found = report.found
    places, same_as = found.leaks
    count, splits = len(places), found.source.splits
    if not count:
        return
    numbers = np.searchsorted(np.asarray(found.source.starts), places, side="right") - 1
    others = np.searchsorted(np.asarray(found.source.starts), same_as, side="right") - 1
    mine = " and ".join(splits[number].name for number in np.unique(numbers).tolist())
    there = " and ".join(splits[number].name for number in np.unique(others).tolist())
    report.rows(
        "leaked_rows",
        "warning",
        f"{rows_word(count)} of {mine} {verb(count, 'is', 'are')} in {there} too{_by(found)}: "
        "results there would look better than they are.",
        f"Drop them from {mine}, so that {there} stays a fair test.",
        places,
        same_as=same_as,
        fix=("drop_leaked", f"Drop them from {mine}"),
    )


def _similar(report: Report) -> None:
    found = report.found
    places, same_as = found.near
    count = len(places)
    starts = np.asarray(found.source.starts)
    crossing = np.searchsorted(starts, places, "right") != np.searchsorted(starts, same_as, "right")
    across = int(crossing.sum())
    leak = (
        f" {across:,} of them {verb(across, 'resembles', 'resemble')} a row that is held out."
        if across
        else ""
    )
    looked = (
        f" among {found.near_looked_at:,} rows drawn at random"
        if found.near_looked_at < found.rows
        else ""
    )
    report.rows(
        "near_duplicates",
        "warning" if across else "info",
        f"{rows_word(count)}{looked} {verb(count, 'differs', 'differ')} from another row by a few "
        f"words, by case or by punctuation only{_by(found)}.{leak}",
        "Look at the examples. Keep one of each where the difference means nothing.",
        places,
        same_as=same_as,
        of=found.near_looked_at,
        fix=("dedupe", "Keep one of each"),
    )


def _extreme(report: Report) -> None:
    for name, (limit, places) in report.found.extreme.items():
        count = len(places)
        report.rows(
            "extreme_lengths",
            "info",
            f"{rows_word(count)} {verb(count, 'has', 'have')} over {limit:,} characters in the "
            f"column “{name}”, ten times what 95 % of the rows have.",
            "Look at them: they may be broken, and long rows cost most memory.",
            places,
            column=name,
            fix=("drop_rows", DROP),
        )


def _column(report: Report, scan: ColumnScan, answers: set[str]) -> None:
    found = report.found
    level = "info" if found.used is None else "warning"
    asks = " The prompt asks for it." if found.used else ""
    top, distinct = scan.top(), scan.profile(None).distinct
    if _mostly_empty(found, scan):
        report.column(
            "mostly_empty_column",
            level,
            f"The column “{scan.name}” is empty in {scan.empty:,} of {rows_word(found.rows)}.{asks}",
            "Leave it out of the prompt, or drop it.",
            scan.name,
            scan.empty,
        )
    elif distinct == 1 and not scan.empty and found.rows > 1:
        says = f": {top[0].value}" if top and top[0].value else ""
        report.column(
            "constant_column",
            "warning" if scan.name in answers else "info",
            f"The column “{scan.name}” says the same in every row{says}.{asks}",
            "A model can learn nothing from it: write it into the prompt's text, or drop it.",
            scan.name,
            found.rows,
        )
    elif scan.identifies():
        report.column(
            "id_like_column",
            level,
            f"The column “{scan.name}” only numbers or names the rows.{asks}",
            "Leave it out of the prompt: it would be learned by heart.",
            scan.name,
            found.rows,
        )
    else:
        _balance(report, scan, answers)


def _balance(report: Report, scan: ColumnScan, answers: set[str]) -> None:
    """A label that nearly always is the same. With a prompt, only what it answers is a label."""
    found, top = report.found, scan.top()
    filled = found.rows - scan.empty
    distinct = scan.profile(None).distinct
    if not top or not 2 <= distinct <= FEW_CLASSES or filled < ENOUGH_ROWS:
        return
    if (answers and scan.name not in answers) or top[0].count < UNBALANCED * filled:
        return
    rarest = top[-1]
    report.column(
        "imbalanced_column",
        "warning" if scan.name in answers else "info",
        f"{top[0].count / filled:.0%} of the rows have “{top[0].value}” in the column "
        f"“{scan.name}”; the rarest of {distinct} values, “{rarest.value}”, has "
        f"{rows_word(rarest.count)}.",
        "A model that always answers the most frequent value would be right as often. Add rows "
        "with the others, and judge by each value apart.",
        scan.name,
        top[0].count,
        drop=False,
    )


def _mostly_empty(found: Examination, scan: ColumnScan) -> bool:
    return found.rows > 1 and scan.empty >= MOSTLY * found.rows


def too_long(report: Report, tokens: TokenLengths, places: Array, counted: Array) -> None:
    """The finding about rows that do not fit the limit."""
    limit = tokens.max_length or tokens.context_length
    if not limit or not (counted > limit).any():
        return
    long, lengths = places[counted > limit], counted[counted > limit]
    share, count = len(long) / len(counted), len(long)
    about = f" of {len(counted):,} rows drawn at random" if tokens.is_sample else ""
    message = (
        f"{rows_word(count)}{about} ({share:.1%}) {verb(count, 'has', 'have')} more than {limit:,} "
        f"tokens with “{tokens.prompt}” for {tokens.model}, up to {int(tokens.tokens.max):,}. "
        "Training leaves such rows out."
    )
    proposed = tokens.proposed_max_length
    raise_it = tokens.max_length is not None and proposed > tokens.max_length
    remedy = (
        f"Set the max length to {proposed:,}, or shorten the prompt."
        if raise_it
        else "Shorten the prompt, drop these rows, or choose a model that reads more."
    )
    report.rows(
        "too_long",
        level_of(share),
        message,
        remedy,
        long,
        of=len(counted),
        examples=long[np.argsort(-lengths, kind="stable")],
    )
    report.findings[-1].fix = _limit_fix(report.findings[-1], tokens, raise_it)


def _limit_fix(finding: Finding, tokens: TokenLengths, raise_it: bool) -> DataFix | None:
    if raise_it:
        proposed = tokens.proposed_max_length
        label = f"Set max length to {proposed:,}"
        return DataFix(kind="set_max_length", label=label, finding=finding.id, max_length=proposed)
    if tokens.is_sample:
        return None  # most of the rows that are too long were not looked at
    return DataFix(kind="drop_rows", label=DROP, finding=finding.id)
