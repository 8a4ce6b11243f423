"""Two screening tests in the same women, of whom only those positive by either were verified."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from mchepi.stats import Estimate
from mchepi.stats._estimate import laid_out
from mchepi.stats._validate import align, check_counts, check_level


def paired_relative_detection(
    both: Any, first_only: Any, second_only: Any, *, confidence_level: float = 0.95
) -> Estimate:
    r"""Ratio of the cases found by a first test to those found by a second, in the same persons.

    Everyone had both tests, and everyone positive by either was verified. Of the cases found, :math:`a` were
    positive by both, :math:`b` by the first alone and :math:`c` by the second alone; the ratio is
    :math:`(a + b) / (a + c)`.

    Parameters
    ----------
    both : int, array or Series
        Cases (as CIN2+) positive by both tests.
    first_only, second_only : int, array or Series
        Cases positive by one test alone.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Limits :math:`\exp(\log ratio \mp z \sqrt{(b + c) / ((a + b)(a + c))})` ("cheng_macaluso"), and as
        p-value McNemar's exact test. Where a test found nothing the ratio is 0 or inf with the limits 0 and
        inf; where neither did, NaN; where both found the same :math:`a` cases, 1 with the limits that the
        exact upper limit of the share of cases found by one alone, none of :math:`a`, allows.

    Raises
    ------
    ValueError
        Counts that are negative or fractional, or a level outside (0, 1).

    Notes
    -----
    The ratio is that of the sensitivities, although neither is known: both are shares of the same cases,
    whose number cancels. Give false positives in place of cases and it is the ratio of the false positive
    rates. Neither number is a sensitivity.

    In different women use `screening_yield` with `reference`, which compares programs. Women with positives
    that were not verified must be few; a test whose positives are followed up better seems to find more.

    References
    ----------
    Cheng H, Macaluso M (1997). Comparison of the accuracy of two tests with a confirmatory procedure limited
    to positive results. Epidemiology 8(1):104-106.

    Pepe MS, Alonzo TA (2001). Comparing disease screening tests when true disease status is ascertained only
    for screen positives. Biostatistics 2(3):249-260. doi:10.1093/biostatistics/2.3.249

    Examples
    --------
    Constructed: 90 cases by both tests, 40 by HPV alone, 10 by cytology alone.

    >>> from mchepi.outcomes import paired_relative_detection
    >>> hpv = paired_relative_detection(90, 40, 10)
    >>> print(f"{hpv.value:.2f} ({hpv.lower:.2f} to {hpv.upper:.2f})")
    1.30 (1.15 to 1.47)
    """
    level = check_level(confidence_level)
    given = {"both": both, "first_only": first_only, "second_only": second_only}
    read, layout = align(**given)
    for name, counts in zip(given, read, strict=True):
        check_counts(name, counts, layout, of="cases")
    a, b, c = np.broadcast_arrays(*read)
    first, second = a + b, a + c
    tail = (1 - level) / 2
    z = -special.ndtri(tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = first / second
        reach = z * np.sqrt((b + c) / (first * second))
        lower, upper = value * np.exp(-reach), value * np.exp(reach)
    known = ~np.isnan(a + b + c)
    one_found = known & (first + second > 0) & ((first == 0) | (second == 0))
    same = known & (a > 0) & (b + c == 0)
    least = tail ** (1 / np.where(same, a, 1.0))  # of the cases that both find, none found by one alone
    discordant, fewer = b + c, np.minimum(b, c)
    half = special.betainc(np.maximum(discordant - fewer, 1e-300), fewer + 1, 0.5)
    p_value = np.where(discordant == 0, 1.0, np.minimum(1.0, 2 * half))
    return laid_out(
        value,
        np.select([one_found, same], [np.zeros_like(a), least], lower),
        np.select([one_found, same], [np.full_like(a, np.inf), 1 / least], upper),
        layout,
        [
            *((np.isnan(counts), f"missing: {name}") for name, counts in zip(given, read, strict=True)),
            (known & (first + second == 0), "neither test found a case"),
            (one_found, "one test found no case: no limits"),
            (same, "both tests found the same cases"),
        ],
        method="cheng_macaluso",
        level=level,
        p_value=np.where(known & (first + second > 0), p_value, np.nan),
    )
