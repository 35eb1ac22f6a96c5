"""What a Jupyter server does for the jobs of a workspace, without the HTTP: submits, looks after.

Requests come as lines of JSON on standard input: `{"spec": …, "hold": …}`, answered by a line
with the job's id or the error. `python -m server <workspace> <interval>`.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.jobs.service import JobService
from ftstudio_ext.schema.jobs import JobSpec


def look_after(service: JobService, interval_s: float) -> None:
    while True:
        try:
            service.reconcile()
        except (OSError, StudioError) as error:
            print(f"reconciling: {error}", file=sys.stderr, flush=True)
        time.sleep(interval_s)


def answer(service: JobService, line: str) -> dict[str, object]:
    request = json.loads(line)
    try:
        job = service.submit(JobSpec.model_validate(request["spec"]), hold=request.get("hold"))
    except (OSError, StudioError) as error:
        return {"error": str(error)}
    return {"id": job.id}


def main() -> None:
    service = JobService(Path(sys.argv[1]))
    threading.Thread(target=look_after, args=(service, float(sys.argv[2])), daemon=True).start()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(service, line)), flush=True)
    threading.Event().wait()


main()
