"""Threads of our own for work that blocks.

The event loop's default ones are few (six on two cores) and shared with all of Jupyter: where its
extension manager waits for a network that does not answer, everybody else would wait, too.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")

_pool = ThreadPoolExecutor(max_workers=24, thread_name_prefix="ftstudio")


async def in_thread(function: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    """As `asyncio.to_thread`, in one of our threads."""
    call = functools.partial(contextvars.copy_context().run, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_pool, call)
