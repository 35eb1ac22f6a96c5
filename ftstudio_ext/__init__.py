"""Fine-tuning Studio for JupyterLab. Entry points only: nothing heavy is imported here, since
every worker process imports this file too."""

from __future__ import annotations

from typing import Any

from ._version import __version__

__all__ = ["Studio", "__version__"]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "../labextension", "dest": "ftstudio-ext"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .app import FineTuningStudio

    return [{"module": "ftstudio_ext", "app": FineTuningStudio}]


def load_ipython_extension(ipython: Any) -> None:
    """`%load_ext ftstudio_ext`: the `%ftstudio` magics."""
    from .notebook.magics import load_ipython_extension as load

    load(ipython)


def __getattr__(name: str) -> Any:
    if name == "Studio":
        from .notebook.client import Studio

        return Studio
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
