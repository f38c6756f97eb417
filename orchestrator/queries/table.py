"""One row per trial, flat, for spreadsheets and data frames."""

from collections import Counter
from collections.abc import Iterator, Mapping

from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.records import Answer
from orchestrator.queries.record import CampaignRecord
from orchestrator.queries.units import axis_unit, signal_unit

Cell = str | float | int | None
Row = Mapping[str, Cell]


def table(record: CampaignRecord) -> tuple[Row, ...]:
    """Return the rows of a campaign's table.

    Every row has the same columns in the same order; a column's unit stands in brackets: ``reading.ion_chamber [nA]``. A
    cell is None where the trial has no such thing.
    """
    rows = [dict(_cells(record.state, trial)) for trial in record.trials]
    columns = _columns(rows)
    return tuple({column: row.get(column) for column in columns} for row in rows)


def joined(tables: Mapping[tuple[str, str], tuple[Row, ...]]) -> tuple[Row, ...]:
    """Return several parts' tables as one, with columns ``sample`` and ``stage``.

    Args:
        tables: Each part's table, by sample and stage.
    """
    rows = [{"sample": sample, "stage": stage, **row} for (sample, stage), table in tables.items() for row in table]
    columns = _columns(rows)
    return tuple({column: row.get(column) for column in columns} for row in rows)


_GROUPS = (
    "setpoint",
    "readback",
    "reading",
    "reading_sd",
    "array",
    "file",
    "dataset",
    "frame",
    "waited",
    "score",
    "score_sd",
    "part",
    "predicted",
    "predicted_sd",
)


def _columns(rows: list[dict[str, Cell]]) -> tuple[str, ...]:
    """Return every column any row has: the trial's own first, then group by group in the order first met."""
    met = list(dict.fromkeys(column for row in rows for column in row))
    return tuple(sorted(met, key=lambda column: _rank(column.split(".", 1)[0])))


def _rank(group: str) -> int:
    if group in _GROUPS:
        return 1 + _GROUPS.index(group)
    return 0 if group in _FIRST else len(_GROUPS) + 1


_FIRST = ("sample", "stage", "trial", "kind", "status", "agent", "role")


def _cells(state: CampaignState, trial: Trial) -> Iterator[tuple[str, Cell]]:
    yield from (("trial", trial.number), ("kind", str(trial.kind)), ("status", str(trial.status)))
    yield from (("agent", trial.agent), ("role", trial.role))
    for name, value in trial.point.items():
        yield _named("setpoint", name, axis_unit(state, name)), value
    yield from _observed(state, trial)
    yield from _scored(state, trial)
    yield "attempt", trial.attempt or None
    yield from _used(state, trial)
    yield "suggested_at", trial.suggested_at.isoformat()
    yield from _run(trial)
    yield "verdicts", _verdicts(trial)
    for step, seconds in trial.evidence.seconds.items():
        yield f"{step} [s]", seconds
    yield "why", trial.evidence.reason
    yield "note", trial.note


def _observed(state: CampaignState, trial: Trial) -> Iterator[tuple[str, Cell]]:
    seen = trial.observation
    if seen is None:
        return
    for name, value in seen.readback.items():
        yield _named("readback", name, axis_unit(state, name)), value
    for name, value in seen.readings.items():
        yield _named("reading", name, signal_unit(state, name)), value
    for name, value in seen.sds.items():
        yield _named("reading_sd", name, signal_unit(state, name)), value
    for name, ref in seen.arrays.items():
        yield _named("array", name, "sha256"), ref.sha256
    for name, refs in seen.files.items():
        yield f"file.{name}", "; ".join(ref.uri for ref in refs)
        yield f"dataset.{name}", "; ".join(dict.fromkeys(ref.dataset or ref.template for ref in refs))
        yield f"frame.{name}", "; ".join(ref.numbers for ref in refs)
        yield _named("waited", name, "s"), round(seen.waited_s.get(name, 0.0), 3)


def _scored(state: CampaignState, trial: Trial) -> Iterator[tuple[str, Cell]]:
    for objective in state.objectives:
        unit = objective.unit
        score = None if trial.score is None else trial.score.objectives.get(objective.name)
        predicted = trial.evidence.predicted.get(objective.name)
        yield _named("score", objective.name, unit), None if score is None else score.value
        yield _named("score_sd", objective.name, unit), None if score is None else score.sd
        for part, value in {} if score is None else score.parts.items():
            yield f"part.{objective.name}.{part}", value
        if predicted is not None:
            yield _named("predicted", objective.name, unit), predicted.mean
            yield _named("predicted_sd", objective.name, unit), predicted.sd


def _run(trial: Trial) -> Iterator[tuple[str, Cell]]:
    seen = trial.observation
    if seen is None:
        return
    yield from (("started_at", seen.started_at.isoformat()), ("finished_at", seen.finished_at.isoformat()))
    yield "dead [s]", seen.dead_s
    yield from (("exposure [s]", seen.exposure_s), ("dose", seen.dose), ("run_uid", seen.run_uid), ("scan_id", seen.scan_id))


def _used(state: CampaignState, trial: Trial) -> Iterator[tuple[str, Cell]]:
    """Yield the trials whose dark, calibration and alignment it used, a column for each kind, or for each of several of one kind."""
    kept = [routine for routine in state.spec.every if routine.kind not in (None, "reference")]
    kinds = Counter(routine.kind for routine in kept)
    for routine in kept:
        yield f"{routine.kind}" if kinds[routine.kind] == 1 else f"{routine.kind}.{routine.id}", trial.uses.get(routine.id)


def _verdicts(trial: Trial) -> str:
    """Return what guardians had to say against it."""
    spoken = (verdict for verdict in trial.verdicts if verdict.answer is not Answer.ALLOW)
    return "; ".join(f"{verdict.guardian}: {verdict.answer}: {verdict.reason}" for verdict in spoken)


def _named(group: str, name: str, unit: str) -> str:
    return f"{group}.{name} [{unit}]" if unit else f"{group}.{name}"
