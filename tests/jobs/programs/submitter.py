"""Submits jobs as a server would, says so, and waits to be killed."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from ftstudio_ext.jobs.service import JobService
from ftstudio_ext.schema.jobs import JobSpec

service = JobService(Path(sys.argv[1]))
for line in json.loads(sys.argv[2]):
    service.submit(JobSpec.model_validate(line))
print("submitted", flush=True)
time.sleep(600)
