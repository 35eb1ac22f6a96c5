"""How a notebook finds its server, and what is said when there is none."""

from __future__ import annotations

import json
import os

import pytest

from ftstudio_ext import Studio
from ftstudio_ext.notebook import finding
from ftstudio_ext.notebook.errors import NotConnected


@pytest.fixture
def announce(tmp_path, monkeypatch):
    """Write the file by which a server makes itself known; its process is this one's parent."""
    for name in [name for name in os.environ if name.startswith(("JUPYTER", "JPY_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))

    def write(pid: int, url: str, **more):
        info = {"pid": pid, "url": url, "token": f"t{pid}", "root_dir": f"/root{pid}", **more}
        (tmp_path / f"jpserver-{pid}.json").write_text(json.dumps(info))

    return write


def test_a_kernel_belongs_to_the_server_that_started_it(announce, monkeypatch):
    announce(os.getpid(), "http://localhost:1/")
    announce(os.getppid(), "http://localhost:2/base/")
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getppid()))
    found = finding.find()
    assert (found.url, found.token) == ("http://localhost:2/base/", f"t{os.getppid()}")


def test_the_only_running_server_is_taken_and_dead_ones_are_not(announce):
    announce(2**22 + 1, "http://localhost:1/")
    announce(os.getpid(), "http://0.0.0.0:2/", hostname="0.0.0.0")
    assert finding.find().url == "http://127.0.0.1:2/"


def test_what_is_said_explicitly_wins(announce, monkeypatch):
    announce(os.getpid(), "http://localhost:8888/lab-base/")
    monkeypatch.setenv("JUPYTER_SERVER_URL", "http://elsewhere:9/")
    monkeypatch.setenv("JUPYTER_TOKEN", "env")
    assert finding.find().url == "http://elsewhere:9/" and finding.find().token == "env"
    copied = finding.find("http://hub.example/user/me/lab/tree/a.ipynb?token=abc")
    assert (copied.url, copied.token) == ("http://hub.example/user/me/", "abc")
    monkeypatch.delenv("JUPYTER_TOKEN")
    assert finding.find("http://127.0.0.1:8888/lab-base").token == f"t{os.getpid()}"


def test_under_a_hub_its_variables_are_enough(announce, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", "http://0.0.0.0:5432/user/me/")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "hub")
    found = finding.find()
    assert (found.url, found.token) == ("http://127.0.0.1:5432/user/me/", "hub")


def test_no_server_several_servers_and_nonsense_are_said_in_words(announce):
    with pytest.raises(NotConnected, match="No running Jupyter server") as none:
        Studio()
    assert "Studio(url=" in none.value.remedy
    announce(os.getpid(), "http://localhost:1/")
    announce(os.getppid(), "http://localhost:2/")
    with pytest.raises(NotConnected, match="Several Jupyter servers"):
        Studio()
    with pytest.raises(NotConnected, match="not the address"):
        Studio(url="localhost:8888")


def test_a_server_that_is_not_there_or_refuses_is_said_in_words(server):
    with pytest.raises(NotConnected, match="cannot be reached"):
        Studio(url="http://127.0.0.1:9/").status()
    with pytest.raises(NotConnected, match="does not accept this token"):
        Studio(url=server.url, token="wrong").status()
    with pytest.raises(NotConnected, match="has no Fine-tuning Studio"):
        Studio(url=f"{server.url}files/", token=server.token).status()
