"""A real Slurm of one node, from Debian's packages: munged, slurmctld and slurmd with their own
files, ports and socket in a folder of their own, and two GPUs that are device nodes only."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PACKAGES = ("slurmctld", "slurmd", "slurm-client", "munge")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol")
CONF = """
ClusterName=ftstudio
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={home}/munge.socket,cred_expire=1
CredType=cred/munge
SlurmctldPort={controller}
SlurmdPort={node}
SlurmctldPidFile={home}/slurmctld.pid
SlurmdPidFile={home}/slurmd.pid
SlurmctldLogFile={home}/slurmctld.log
SlurmdLogFile={home}/slurmd.log
SlurmdSpoolDir={home}/spool
StateSaveLocation={home}/state
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/builtin
SchedulerParameters=sched_min_interval=50000,batch_sched_delay=0
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
KillWait=2
MinJobAge=2
JobRequeue=1
NodeName={host} NodeAddr=127.0.0.1 CPUs=8 RealMemory=1000 Gres=gpu:2 State=UNKNOWN
PartitionName=short Nodes={host} Default=YES MaxTime=60 State=UP
"""


def install() -> None:
    """Have Slurm's programs, or skip with the reason why not."""
    os.environ["PATH"] += os.pathsep + "/usr/sbin"
    if all(shutil.which(name) for name in PROGRAMS):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip("Slurm is not installed: apt-get install slurmctld slurmd slurm-client munge")
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends"]):
        packages = PACKAGES if command[0] == "install" else ()
        done = subprocess.run(
            ["apt-get", *command, *packages],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            pytest.skip(f"Slurm cannot be installed: {done.stderr.strip()[-300:]}")


@contextmanager
def cluster(home: Path) -> Iterator[Path]:
    """Start it; yields slurm.conf. Only root can: jobs run as the user who submits them."""
    if os.geteuid() != 0:
        pytest.skip("A Slurm of one's own needs root.")
    install()
    conf = _configure(home)
    daemons: list[subprocess.Popen[bytes]] = []
    try:
        daemons.append(_munged(home))
        _wait(lambda: (home / "munge.socket").exists(), home / "munged.log")
        for command in (["slurmctld", "-D", "-i"], ["slurmd", "-D"]):
            daemons.append(_start(home, [*command, "-f", str(conf)], command[0]))
        env = {**os.environ, "SLURM_CONF": str(conf)}
        ready = ["sinfo", "--noheader", "--format=%T"]
        _wait(
            lambda: subprocess.run(ready, env=env, capture_output=True).stdout.strip() == b"idle",
            home / "slurmctld.out",
        )
        yield conf
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
        for daemon in daemons:
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()


def _configure(home: Path) -> Path:
    home.chmod(0o755)  # munge refuses folders that others may write to
    for name in ("spool", "state"):
        (home / name).mkdir()
    (home / "munge.key").write_bytes(os.urandom(128))
    (home / "munge.key").chmod(0o600)
    gpus = []
    for number in range(2):
        os.mknod(home / f"gpu{number}", 0o666 | 0o020000, os.makedev(1, 3))
        gpus.append(f"Name=gpu File={home}/gpu{number}\n")
    (home / "gres.conf").write_text("".join(gpus))
    controller, node = _free_ports(2)
    conf = home / "slurm.conf"
    conf.write_text(
        CONF.format(
            home=home,
            host=socket.gethostname().split(".")[0],
            controller=controller,
            node=node,
        )
    )
    return conf


def _munged(home: Path) -> subprocess.Popen[bytes]:
    files = {"key-file": "key", "socket": "socket", "pid-file": "pid", "seed-file": "seed"}
    options = [f"--{option}={home}/munge.{suffix}" for option, suffix in files.items()]
    return _start(home, ["munged", "--foreground", "--force", *options], "munged")


def _start(home: Path, command: list[str], name: str) -> subprocess.Popen[bytes]:
    with (home / f"{name}.out").open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=home)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _wait(ready, log: Path, seconds: float = 60.0) -> None:
    limit = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > limit:
            said = log.read_text(errors="replace")[-2000:] if log.exists() else "nothing"
            raise AssertionError(f"Slurm did not start; {log.name} says: {said}")
        time.sleep(0.1)
