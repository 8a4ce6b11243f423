"""Poisson CUSUM: published run lengths, R's, and simulation as the judge of exactness."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.stats.cusum import cusum_run_length, poisson_cusum

PUBLISHED = Path(__file__).parents[1] / "published" / "surveillance.csv"


def rows() -> list[dict[str, str]]:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["inputs"])
def test_published_run_lengths(row):
    given_ = dict(part.split("=") for part in row["inputs"].split("; "))
    arguments = {name: text if name == "direction" else float(text) for name, text in given_.items()}
    found = cusum_run_length(**arguments)
    assert found == pytest.approx(float(row["value"]), rel=0, abs=0.5 * 10.0 ** -int(row["digits"]) * 1.001)
    assert row["citation"]
    assert row["status"] in ("published", "constructed")


# R 4.2.2, with a chain of its own:
#
# chain <- function(mu, k, h, w, up) { K <- round(k * w); M <- ceiling(h * w - 1e-9); P <- matrix(0, M, M)
#   for (i in 0:(M-1)) for (x in 0:300) { j <- if (up) max(0, i + w*x - K) else max(0, i + K - w*x)
#     if (j < M) P[i+1, j+1] <- P[i+1, j+1] + dpois(x, mu) }; P }
# arl <- function(P, s = 0) solve(diag(nrow(P)) - P, rep(1, nrow(P)))[s + 1]
# up <- chain(.25, .25, 10, 4, TRUE); down <- chain(.25, .25, 10, 4, FALSE)
# arl(up, 20); arl(down); arl(down, 20)
# arl(chain(2, 1.4, 4, 10, FALSE)); arl(chain(1, 1.4, 4, 10, FALSE), 15)
@pytest.mark.parametrize(
    ("expected", "reference", "threshold", "direction", "start", "in_r"),
    [
        (0.25, 0.25, 10, "increase", 5, 333.124808473645),
        (0.25, 0.25, 10, "decrease", 0, 436.763888888797),
        (0.25, 0.25, 10, "decrease", 5, 318.333336712039),
        (2, 1.4, 4, "decrease", 0, 105.54700026672),
        (1, 1.4, 4, "decrease", 1.5, 6.7581332995685),
    ],
)
def test_run_lengths_as_in_r(expected, reference, threshold, direction, start, in_r):
    found = cusum_run_length(
        expected, reference_value=reference, threshold=threshold, direction=direction, start=start
    )
    assert found == pytest.approx(in_r, rel=1e-8)


# R 4.2.2: e <- c(1.2, 1.1, 1.3, 1.0, 1.15, .9); k <- round(e / log(2) * 100) / 100; v <- c(1, rep(0, 363))
# for (i in 1:6) v <- v %*% chain(e[i], k[i], 3.64, 100, TRUE); 1 - sum(v)
def test_chance_of_a_false_signal_with_changing_births_as_in_r():
    expected = [1.2, 1.1, 1.3, 1.0, 1.15, 0.9]
    found = poisson_cusum([0, 1, 2, 0, 4, 2], expected, threshold=3.64)
    assert found.chance_of_false_signal == pytest.approx(0.0494844942318349, rel=1e-8)
    assert list(found.table["reference_value"]) == [1.73, 1.59, 1.88, 1.44, 1.66, 1.30]
    assert found.table["cusum"].to_numpy() == pytest.approx([0, 0, 0.12, 0, 2.34, 3.04])
    assert list(found.table["periods_above_zero"]) == [0, 0, 1, 0, 1, 2]
    assert not found.table["signal"].any()


@pytest.mark.parametrize(("direction", "actual"), [("increase", 1.9), ("decrease", 0.6)])
def test_simulation_agrees(direction, actual):
    generator = np.random.default_rng(5)
    k, threshold, runs = 1.3, 3.5, 4000
    sums, alive, lengths = np.zeros(runs), np.ones(runs, dtype=bool), np.zeros(runs)
    while alive.any():
        step = generator.poisson(actual, runs) - k
        sums = np.maximum(0, sums + (step if direction == "increase" else -step))
        lengths += alive
        alive &= sums < threshold - 1e-9
    exact = cusum_run_length(actual, reference_value=k, threshold=threshold, direction=direction)
    assert lengths.mean() == pytest.approx(exact, abs=4 * lengths.std() / np.sqrt(runs))


@settings(max_examples=30)
@given(st.floats(0.1, 8), st.sampled_from([0.5, 1.5, 2.0, 3.0]), st.sampled_from([20.0, 100.0]))
def test_the_threshold_is_the_lowest_with_the_run_length_asked_for(expected, ratio, run_length):
    found = poisson_cusum([0, 1, 2], expected, ratio=ratio, run_length=run_length)
    assert found.run_length_unchanged >= run_length
    assert found.run_length_changed < found.run_length_unchanged
    k = float(found.table["reference_value"][0])
    step = 1 / Fraction(k).limit_denominator(1000).denominator
    if found.threshold > 1.5 * step:
        direction = "increase" if ratio > 1 else "decrease"
        below = cusum_run_length(
            expected, reference_value=k, threshold=round(found.threshold - step, 3), direction=direction
        )
        assert below < run_length


def test_a_rise_is_found_and_a_fall_is_looked_for_the_other_way():
    rising = poisson_cusum([1, 0, 2, 1, 3, 3, 4, 2], 1.0, run_length=100)
    assert rising.table["signal"].tolist()[:4] == [False] * 4
    assert rising.table["signal"].iloc[-1]
    falling = poisson_cusum([6, 5, 7, 2, 2, 1, 3, 1, 2], 5.0, ratio=0.5, run_length=100)
    assert falling.table["signal"].iloc[-1]
    assert not falling.table["signal"].iloc[2]
    assert falling.table["periods_above_zero"].iloc[-1] == 6


def test_table_keeps_labels():
    events = pd.Series([1, 0, 2], index=["2021", "2022", "2023"], dtype="Int64")
    found = poisson_cusum(events, pd.Series([1.1, 1.0, 0.9], index=events.index))
    assert found.table.index.equals(events.index)


def test_hopeless_thresholds_are_infinitely_far():
    assert poisson_cusum([500], 500.0, ratio=2).run_length_unchanged == np.inf


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: poisson_cusum([1, None], 1.0), "`events` must be known; got nan at position 1"),
        (lambda: poisson_cusum([1, 2], [1.0, 0]), "`expected` must be a number above 0; got 0 at position 1"),
        (lambda: poisson_cusum(3, 1.0), "`events` must be one number a period"),
        (lambda: poisson_cusum([1, 2], 1.0, ratio=1), "`ratio` must not be 1"),
        (lambda: poisson_cusum([1, 2], 1.0, run_length=1), "`run_length` must be 2 periods or more"),
        (
            lambda: poisson_cusum([1, 2], 1.0, threshold=3.14159265),
            "`threshold` must be a whole number of thousandths",
        ),
        (
            lambda: cusum_run_length(1, reference_value=1.5, threshold=3, start=3),
            "`start` must be below `threshold`",
        ),
        (
            lambda: cusum_run_length(1, reference_value=1.5, threshold=3, direction="up"),
            "`direction` must be one of",
        ),
        (lambda: cusum_run_length(1, reference_value=1.001, threshold=9), "at most 4000 values; got 9000"),
    ],
)
def test_faults_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
