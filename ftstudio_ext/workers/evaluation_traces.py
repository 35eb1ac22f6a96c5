"""A sample of an evaluation's rows as MLflow traces with assessments: MLflow's own page shows two
systems row by row when both have the same inputs. It costs a quarter of a second a row, so that
the full table is an artifact, and only some rows are traced."""

from __future__ import annotations

import os
import random
from typing import Any

from ftstudio_ext.schema.evaluation_results import Metrics, SystemInfo

from .evaluation_answers import Task

_SETTINGS = {"MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool", "MLFLOW_GENAI_EVAL_MAX_WORKERS": "1"}
"""With MLflow's defaults, SQLite loses traces and takes six times as long."""

Place = tuple[str, int]


def traced_places(task: Task, metrics: Metrics) -> list[Place]:
    """The first rows, those on which the best adapter does worst, and random ones: the same for
    all systems."""
    places = [question.place for question in task.asked]
    count = min(task.spec.mlflow.traced_rows, len(places))
    if count == len(places):
        return places
    system = metrics.verdicts[0].system if metrics.verdicts else metrics.systems[0].key
    info = next(info for info in metrics.infos if info.key == metrics.primary_metric)
    sign = -1 if info.better == "lower" else 1

    def goodness(place: Place) -> float:
        value = task.rows.rows[(system, *place)].scores.get(info.key)
        return float("inf") if value is None else sign * value

    chosen = places[: count // 3]
    worst = [place for place in sorted(places, key=goodness) if place not in chosen]
    chosen += worst[: count // 3]
    others = [place for place in places if place not in chosen]
    rng = random.Random(f"ftstudio traces {task.spec.seed}")
    return chosen + rng.sample(others, count - len(chosen))


def trace_sample(
    uri: str,
    experiment: str,
    run_id: str,
    task: Task,
    metrics: Metrics,
    system: SystemInfo,
    places: list[Place],
) -> None:
    """Log some rows of a system to its run, with the scores that they have."""
    os.environ.update(_SETTINGS)
    import mlflow

    asked = {question.place: question for question in task.asked}
    data = [
        {
            "inputs": {"row": f"{place[0]} {place[1]}", "prompt": asked[place].prompt},
            "outputs": task.rows.rows[(system.key, *place)].answer,
            "expectations": {"expected_response": asked[place].expected},
        }
        for place in places
    ]
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment(experiment_id=experiment)
    with mlflow.start_run(run_id=run_id):
        mlflow.genai.evaluate(data=data, scorers=_scorers(task, metrics, system.key, places))


def _scorers(task: Task, metrics: Metrics, system: str, places: list[Place]) -> list[Any]:
    """Our scores in the shape that MLflow wants: nothing is computed again."""
    from mlflow.entities import Feedback
    from mlflow.genai.scorers import scorer

    rows = {f"{place[0]} {place[1]}": task.rows.rows[(system, *place)] for place in places}

    def known(info: Any) -> Any:
        @scorer(name=info.key)  # type: ignore[untyped-decorator]
        def score(inputs: dict[str, Any]) -> Any:
            row = rows[inputs["row"]]
            note = row.notes.get(info.scorer)
            return Feedback(name=info.key, value=row.scores[info.key], rationale=note)

        return score

    wanted = [info for info in metrics.infos if info.per_row]
    judged = [i for i in wanted if all(r.scores.get(i.key) is not None for r in rows.values())]
    return [known(info) for info in judged]
