"""The tracking store survives what its makers do not expect: a kill while it is being built."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ftstudio_ext.workers.tracking_store import make_store, sqlite_file

pytestmark = pytest.mark.train

REPOSITORY = Path(__file__).parents[2]
MAKE = "import sys; from ftstudio_ext.workers.tracking_store import make_store as m; m(sys.argv[1])"


def test_a_kill_while_the_store_is_built_leaves_nothing_broken(tmp_path):
    database = tmp_path / "mlflow.db"
    environment = os.environ | {
        "PYTHONPATH": str(REPOSITORY),
        "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",
    }
    making = subprocess.Popen(
        [sys.executable, "-c", MAKE, f"sqlite:///{database}"], env=environment, cwd=tmp_path
    )
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size > 8192 for path in tmp_path.glob(".*.unfinished")):
        assert making.poll() is None and time.monotonic() < deadline
        time.sleep(0.002)
    making.kill()
    making.wait()
    assert not database.exists(), "half a database never has the name of a whole one"

    make_store(f"sqlite:///{database}")
    from mlflow import MlflowClient

    assert MlflowClient(tracking_uri=f"sqlite:///{database}").search_experiments()


def test_only_files_of_sqlite_are_made(tmp_path):
    assert sqlite_file("http://127.0.0.1:5000") is None
    assert sqlite_file("sqlite:///:memory:") is None
    assert sqlite_file("sqlite:////a/b.db") == Path("/a/b.db")
    ours = tmp_path / "mlflow.db"
    ours.write_bytes(b"somebody's")
    make_store(f"sqlite:///{ours}")
    assert ours.read_bytes() == b"somebody's", "what is there stays as it is"
