"""Locks exclude, and end with their holders."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ftstudio_ext.jobs.locks import FileLock, LockTimeout, is_free, supported


def test_one_holder_at_a_time_even_within_a_process(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    assert is_free(path)
    with FileLock(path):
        assert not is_free(path)
        with pytest.raises(LockTimeout):
            FileLock(path, timeout_s=0.05).acquire()
    assert is_free(path) and supported(tmp_path)


def test_a_child_that_inherits_a_lock_holds_it_until_it_dies(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "a.lock")
    lock.acquire()
    assert lock.fd is not None
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    child = subprocess.Popen(command, pass_fds=(lock.fd,))
    stranger = subprocess.Popen(command)
    lock.close()
    assert not is_free(lock.path)
    child.kill()
    child.wait()
    assert is_free(lock.path)
    stranger.kill()
    stranger.wait()
