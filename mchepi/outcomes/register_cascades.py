"""The cascade of a program from its register, where not everyone has to take every step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes._event_times import beta_product_limits, log_log_limits
from mchepi.outcomes._records import read, refuse_unshown
from mchepi.stats import proportion
from mchepi.stats._validate import FloatArray, Mask, align, check_amounts, check_level

if TYPE_CHECKING:
    import pandas as pd


def register_cascade(
    steps: Mapping[str, Any],
    *,
    needed: Mapping[str, Any] | None = None,
    due: Mapping[str, float] | None = None,
    observed: Any = None,
    left: Any = None,
    per: float = 1,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    r"""Share of persons (times `per`) who take each step of those who need it, and all steps so far.

    Not everyone goes on: a newborn with a negative screen needs no second one. Such persons leave the cascade
    without being lost. Whoever needs a step and has no date for it is lost there, once the time for it has
    run out.

    Parameters
    ----------
    steps : mapping of str to array or Series of float
        For each step, in order, the days from the start to it, NaN where it has no date; one element a
        person. Everyone in the register needs the first step.
    needed : mapping of str to array or Series of bool, optional
        Who, of those who took the step before, needs this one (a positive result); missing where the result
        is not known. A step that is not named is needed by all who took the one before.
    due : mapping of str to float, optional
        The day from the start by which each step is due; a step that is not named is due with the next one
        that is. Without it the time for every step has run out for everyone.
    observed : array or Series of float, optional
        Days from the start for which each person was watched; asked for with `due`.
    left : array or Series of bool, optional
        True where watching ended because the person died or moved away.
    per : float
        The unit: 100 gives percent.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    pandas.DataFrame
        One row a step: step, needed, persons (who took it), lost (not taken, though watched until it was
        due), not_yet_due (not taken, and watched for less), gone (died or moved away before it was due),
        which four add up to needed; finished (took the step before, and needed no more), unknown (took the
        step before; not known whether this was needed, or how long they were watched); watched, taken: of
        those who needed it, who were watched until it was due, and who of them took it, whenever; step_value,
        step_lower, step_upper (taken of watched, Wilson), cumulative_value, cumulative_lower,
        cumulative_upper, method (of the cumulative limits), note. Before the first step nobody has finished.

    Raises
    ------
    ValueError
        No step, a name in `needed` that is no step or is the first one, a `due` that names no step, not the
        last one or comes without `observed`, negative days, unequal lengths.

    Notes
    -----
    With :math:`n_i` who need step :math:`i` and were watched until it was due, and :math:`d_i` of them who
    take it, the cumulative value is :math:`\prod_{j \le i} d_j / n_j`: the chance that someone who needs all
    steps up to this one takes them all, if those who needed more were lost no more often than the others.
    Where nobody finishes early and everyone's time has run out it is :math:`d_i / n_1`, as in `cascade`. Its
    limits are Greenwood's on the log-log scale; where nobody was lost or all were, beta products.

    Those watched for less are left out of the shares whether they took the step or not: of them only the
    quick have taken it. `timeliness` uses them too.

    A step counts as taken only after all earlier ones; the note tells how many of the lost have a later one,
    whose earlier date is likely to be missing in the register only.

    References
    ----------
    Greenwood M (1926). The natural duration of cancer. Reports on Public Health and Medical Subjects 33.
    London: HMSO.

    Examples
    --------
    Constructed: 40 newborns, two of them not screened; four positive, of whom three came again.

    >>> import numpy as np
    >>> from mchepi.outcomes import register_cascade
    >>> screened = np.array([3.0] * 38 + [np.nan] * 2)
    >>> positive = np.array([True] * 4 + [False] * 34 + [None] * 2, dtype=object)
    >>> again = np.array([30.0] * 3 + [np.nan] * 37)
    >>> found = register_cascade(
    ...     {"screened": screened, "rescreened": again}, needed={"rescreened": positive}, per=100
    ... )
    >>> found[["step", "needed", "persons", "lost", "finished", "step_value", "cumulative_value"]]
             step  needed  persons  lost  finished  step_value  cumulative_value
    0    screened      40       38     2         0        95.0             95.00
    1  rescreened       4        3     1        34        75.0             71.25
    """
    import pandas as pd

    level = check_level(confidence_level)
    if not steps:
        raise ValueError("`steps` must hold at least one step; got none. Give a mapping of step to days.")
    limits = _limits(dict(due or {}), list(steps), observed)
    wanted = _needed(dict(needed or {}), list(steps))
    watching = {
        "observed": 0.0 if observed is None else observed,
        "left": False if left is None else _as_numbers(left),
    }
    days_to = {f"days to {name}": days for name, days in steps.items()}
    columns, _, _ = read(**days_to, **wanted, **watching)
    given = dict(zip([*days_to, *wanted, *watching], columns, strict=True))
    for name in (*days_to, "observed"):
        fix = "Correct the dates, or give them as missing."
        refuse_unshown((given[name] < 0) | np.isinf(given[name]), name, "0 or more", fix)
    taken = [np.atleast_1d(given[name]) for name in days_to]
    watched = np.broadcast_to(given["observed"], taken[0].shape)
    gone = np.broadcast_to(given["left"] == 1, taken[0].shape)
    counts = _counts(taken, [given.get(f"needed for {name}") for name in steps], limits, watched, gone)
    n, d = (np.array(counts[name], dtype=float) for name in ("watched", "taken"))
    share = proportion(d, n, confidence_level=level)
    value, lower, upper, methods = _products(n, d, level)
    table = pd.DataFrame({"step": list(steps), **{name: counts[name] for name in _COUNTS}})
    return table.assign(
        **{f"step_{end}": getattr(share, end) * per for end in ("value", "lower", "upper")},
        cumulative_value=value * per,
        cumulative_lower=lower * per,
        cumulative_upper=upper * per,
        method=methods,
        note=[
            "; ".join(
                text
                for holds, text in (
                    (later > 0, f"{later} of the lost have a later step"),
                    (size == 0, "nobody needs it"),
                    (size > 0 and seen == 0, "nobody watched until it was due"),
                )
                if holds
            )
            for later, size, seen in zip(counts["later"], counts["needed"], counts["watched"], strict=True)
        ],
    )


_COUNTS = ("needed", "persons", "lost", "not_yet_due", "gone", "finished", "unknown", "watched", "taken")


def _limits(due: dict[str, float], steps: list[str], observed: Any) -> list[float]:
    """The day by which each step is due: its own, or that of the next step that has one."""
    if not due:
        return [0.0] * len(steps)
    if observed is None:
        raise ValueError("`observed` must be given with `due`; got none. Give the days of watching.")
    for name in due:
        if name not in steps:
            raise ValueError(f"`due` must name steps; got {name!r}. Steps are {', '.join(steps)}.")
    (days,), layout = align(due=list(due.values()))
    check_amounts("due", days, layout, "Give days from the start, 0 or more.")
    if steps[-1] not in due:
        raise ValueError(f"`due` must name the last step, {steps[-1]!r}; got {', '.join(due)}. Add its day.")
    found: list[float] = []
    for name in reversed(steps):
        found.append(float(due.get(name, found[-1] if found else 0.0)))
    return found[::-1]


def _needed(needed: dict[str, Any], steps: list[str]) -> dict[str, Any]:
    for name in needed:
        if name not in steps[1:]:
            why = "everyone needs the first step" if name in steps else f"steps are {', '.join(steps)}"
            raise ValueError(f"`needed` must name steps after the first; got {name!r}. Leave it out: {why}.")
    return {f"needed for {name}": _as_numbers(mask) for name, mask in needed.items()}


def _as_numbers(mask: Any) -> Any:
    """Nullable booleans as numbers with missing, in the layout they came in."""
    import pandas as pd

    if isinstance(mask, pd.Series):
        return mask.astype(object)
    return np.asarray(mask, dtype=object)


def _counts(
    taken: list[FloatArray],
    wanted: list[FloatArray | None],
    due: list[float],
    observed: FloatArray,
    gone: Mask,
) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {name: [] for name in (*_COUNTS, "later")}
    dated = [~np.isnan(days) for days in taken]
    here = np.ones_like(dated[0])
    for i, (done, want) in enumerate(zip(dated, wanted, strict=True)):
        known = np.ones_like(here) if want is None else ~np.isnan(want)
        known = known & (done | ~np.isnan(observed))
        needs = here & known & (np.ones_like(here) if want is None else want == 1)
        later = np.any(dated[i + 1 :], axis=0) if dated[i + 1 :] else np.zeros_like(here)
        over = np.fmax(observed, taken[i]) >= due[i]  # a step shows that its person was watched to it
        for name, group in (
            ("needed", needs),
            ("persons", needs & done),
            ("lost", needs & ~done & over),
            ("not_yet_due", needs & ~done & ~over & ~gone),
            ("gone", needs & ~done & ~over & gone),
            ("finished", here & known & ~needs),
            ("unknown", here & ~known),
            ("watched", needs & over),
            ("taken", needs & over & done),
            ("later", needs & ~done & over & later),
        ):
            found[name].append(int(group.sum()))
        here = needs & done
    return found


def _products(
    n: FloatArray, d: FloatArray, level: float
) -> tuple[FloatArray, FloatArray, FloatArray, list[str]]:
    """Products of the shares so far, with limits; NaN from the first step that nobody needs."""
    tail = (1 - level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.cumprod(d / n)
        spread = np.cumsum((n - d) / (n * d))
    variance = value**2 * np.where(np.isfinite(spread), spread, 0.0)
    # As a share lost, so that its log-log scale is that of the survival of Greenwood.
    lost_lower, lost_upper = log_log_limits(1 - value, variance, tail)
    lower, upper = 1 - lost_upper, 1 - lost_lower
    methods = ["log_log"] * n.size
    for i in np.flatnonzero((value == 0) | (value == 1)):
        some = slice(0, i + 1)
        low, high = beta_product_limits(n[some], (n - d)[some], d[: i + 1].min(), tail)
        lower[i], upper[i], methods[i] = 1 - high, 1 - low, "beta_product"
    unknown = np.isnan(value)
    lower[unknown], upper[unknown] = np.nan, np.nan
    return value, lower, upper, methods
