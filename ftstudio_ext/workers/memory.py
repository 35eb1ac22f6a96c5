"""The memory helper: a resident process that measures models by dry runs. It has torch imported,
and never opens a GPU.

Run as `python -m ftstudio_ext.workers.memory` by jobs/helpers.py.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from ftstudio_ext.schema.training import TrainSpec

_one_at_a_time = threading.Lock()


def profile(params: dict[str, Any], context: Any) -> dict[str, Any]:
    """`{model: where it is, spec}` → a MemoryProfile."""
    from .memory_profile import profile as measure

    with _one_at_a_time:  # autograd's hooks and the replaced names belong to the whole process
        context.check()
        return measure(params["model"], TrainSpec.model_validate(params["spec"])).model_dump()


if __name__ == "__main__":
    from ftstudio_ext.jobs.helper_server import serve

    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    serve({"profile": profile})
