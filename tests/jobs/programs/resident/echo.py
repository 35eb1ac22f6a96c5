"""A resident helper of the tests."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from ftstudio_ext.core.errors import InvalidInput, NotFound
from ftstudio_ext.jobs.helper_server import Context, serve


def echo(params: dict[str, Any], context: Context) -> Any:
    return params


def pid(params: dict[str, Any], context: Context) -> int:
    return os.getpid()


def environment(params: dict[str, Any], context: Context) -> dict[str, str]:
    return dict(os.environ)


def count(params: dict[str, Any], context: Context) -> int:
    for number in range(params["to"]):
        context.progress(number=number)
    return params["to"]


def wait(params: dict[str, Any], context: Context) -> str:
    """Waits until it is cancelled, and leaves a note of that."""
    while not context.cancelled:
        time.sleep(0.01)
    with open(params["note"], "w") as file:  # noqa: PTH123
        file.write("cancelled")
    return "cancelled"


def hang(params: dict[str, Any], context: Context) -> None:
    time.sleep(600)


def die(params: dict[str, Any], context: Context) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(params: dict[str, Any], context: Context) -> None:
    if params["how"] == "not_found":
        raise NotFound("No such file.", remedy="Look again.")
    if params["how"] == "own_code":
        raise InvalidInput("A ragged row.", field="source", code="ragged_csv")
    raise ZeroDivisionError("oops")


if __name__ == "__main__":
    verbs = (echo, pid, environment, count, wait, hang, die, refuse)
    serve({verb.__name__: verb for verb in verbs})
