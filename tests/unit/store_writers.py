"""Writers that the store's tests start as processes of their own, and kill."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

from ftstudio_ext.core.errors import Conflict
from ftstudio_ext.schema.presets import Preset
from ftstudio_ext.store.database import Database
from ftstudio_ext.store.ids import new_id


def write_forever(path: Path, acknowledged: Path, seed: int) -> None:
    """Insert, change and delete at random; note in `acknowledged`, one JSON line each, what the
    store has said to be saved. The documents grow and shrink, as does the file."""
    rng = random.Random(seed)
    presets = Database(path).collection("presets", Preset)
    known = [preset.id for preset in presets.find()]
    log = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def acknowledge(verb: str, preset_id: str, revision: int) -> None:
        os.write(log, json.dumps([verb, preset_id, revision]).encode() + b"\n")

    while True:
        filler = "x" * rng.randrange(20_000)
        action = rng.random()
        if action < 0.5 or not known:
            preset = new_preset(filler)
            known.append(preset.id)
            acknowledge("saved", presets.insert(preset).id, 1)
        elif action < 0.9:
            changed = presets.update(rng.choice(known), {"config": {"filler": filler}})
            acknowledge("saved", changed.id, changed.revision)
        else:
            gone = known.pop(rng.randrange(len(known)))
            acknowledge("deleting", gone, 0)
            presets.delete(gone)
            acknowledge("deleted", gone, 0)


def insert_and_count(path: Path, name: str, count: int) -> None:
    """Insert `count` presets of one's own, and raise a counter that all writers share by one for
    each: by optimistic concurrency, as two browser windows would."""
    presets = Database(path, lock_timeout_s=60).collection("presets", Preset)
    for number in range(count):
        presets.insert(new_preset(name=f"{name} {number}"))
        while True:
            counter = presets.get("counter")
            try:
                value = counter.config["value"] + 1
                presets.update("counter", {"config": {"value": value}}, revision=counter.revision)
                break
            except Conflict:
                continue


def new_preset(filler: str = "", name: str | None = None) -> Preset:
    preset_id = new_id("pre")
    return Preset(id=preset_id, name=name or preset_id, kind="lora", config={"filler": filler})
