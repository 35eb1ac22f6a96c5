"""Random misfortune for servers and jobs, drawn from a seed; the rules are in `chaos_rules`.

A seed gives the same events in the same order. What they hit also depends on the machine's
timing, so a failure may need a few runs of its seed to show again.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable

from ftstudio_ext.jobs import protocol

from . import chaos_rules
from .chaos_events import Events
from .chaos_world import World

PAUSE_S = (0.0, 0.4)


class Chaos(Events):
    """Draws events and lets them happen. `counts` tells which, `trace` in what order."""

    def __init__(self, world: World, seed: int, long: bool = False) -> None:
        """In its long form there is a real Jupyter server too, and a disk that may be filled."""
        super().__init__(world, seed, most_steps=90 if long else 40)
        self.seed = seed
        self.counts: Counter[str] = Counter()
        self.trace: list[str] = []
        self._events: dict[Callable[[], str | None], int] = {
            self.submit: 14,
            self.submit_twice: 5,
            self.start_server: 8,
            self.kill_server: 8,
            self.freeze_server: 3,
            self.kill_supervisor: 8,
            self.kill_worker: 6,
            self.kill_child: 8,
            self.kill_a_job: 8,
            self.kill_everything: 4,
            self.kill_while_saving: 8,
            self.tear_an_event: 5,
            self.damage_checkpoint: 4,
            self.reuse_a_pid: 4,
            self.jump_the_clock: 3,
            self.stop: 8,
            self.resume: 8,
            self.hold: 3,
            self.release: 3,
            self.reorder: 3,
            self.delete: 2,
            self.read: 4,
            self.write_protect: 3 if os.geteuid() == 0 else 0,
            self.fill_disk: 4 if long else 0,
            self.start_jupyter: 4 if long else 0,
            self.kill_jupyter: 4 if long else 0,
            self.use_jupyter: 12 if long else 0,
        }

    def run(self, events: int) -> None:
        """So many events, with a check after each; every kind comes up where it can."""
        names, weights = list(self._events), list(self._events.values())
        due = [event for event in names if self._events[event]]
        self.random.shuffle(due)
        while sum(self.counts.values()) < events:
            overdue = bool(due) and self.random.random() < 0.6
            event = due.pop(0) if overdue else self.random.choices(names, weights)[0]
            if (what := event()) is None:  # nothing there that it could happen to
                due += [event] if overdue else []
                continue
            self.counts[event.__name__] += 1
            self.trace.append(f"{len(self.trace) + 1} {event.__name__}: {what}")
            time.sleep(self.random.uniform(*PAUSE_S))
            chaos_rules.check(self.world)

    def finish(self, seconds: float = 120) -> None:
        """Kill everything, start a server alone: all unfinished jobs come to their end unaided.
        What had failed or was stopped is then resumed, and must succeed with the right result."""
        self.world.kill_servers()
        self.world.kill_jobs()
        if self.world.jupyter:
            self.world.jupyter.start()
        else:
            self.world.start_server()
        self._settle(seconds)
        server = self._server()
        states = self.world.states()
        given_up = [job for job, state in states.items() if state["state"] == "lost"]
        for job in given_up:
            words = states[job]["reason"]
            assert "times in a row" in words or "asked to stop" in words, words
        for _ in range(3):
            for job, state in self.world.states().items():
                if state["state"] in ("failed", "stopped", "lost"):
                    server.ask(do="resume", id=job)
                elif state["state"] == "held":
                    server.ask(do="patch", id=job, changes={"hold": False})
            self._settle(seconds)
        chaos_rules.check(self.world)
        assert not (broken := chaos_rules.wrong_results(self.world)), broken

    def _settle(self, seconds: float) -> None:
        limit = time.monotonic() + seconds
        quiet = protocol.FINAL | {"held"}
        while busy := {j: s for j, s in self.world.states().items() if s["state"] not in quiet}:
            assert time.monotonic() < limit, busy
            time.sleep(0.05)
