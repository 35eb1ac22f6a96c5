"""In a real kernel that the server has started: nothing needs to be said to find it."""

from __future__ import annotations

import json
import os

import httpx
import pytest
from jupyter_client.blocking.client import BlockingKernelClient

CODE = """
from ftstudio_ext import Studio
studio = Studio()
print("version", studio.status().version)
form = studio.train_form(base_model="tiny", dataset="colours", prompt="say it", max_length=64)
display(form)
"""
LATER = """
import time
for _ in range(100):
    if not form.start_button.disabled:
        break
    time.sleep(0.1)
print("plan", form.summary.value)
"""
WRONG = "studio.datasets['no such']"


@pytest.fixture
def kernel(server, studio):
    """A kernel started through the server's own API, and a client on its channels."""
    headers = {"Authorization": f"token {server.token}"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as http:
        kernel_id = http.post("api/kernels", json={}, timeout=60).json()["id"]
        client = BlockingKernelClient(
            connection_file=str(server.runtime / f"kernel-{kernel_id}.json")
        )
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        yield client
        client.stop_channels()
        http.delete(f"api/kernels/{kernel_id}", timeout=30)


def run(client, code: str) -> tuple[str, list[str]]:
    """Text that the code printed, and the kinds of output that it displayed."""
    printed: list[str] = []
    kinds: list[str] = []

    def take(message):
        content = message["content"]
        if message["msg_type"] == "stream":
            printed.append(content["text"])
        elif message["msg_type"] in ("display_data", "execute_result"):
            kinds.extend(content["data"])
        elif message["msg_type"] == "error":
            printed.append("\n".join(content["traceback"]))

    client.execute_interactive(code, timeout=60, output_hook=take)
    return "".join(printed), kinds


@pytest.fixture
def another_server(server):
    """The file of a second server that is running too (this process stands for it)."""
    path = server.runtime / f"jpserver-{os.getpid()}.json"
    path.write_text(json.dumps({**server.info, "pid": os.getpid(), "url": "http://localhost:9/"}))
    yield
    path.unlink()


def test_a_kernel_finds_its_own_server_and_shows_the_form(kernel, another_server):
    printed, kinds = run(kernel, CODE)
    assert "version 0." in printed, printed
    assert "application/vnd.jupyter.widget-view+json" in kinds
    assert "25 training" in run(kernel, LATER)[0], "the form was updated by its thread"
    said, _ = run(kernel, WRONG)
    assert "no such" in said and "Traceback" not in said and said.count("\n") <= 1
