"""The data helper: a resident process that reads data files, so that the server need not.

Run as `python -m ftstudio_ext.workers.data` by jobs/helpers.py. Imports pyarrow and the
standard library only; the hub's libraries come in when a verb asks for them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from . import data_import, data_peek, data_prompts, data_rows


def _model_facts(params: dict[str, Any], _context: Any) -> dict[str, Any]:
    from .model_facts import model_facts

    return model_facts(Path(params["path"])).model_dump()


def _adapter_facts(params: dict[str, Any], _context: Any) -> dict[str, Any]:
    from .model_facts import adapter_facts

    return adapter_facts(Path(params["path"]))


def _hub_model_facts(params: dict[str, Any], _context: Any) -> dict[str, Any]:
    from .hub import hub_model_facts

    return hub_model_facts(params["repo_id"], params.get("revision"))


def _search_rows(params: dict[str, Any], context: Any) -> dict[str, Any]:
    from .data_search import search_rows

    return search_rows(params, context)


def _scorers(params: dict[str, Any], context: Any) -> dict[str, Any]:
    from .data_scorers import scorers

    return scorers(params, context)


def _hub(module: str, function: str) -> Callable[[dict[str, Any], Any], Any]:
    """A verb about the hub, whose library is imported by the first call."""

    def verb(params: dict[str, Any], context: Any) -> Any:
        found = import_module(f".{module}", __package__)
        return getattr(found, function)(params, context)

    return verb


VERBS: dict[str, Callable[[dict[str, Any], Any], Any]] = {
    "import": data_import.import_files,
    "peek": data_peek.peek,
    "rows": data_rows.rows,
    "named_rows": data_rows.named_rows,
    "sample_rows": data_rows.sample_rows,
    "search_rows": _search_rows,
    "render": data_prompts.render,
    "check_prompt": data_prompts.check_prompt,
    "model_facts": _model_facts,
    "adapter_facts": _adapter_facts,
    "hub_model_facts": _hub_model_facts,
    "hub_datasets": _hub("hub_search", "search_datasets"),
    "hub_models": _hub("hub_search", "search_models"),
    "hub_dataset": _hub("hub_info", "dataset_info"),
    "hub_model": _hub("hub_info", "model_info"),
    "hub_token": _hub("hub_token", "token_state"),
    "set_hub_token": _hub("hub_token", "set_token"),
    "forget_hub_token": _hub("hub_token", "forget_token"),
    "scorers": _scorers,
}

if __name__ == "__main__":
    from ftstudio_ext.jobs.helper_server import serve

    from .tokenizers import leave_torch_out

    leave_torch_out()
    serve(VERBS)
