"""Others that block Jupyter's own threads do not hold up the studio."""

from __future__ import annotations

import asyncio
import threading

import httpx

THREADS_OF_THE_LOOP = 40
"""More than the event loop's default executor has on any machine."""


async def test_routes_answer_while_all_of_the_loops_threads_are_busy(
    api, colours, jp_http_port, jp_base_url, jp_auth_header
):
    loop, over = asyncio.get_running_loop(), threading.Event()
    waiting = [loop.run_in_executor(None, over.wait) for _ in range(THREADS_OF_THE_LOOP)]
    root = f"http://127.0.0.1:{jp_http_port}{jp_base_url}ftstudio/api/"
    try:
        async with httpx.AsyncClient(
            base_url=root, headers=jp_auth_header, timeout=30, trust_env=False
        ) as http:
            assert (await http.get("datasets")).json()["total"] == 1
            assert (await http.get("datasets/colours/rows")).json()["total"] == 30
            assert (await http.get("status")).json()["version"]
    finally:
        over.set()
        await asyncio.gather(*waiting)
