"""The Pythons that jobs can run in: the server's setting, and those of the installed kernels."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ftstudio_ext.jobs.interpreter import probe
from ftstudio_ext.jobs.kernels import probe_kernel
from ftstudio_ext.schema.status import Interpreter

PROBES_AT_ONCE = 4


def interpreters(default: str, kernels: Mapping[str, Mapping[str, Any]]) -> list[Interpreter]:
    """The default first, then those of other kernels that can train, then those that cannot yet;
    one entry an interpreter. `kernels` is what Jupyter's kernel spec manager lists. Blocks for
    short processes; answers are kept for some minutes."""
    with ThreadPoolExecutor(PROBES_AT_ONCE) as pool:
        answers = pool.map(_of_kernel, (kernel["spec"] for kernel in kernels.values()))
        found = [probe(default), *filter(None, answers)]
    by_path: dict[str, Interpreter] = {}
    for one in found:
        known = by_path.setdefault(one.python, one)
        if known.label is None and one.label:
            by_path[one.python] = known.model_copy(update={"label": one.label})
    first, *others = by_path.values()
    return [first, *sorted(others, key=lambda one: (not one.ok, one.label or one.python))]


def _of_kernel(spec: Mapping[str, Any]) -> Interpreter | None:
    argv, env = list(spec.get("argv") or []), dict(spec.get("env") or {})
    return probe_kernel(argv, env, str(spec.get("display_name") or ""))
