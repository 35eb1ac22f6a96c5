"""Lets processes of the chaos test live at another time of day: `CHAOS_CLOCK_S` seconds off."""

import os

if os.environ.get("CHAOS_CLOCK_S"):
    from datetime import UTC, datetime, timedelta

    from ftstudio_ext.jobs import protocol

    offset = timedelta(seconds=float(os.environ["CHAOS_CLOCK_S"]))
    protocol.now_text = lambda: (datetime.now(UTC) + offset).isoformat()
