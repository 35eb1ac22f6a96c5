"""What a Jupyter server does for the jobs of a workspace, without the HTTP.

It looks after the jobs, and takes requests as lines of JSON on standard input:
`{"do": "submit", "spec": {…}}`, `{"do": "stop", "id": "…", "save": true}`. Each is answered by a
line with the job's id and state, or with an error. `python -m server <workspace> <interval>`.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.jobs.service import JobService
from ftstudio_ext.schema.jobs import JobPatch, JobSpec


def look_after(service: JobService, interval_s: float) -> None:
    while True:
        try:
            service.reconcile()
        except (OSError, StudioError) as error:
            print(f"reconciling: {error}", file=sys.stderr, flush=True)
        time.sleep(interval_s)


def do(service: JobService, request: dict[str, Any]) -> dict[str, Any]:
    match request["do"]:
        case "submit":
            job = service.submit(JobSpec.model_validate(request["spec"]), hold=request["hold"])
        case "stop":
            job = service.stop(request["id"], save=request["save"])
        case "resume":
            job = service.resume(request["id"])
        case "patch":
            job = service.patch(request["id"], JobPatch.model_validate(request["changes"]))
        case "delete":
            service.delete(request["id"])
            return {"id": request["id"], "state": "deleted"}
        case other:
            raise ValueError(other)
    return {"id": job.id, "state": job.state}


def open_service(workspace: Path) -> JobService:
    """A disk that is full for a moment must not end the server."""
    while True:
        try:
            return JobService(workspace)
        except OSError as error:
            print(f"opening: {error}", file=sys.stderr, flush=True)
            time.sleep(0.1)


def main() -> None:
    service = open_service(Path(sys.argv[1]))
    threading.Thread(target=look_after, args=(service, float(sys.argv[2])), daemon=True).start()
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            answer = do(service, json.loads(line))
        except (OSError, StudioError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    threading.Event().wait()


main()
