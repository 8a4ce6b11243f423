"""Where to act: the steps of screening at which most persons are overdue, in a table and in words."""

from __future__ import annotations

import pandas as pd

from . import numbers
from .cascades import step_kinds
from .labels import column_name, listed, lower_first
from .layout import Column, Row, build, head
from .markup import ReaderTable
from .rows import records
from .tables_of_registers import word
from .wording import text

UNVERIFIED = "‡"  # of a limit
_FEW = 3
_OTHERS = ("anemia",)  # programs of other pages
_COLUMNS = [
    *("act_rank", "program", "step", "due_days", "needed"),
    *("overdue", "to_follow", "refused", "lost_sight", "limit_verified"),
]


def where_to_act(timely: pd.DataFrame, cascades: pd.DataFrame, yearly: pd.DataFrame) -> pd.DataFrame:
    """Rank the steps of screening by the persons who are overdue, or lost where no date is known.

    Parameters
    ----------
    timely, cascades : pandas.DataFrame
        Tables of `mchepi.outcomes.screening_register`; empty without registers.
    yearly : pandas.DataFrame
        What `each_cascade` gives; used for the programs that no register holds.

    Returns
    -------
    pandas.DataFrame
        One row a step, most persons first: act_rank, program, step, due_days, needed, overdue, to_follow (who
        stands on the worklist), refused and lost_sight (of these), limit_verified. Of yearly counts only the
        lost are known.

    Examples
    --------
    >>> yearly = pd.DataFrame({"program": "breast", "step": ["women_breast_screen_positive",
    ...                        "women_breast_assessed"], "persons": [540, 500]})
    >>> nothing = pd.DataFrame({"program": []})
    >>> where_to_act(nothing, nothing, yearly)[["step", "needed", "overdue"]].values.tolist()
    [['women_breast_assessed', 540, 40]]
    """
    rows = [
        {
            "program": row["program"],
            "step": row["due_step"],
            "due_days": row["by"],
            "needed": row["persons"],
            **{name: row[name] for name in _COLUMNS[5:]},
        }
        for row in records(timely)
    ]
    limited = {(row["program"], row["step"]) for row in rows}
    limited |= {(program, "rescreened") for program, _ in limited}  # overdue there is overdue for diagnosis
    rows += [
        {"program": row["program"], "step": row["step"], "needed": row["needed"], "overdue": row["lost"]}
        for row in records(cascades)
        if (row["program"], row["step"]) not in limited
    ]
    held = {str(row["program"]).partition("_")[0] for row in rows}
    rows += [row for row in _of_years(yearly) if row["program"] not in held]
    found = pd.DataFrame([row for row in rows if row["overdue"]], columns=_COLUMNS)
    found = found.sort_values("overdue", ascending=False, kind="stable", ignore_index=True)
    return found.assign(act_rank=range(1, len(found) + 1))


def _of_years(yearly: pd.DataFrame) -> list[dict[str, object]]:
    """The steps of yearly counts which not all of the step before took."""
    found: list[dict[str, object]] = []
    for program, frame in yearly[~yearly["program"].isin(_OTHERS)].groupby("program", sort=False):
        kinds, before = step_kinds(str(program)), None
        for row in records(frame):
            if numbers.is_missing(row["persons"]):
                continue
            now = int(row["persons"])
            if before is not None and kinds[row["step"]] == "passed":
                lost = before - now
                found.append({"program": program, "step": row["step"], "needed": before, "overdue": lost})
            before = now
    return found


