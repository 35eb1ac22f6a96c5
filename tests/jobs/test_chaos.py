"""Whatever is killed, in whatever order: no job is lost, no state is wrong, nothing is left over.

The long form: `pytest -m long tests/jobs/test_chaos.py -s`; another seed by `CHAOS_SEED=…`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.small_disk import small_disk

from .chaos import Chaos
from .chaos_world import MARK, Jupyter, World

SEED = int(os.environ.get("CHAOS_SEED", "4"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "disk" / "ftstudio")
    yield made
    made.kill_servers()
    made.kill_jobs()


def let_loose(chaos: Chaos, events: int) -> None:
    """Run and finish; a failure comes with the seed and with all that happened."""
    started = time.monotonic()
    try:
        chaos.run(events)
        chaos.finish()
    except BaseException:
        print(f"CHAOS_SEED={chaos.seed}", *chaos.trace[-40:], sep="\n")
        raise
    jobs = len(chaos.world.acknowledged)
    attempts = sum(int(state["attempt"]) for state in chaos.world.states().values())
    print(f"\nseed {chaos.seed}: {events} events on {jobs} jobs with {attempts} attempts", end=" ")
    print(f"in {time.monotonic() - started:.0f} s: {dict(chaos.counts.most_common())}")


def test_nothing_is_lost_in_forty_random_events(world: World) -> None:
    world.workspace.parent.mkdir()
    let_loose(Chaos(world, SEED), 40)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_nothing_is_lost_in_two_hundred_and_fifty_random_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jupyter = Jupyter(tmp_path / "jupyter")
    with small_disk(jupyter.root, "40m"):
        world = World(jupyter.root / "ftstudio", jupyter=jupyter)
        monkeypatch.setenv(MARK, world.mark)
        try:
            let_loose(Chaos(world, SEED, long=True), 250)
        finally:
            world.kill_servers()
            world.kill_jobs()
