"""Fills the disk to the last byte on its first attempt."""

from __future__ import annotations

from ftstudio_ext.jobs.worker import WorkerRun, main


def work(run: WorkerRun) -> None:
    if run.attempt > 1:
        return
    with (run.result_dir / "big").open("wb", buffering=0) as file:
        size = 1 << 16
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
        file.write(b"x")


if __name__ == "__main__":
    main(work)
