"""The events of the chaos test: what people do, what gets killed, what happens to files."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from pathlib import Path

from ftstudio_ext.jobs import checkpoints, identity, protocol
from ftstudio_ext.jobs.listing import Listing
from tests.small_disk import fill

from . import chaos_rules
from .chaos_world import Asked, Server, World

MOST_UNFINISHED = 6


class Events:
    """Each method is an event: it says what it did, or None when there was nothing to do it to."""

    def __init__(self, world: World, seed: int, most_steps: int) -> None:
        self.world = world
        self.most_steps = most_steps
        self.random = random.Random(seed)
        self._submitted = 0

    # -- choosing --------------------------------------------------------------------------------

    def _job(self, *states: str) -> str | None:
        found = sorted(j for j, s in self.world.states().items() if s["state"] in states)
        return self.random.choice(found) if found else None

    def _server(self) -> Server:
        return self.random.choice(self.world.servers or [self.world.start_server()])

    def _ask(self, **request: object) -> str:
        """A request to some server, which may be killed before it answers."""
        server = self._server()
        if self.random.random() < 0.15:
            server.send(**request)
            time.sleep(self.random.uniform(0, 0.1))
            server.kill()
            self.world.servers.remove(server)
            return f"{request} and killed the server"
        return f"{request} -> {server.ask(**request)}"

    def _new_spec(self) -> tuple[Asked, dict[str, object]] | None:
        unfinished = [s for s in self.world.states().values() if s["state"] not in protocol.FINAL]
        if len(unfinished) >= MOST_UNFINISHED:
            return None
        self._submitted += 1
        asked = Asked(f"job {self._submitted}", self.random.randint(10, self.most_steps))
        spec = self.world.spec(asked.name, asked.steps).model_dump(mode="json")
        return asked, {"do": "submit", "spec": spec, "hold": self.random.random() < 0.1}

    def _processes(self, kind: str) -> list:
        return [process for process in self.world.processes() if process.kind == kind]

    # -- people ----------------------------------------------------------------------------------

    def submit(self) -> str | None:
        if (new := self._new_spec()) is None:
            return None
        asked, request = new
        server = self._server()
        server.send(**request)
        if self.random.random() < 0.2:
            time.sleep(self.random.uniform(0, 0.1))
            server.kill()
            self.world.servers.remove(server)
            return f"{asked.name}, and killed the server before it answered"
        return self._acknowledge(asked, server)

    def _acknowledge(self, asked: Asked, *servers: Server) -> str:
        answers = [server.answer() for server in servers]
        ids = {answer["id"] for answer in answers if "id" in answer}
        assert len(ids) <= 1, f"one request made {ids}"
        for job in ids:
            self.world.acknowledged[job] = asked
        return f"{asked.name} ({asked.steps} steps): {answers}"

    def submit_twice(self) -> str | None:
        """The same request to two servers at once."""
        if (new := self._new_spec()) is None:
            return None
        asked, request = new
        while len(self.world.servers) < 2:
            self.world.start_server()
        for server in self.world.servers[:2]:
            server.send(**request)
        return self._acknowledge(asked, *self.world.servers[:2])

    def stop(self) -> str | None:
        job = self._job("queued", "held", "starting", "running", "stopping")
        return job and self._ask(do="stop", id=job, save=self.random.random() < 0.5)

    def resume(self) -> str | None:
        job = self._job("failed", "stopped", "lost")
        return job and self._ask(do="resume", id=job)

    def hold(self) -> str | None:
        job = self._job("queued")
        return job and self._ask(do="patch", id=job, changes={"hold": True})

    def release(self) -> str | None:
        job = self._job("held")
        return job and self._ask(do="patch", id=job, changes={"hold": False})

    def reorder(self) -> str | None:
        job = self._job("queued")
        priority = self.random.randint(-5, 5)
        return job and self._ask(do="patch", id=job, changes={"priority": priority})

    def delete(self) -> str | None:
        if (job := self._job("succeeded")) is None:
            return None
        self.world.acknowledged.pop(job, None)
        return self._ask(do="delete", id=job)

    def read(self) -> str | None:
        """A page that is loaded anew: everything can be read, and nothing is shown that the run
        directories do not carry."""
        before = self.world.states()
        jobs = {job.id: job for job in Listing(self.world.workspace).all()}
        after = self.world.states()
        for job, state in after.items():
            if before.get(job) == state:
                assert jobs[job].state == state["state"], (jobs[job], state)
        return f"{len(jobs)} jobs"

    # -- kills -----------------------------------------------------------------------------------

    def start_server(self) -> str | None:
        if len(self.world.servers) >= 2:
            return None
        self.world.start_server()
        return f"{len(self.world.servers)} alive"

    def kill_server(self) -> str | None:
        if not self.world.servers:
            return None
        server = self.random.choice(self.world.servers)
        self.world.servers.remove(server)
        server.kill()
        return f"{len(self.world.servers)} left"

    def freeze_server(self) -> str | None:
        """One that hangs, maybe with the queue lock in hand."""
        if not self.world.servers:
            return None
        pid = self.random.choice(self.world.servers).process.pid
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.5)
        os.kill(pid, signal.SIGCONT)
        return "for 0.5 s"

    def _kill_one(self, kind: str) -> str | None:
        victims = self._processes(kind)
        self.world.kill(victims[:1])
        return f"{victims[0]}" if victims else None

    def kill_supervisor(self) -> str | None:
        return self._kill_one("supervisor")

    def kill_worker(self) -> str | None:
        return self._kill_one("worker")

    def kill_child(self) -> str | None:
        return self._kill_one("child")

    def kill_a_job(self) -> str | None:
        """All its processes at nearly the same moment, in any order."""
        if (job := self._job("starting", "running", "stopping")) is None:
            return None
        victims = [
            one for one in self.world.processes() if self.world.tokens().get(one.token) == job
        ]
        self.random.shuffle(victims)
        self.world.kill(victims)
        return f"{job}: {[victim.kind for victim in victims]}" if victims else None

    def kill_everything(self) -> str | None:
        """The end of the machine, as far as processes can tell."""
        self.world.kill_servers()
        self.world.kill_jobs()
        return "servers and jobs"

    def kill_while_saving(self) -> str | None:
        """While a checkpoint is half written: the worker, its supervisor, or both."""
        if (job := self._job("running")) is None:
            return None
        folder = self.world.run_dir(job) / "checkpoints"
        limit = time.monotonic() + 1.0
        while time.monotonic() < limit:
            half = [p for p in folder.glob("checkpoint-*") if not (p / checkpoints.SEAL).exists()]
            if half:
                kinds = self.random.choice([("worker",), ("supervisor",), ("supervisor", "worker")])
                self.world.kill([p for p in self.world.processes() if p.kind in kinds])
                return f"{half[0].name} of {job}, {kinds}"
            time.sleep(0.001)
        return None

    # -- a real Jupyter server -------------------------------------------------------------------

    def start_jupyter(self) -> str | None:
        if self.world.jupyter is None or self.world.jupyter.alive:
            return None
        self.world.jupyter.start()
        return "alone" if not self.world.servers else "beside others"

    def kill_jupyter(self) -> str | None:
        if self.world.jupyter is None or not self.world.jupyter.alive:
            return None
        self.world.jupyter.kill()
        return f"{len(self.world.servers)} others left"

    def use_jupyter(self) -> str | None:
        """What a page does when it is loaded, or a person who clicks on a job."""
        if self.world.jupyter is None or not self.world.jupyter.alive:
            return None
        ask = self.world.jupyter.ask
        shown = ask("GET", "jobs?limit=200")["items"]
        assert {job["id"] for job in shown} >= set(self.world.acknowledged)
        if not shown:
            return "no jobs"
        job = self.random.choice(sorted(job["id"] for job in shown))
        verb, path, body = self.random.choice(
            [
                ("GET", f"jobs/{job}", None),
                ("GET", f"jobs/{job}/events?after=0", None),
                ("GET", f"jobs/{job}/log?tail=20", None),
                ("POST", f"jobs/{job}/stop", {"save": True}),
                ("POST", f"jobs/{job}/resume", {}),
                ("PATCH", f"jobs/{job}", {"priority": 3}),
            ]
        )
        return f"{verb} {path}: {str(ask(verb, path, body))[:80]}"

    # -- files and clocks ------------------------------------------------------------------------

    def tear_an_event(self) -> str | None:
        """A machine that goes down may leave half a line."""
        if (job := self._job("running")) is None:
            return None
        self.world.kill_jobs()
        path = self.world.run_dir(job) / "events.jsonl"
        self.world.torn[job] += 1
        with path.open("ab") as file:
            file.write(b'{"kind": "metric", "attempt": 1, "val')
        return job

    def damage_checkpoint(self) -> str | None:
        """Cut a file of the newest checkpoint short."""
        jobs = sorted(self.world.states())
        self.random.shuffle(jobs)
        for job in jobs:
            good = checkpoints.newest_good(self.world.run_dir(job) / "checkpoints")
            if good:
                with contextlib.suppress(OSError):
                    os.truncate(good / "optimizer", 10)
                    return f"{good.name} of {job}"
        return None

    def reuse_a_pid(self) -> str | None:
        """The pids of a killed job now belong to somebody else, who must not be touched."""
        if (job := self._job("running")) is None:
            return None
        self.world.kill_servers()
        self.world.kill_jobs()
        state = self.world.states()[job]
        with subprocess.Popen(["sleep", "600"], start_new_session=True) as stranger:
            forged = {**identity.place(), "pid": stranger.pid, "start_ticks": 1}
            number = int(state["attempt"])
            protocol.update_attempt(
                self.world.run_dir(job), number, supervisor=forged, worker=forged
            )
            try:
                self.world.start_server()
                chaos_rules.check(self.world)
                assert stranger.poll() is None, "a stranger was killed"
            finally:
                stranger.kill()
        return job

    def jump_the_clock(self) -> str | None:
        """All that starts from now on lives up to a day earlier or later."""
        self.world.clock_s = self.random.uniform(-86400, 86400)
        self.world.kill_servers()
        self.world.start_server()
        return f"{self.world.clock_s:.0f} s"

    def write_protect(self) -> str | None:
        """A run directory that cannot be written for a while."""
        if (job := self._job("starting", "running", "queued")) is None:
            return None
        run_dir = self.world.run_dir(job)
        folders = [run_dir, run_dir / "attempts", run_dir / "checkpoints"]
        self._hurt(job)
        if subprocess.run(["chattr", "+i", *folders], capture_output=True, check=False).returncode:
            subprocess.run(["chattr", "-i", *folders], capture_output=True, check=False)
            return None
        try:
            time.sleep(self.random.uniform(0.1, 1.0))
        finally:
            subprocess.run(["chattr", "-i", *folders], capture_output=True, check=False)
        return job

    def fill_disk(self) -> str | None:
        """To the last byte, for a while."""
        for job in self.world.states():
            self._hurt(job)
        ballast = fill(Path(self.world.workspace).parent)
        time.sleep(self.random.uniform(0.2, 1.5))
        ballast.unlink()
        return "and freed"

    def _hurt(self, job: str) -> None:
        if job in self.world.acknowledged:
            self.world.acknowledged[job].hurt = True