def act_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out where to act: numbers, never who.

    Examples
    --------
    >>> act_table(pd.DataFrame({"act_rank": []}), "en").rows
    ()
    """
    by_date = "to_follow" in frame and bool(frame["to_follow"].notna().any())
    columns: list[Column] = [
        (head("order", lang), False, lambda row: str(row["act_rank"])),
        (head("program", lang), False, lambda row: _program(row, lang, marked=by_date)),
        (head("step", lang), False, lambda row: _step(row, lang)),
        (head("needed", lang), True, lambda row: numbers.count(row["needed"], lang)),
        (
            head("overdue" if by_date else "not done", lang),
            True,
            lambda row: numbers.count(row["overdue"], lang),
        ),
        (head("share overdue", lang), True, _share),
    ]
    if by_date:
        columns.append((head("to follow", lang), True, lambda row: to_follow_text(row, lang)))
    rows = records(frame)
    doubtful = by_date and any(row["limit_verified"] is False for row in rows)
    return build(rows, columns, [text("screening.unverified", lang)] if doubtful else [], merge=False)


def to_follow_text(row: Row, lang: str) -> str:
    r"""Those who can still be called, and how many of them refused or were lost sight of before.

    Examples
    --------
    >>> to_follow_text({"to_follow": 10, "refused": 2, "lost_sight": 1}, "en")
    '10\n2 refused\n1 lost sight of'
    """
    if numbers.is_missing(row["to_follow"]):
        return numbers.MISSING
    said = [
        text(f"act.{name}", lang, count=numbers.count(row[name], lang))
        for name in ("refused", "lost_sight")
        if row[name]
    ]
    return "\n".join([numbers.count(row["to_follow"], lang), *said])


def _program(row: Row, lang: str, *, marked: bool) -> str:
    name = text(f"program.{row['program']}", lang)
    by_year = _is_counted(row) and marked
    return text("act.of years", lang, name=name) if by_year else name


def _is_counted(row: Row) -> bool:
    """Whether a step is a column of the yearly counts, not a step of a register."""
    return bool(word(row["step"], "zh") == row["step"])


def _step(row: Row, lang: str) -> str:
    if _is_counted(row):
        return column_name(row["step"], lang)
    return word(row["step"], lang) if numbers.is_missing(row["due_days"]) else due_text(row, lang)


def due_text(row: Row, lang: str) -> str:
    """A step with its limit, marked where that was not verified.

    Examples
    --------
    >>> due_text({"step": "screened", "due_days": 20.0, "limit_verified": False}, "en")
    'screen (by day 20)‡'
    """
    step = word(row["step"], lang)
    said = text("screening.due", lang, step=step, days=numbers.count(round(row["due_days"]), lang))
    return said if row["limit_verified"] else said + UNVERIFIED


def _share(row: Row) -> str:
    return f"{numbers.quotient(row['overdue'], row['needed'], per=100, decimals=1)}%"


def act_sentences(frame: pd.DataFrame, *, lang: str) -> list[str]:
    """Say what the ranking can tell and what it cannot, and where the names are.

    Examples
    --------
    >>> act_sentences(pd.DataFrame({"act_rank": []}), lang="en")
    []
    """
    if frame.empty:
        return []
    counted = [_is_counted(row) for row in records(frame)]
    said = [text("act.meaning", lang)]
    said += [text("act.register", lang)] if not all(counted) else []
    said += [text("act.yearly", lang)] if any(counted) else []
    return said


def act_finding(frame: pd.DataFrame, lang: str) -> str:
    """Name the few steps of registers at which most persons are overdue, and how many of them can be called.

    Examples
    --------
    >>> frame = pd.DataFrame({"program": ["hearing"], "step": ["diagnosed"], "overdue": [11],
    ...                       "to_follow": [10], "act_rank": [1], "limit_verified": [True]})
    >>> act_finding(frame, "en")
    'Overdue by the registers, all years: newborn hearing screening, diagnosis: 11 (10 can be called).'
    """
    items = [_item(row, lang) for row in records(frame) if not _is_counted(row)][:_FEW]
    return text("act.finding", lang, items=listed(items, lang)) if items else ""


def _item(row: Row, lang: str) -> str:
    said = {
        "program": _in_sentence(text(f"program.{row['program']}", lang), lang),
        "step": word(row["step"], lang),
        "count": numbers.count(row["overdue"], lang),
    }
    if numbers.is_missing(row["to_follow"]):
        return text("act.item without limit", lang, **said)
    key = "act.item" if row["limit_verified"] else "act.item unverified"
    return text(key, lang, **said, follow=numbers.count(row["to_follow"], lang))


def _in_sentence(name: str, lang: str) -> str:
    return lower_first(name) if lang == "en" else name
