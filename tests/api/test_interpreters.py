"""The Pythons that jobs can run in, as the train form offers them."""

from __future__ import annotations

import sys


async def test_the_servers_python_comes_first_and_once(api):
    found = await api.get("interpreters")
    pythons = [one["python"] for one in found["items"]]
    assert pythons[0] == sys.executable and len(set(pythons)) == len(pythons) == found["total"]
    assert found["items"][0]["version"] and "ok" in found["items"][0]
