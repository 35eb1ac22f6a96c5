"""The inference helper: a resident process that holds one base model and answers with it.

Run as `python -m ftstudio_ext.workers.inference <socket>` by jobs/helpers.py, one process for
each base model, precision and device. One answering runs at a time; others wait their turn.
Progress messages hold `events` in the words of schema/comparisons.py.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.schema.models import BaseModelRecord

if TYPE_CHECKING:  # torch comes in with the first model
    from .resident_model import ResidentModel

TURN_POLL_S = 0.1


class Inference:
    """The verbs. The model is loaded by the first call that needs it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._resident: ResidentModel | None = None
        self._state = "starting"

    def load(self, params: dict[str, Any], context: Any) -> dict[str, Any]:
        """Verb `load`: {model, precision, device, adapters} → status. Adapters that do not fit
        are left to the call that asks them."""
        from .asking import folder_of
        from .resident_model import adapter_type

        with self._my_turn(context):
            resident = self._loaded(params, context)
            first = None
            for folder in map(folder_of, params["adapters"]):
                first = first or adapter_type(folder.path)
                if adapter_type(folder.path) == first:
                    try:
                        resident.require(folder.key, folder.path)
                    except StudioError as error:
                        print(error.message)
        return self.status(params, context)

    def answer(self, params: dict[str, Any], context: Any) -> dict[str, Any]:
        """Verb `answer`: {model, precision, device, adapters, questions, asks, exact}; the
        answers come as progress."""
        with self._my_turn(context):
            resident = self._loaded(params, context)
            from .answering import Answering

            self._state = "busy"
            Answering(
                resident,
                params,
                emit=lambda message: context.progress(**message),
                cancelled=lambda: bool(context.cancelled),
                batch_size=int(params.get("batch_size") or 0),
            ).run()
        return self.status(params, context)

    def status(self, _params: dict[str, Any], _context: Any) -> dict[str, Any]:
        """Verb `status`: {state, adapters (keys), device, memory_bytes}."""
        if self._resident is None:
            return {"state": self._state, "adapters": [], "device": None, "memory_bytes": None}
        from . import environment
        from .resident_model import memory_bytes

        return {
            "state": self._state,
            "adapters": self._resident.adapters,
            "device": environment.device_name(),
            "memory_bytes": memory_bytes(),
        }

    @contextmanager
    def _my_turn(self, context: Any) -> Iterator[None]:
        """One at a time; whoever goes away meanwhile gives up its place."""
        waited = False
        while not self._turn.acquire(timeout=TURN_POLL_S):
            context.check()
            if not waited:
                _tell(context, "waiting", "Another answer is being written; this one is next.")
                waited = True
        try:
            yield
        finally:
            self._state = "ready" if self._resident else "starting"
            self._turn.release()

    def _loaded(self, params: dict[str, Any], context: Any) -> ResidentModel:
        if self._resident is not None:
            return self._resident
        record = BaseModelRecord.model_validate(params["model"])
        self._state = "loading"
        _tell(context, "loading", f"Loading “{record.name}” ({params['precision']}) …")
        from . import environment, model_files

        environment.prepare(params["device"])
        environment.set_threads()
        folder = model_files.local_folder(record)
        context.check()
        self._resident = _load(folder, params["precision"])
        loaded = f"“{record.name}” is loaded ({self._resident.loading_s:.1f} s)."
        _tell(context, "loaded", loaded)
        return self._resident


def _load(folder: Path, precision: str) -> ResidentModel:
    from .failures import explain
    from .resident_model import ResidentModel, quiet_int8

    quiet_int8()
    try:
        return ResidentModel(folder, precision)
    except Exception as error:
        traceback.print_exc()
        raise explain(error, folder) from error


def _tell(context: Any, code: str, message: str) -> None:
    context.progress(events=[{"event": "notice", "code": code, "message": message}])


def verbs() -> dict[str, Callable[[dict[str, Any], Any], Any]]:
    """What jobs/helper_server.py serves."""
    one = Inference()
    return {"load": one.load, "answer": one.answer, "status": one.status}


if __name__ == "__main__":
    from ftstudio_ext.jobs.helper_server import serve

    serve(verbs())
