"""What a paired comparison means, in a plain sentence."""

from __future__ import annotations

from ftstudio_ext.schema.evaluation_results import PairedComparison
from ftstudio_ext.schema.scorers import MetricInfo

from .statistics import SIGNIFICANT


def judged(
    comparison: PairedComparison, info: MetricInfo, system: str, baseline: str
) -> PairedComparison:
    """The comparison with its verdict and sentence. A difference is shown only when its interval
    leaves out zero and its adjusted p-value is below 0.05."""
    verdict = _verdict(comparison, info)
    found = comparison.model_copy(update={"verdict": verdict})
    sentence = _sentence(found, info, system, baseline)
    return found.model_copy(update={"sentence": sentence})


def _verdict(c: PairedComparison, info: MetricInfo) -> str:
    if c.difference is None or c.low is None or c.high is None or c.p_adjusted is None:
        return "none"
    if c.low <= 0 <= c.high or c.p_adjusted >= SIGNIFICANT:
        return "none"
    if info.better is None:
        return "different"
    return "better" if (c.difference > 0) == (info.better == "higher") else "worse"


def _sentence(c: PairedComparison, info: MetricInfo, system: str, baseline: str) -> str:
    pair = f"“{system}” and “{baseline}”"
    if c.n == 0 or c.difference is None:
        return f"{pair} have no rows that both could be judged on by {_name(info)}."
    if c.difference == 0 and c.wins == c.losses == 0:
        return (
            f"No difference shown: {pair} score the same on all {c.n} rows by {_name(info)}."
            if c.n > 1
            else f"No difference shown: one row cannot tell {pair} apart."
        )
    test = f"{p_text(c.p_adjusted)}, {c.test}"
    size = f"{_difference(c.difference, info)} {_name(info)}{_interval(c, info)}"
    counts = f"better on {c.wins} and worse on {c.losses} of {c.n} rows"
    if c.verdict == "none":
        return f"No difference shown between {pair}: {counts}, {size} ({test})."
    if c.verdict == "different":
        return f"“{system}” differs from “{baseline}”: {size}, over {c.n} rows ({test})."
    on = f"{c.wins if c.verdict == 'better' else c.losses} of {c.n} rows"
    return f"“{system}” is {c.verdict} than “{baseline}” on {on}, {size} ({test})."


def _name(info: MetricInfo) -> str:
    """The metric's title inside a sentence; abbreviations keep their capitals."""
    first, *others = info.title.split(" ")
    plain = first if any(letter.isupper() for letter in first[1:]) else first.lower()
    return " ".join([plain, *others])


def _difference(value: float, info: MetricInfo) -> str:
    points = " points" if info.percent else ""
    return f"{_number(value, info, sign=True)}{points}"


def _interval(c: PairedComparison, info: MetricInfo) -> str:
    if c.low is None or c.high is None:
        return ""
    return f", 95 % interval {_number(c.low, info)} to {_number(c.high, info)}"


def _number(value: float, info: MetricInfo, sign: bool = False) -> str:
    """Points for percentages; as many digits as one can read something from."""
    shown = 100 * value if info.percent else value
    digits = 0 if abs(shown) >= 10 else 1 if info.percent or abs(shown) >= 1 else 3
    text = f"{shown:+.{digits}f}" if sign else f"{shown:.{digits}f}"
    return text.replace("-", "−") if float(text) else "0"


def p_text(p: float | None) -> str:
    """`p = 0.03`, `p < 0.001`."""
    if p is None:
        return "no test"
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
