"""One worked example for every indicator of the catalog.

tests/published/indicators.csv: counts, value and limits; `status` is published (counts from the citation),
deduced (some of them follow from a published rate) or constructed. Values and limits are R's:

> e <- read.csv("indicators_in.csv", colClasses = "character")
> total <- function(text) sapply(strsplit(text, " + ", fixed = TRUE), function(p) sum(as.numeric(p)))
> limits <- function(kind, n, d) switch(kind,
+   proportion = prop.test(n, d, correct = FALSE)$conf.int,   # Wilson
+   administrative = c(NA, NA),
+   poisson.test(n, d)$conf.int)                              # Garwood
> l <- mapply(limits, e$kind, total(e$numerator), total(e$denominator))
> sprintf("%.17g", as.numeric(e$per) * l[1, ]); sprintf("%.17g", as.numeric(e$per) * l[2, ])
"""

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mchepi.indicators import compute, indicator, indicators

PUBLISHED = Path(__file__).parents[1] / "published" / "indicators.csv"
EXAMPLES = list(csv.DictReader(PUBLISHED.read_text("utf-8").splitlines()))
IDS = [example["indicator"] for example in EXAMPLES]


def counts_of(example):
    one = indicator(example["indicator"])
    counts = {"district": ["152223"], "year": [2023]}
    for columns, side in ((one.denominator_columns, "denominator"), (one.numerator_columns, "numerator")):
        values = [float(value) for value in example[side].split(" + ")]
        counts |= {column: [value] for column, value in zip(columns, values, strict=True)}
    return pd.DataFrame(counts)


def test_every_indicator_has_a_worked_example():
    assert sorted(IDS) == sorted(indicators()["id"])


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_an_example_says_where_it_is_from(example):
    assert example["status"] in ("published", "deduced", "constructed")
    assert (example["status"] == "constructed") == (example["citation"] == "constructed")
    assert len(example["citation"]) > 10


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_value_and_limits_agree_with_r(example):
    found = compute(counts_of(example), example["indicator"], limits=True).loc[0]
    expected = [float(example[field] or "nan") for field in ("value", "lower", "upper")]
    assert [found[field] for field in ("value", "lower", "upper")] == pytest.approx(
        expected, rel=1e-8, nan_ok=True
    )
    assert found["method"] == {"proportion": "wilson", "administrative": "none"}.get(
        indicator(example["indicator"]).kind, "exact"
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_limits_are_given_where_they_mean_something(example):
    one = indicator(example["indicator"])
    found = compute(counts_of(example), one.id).loc[0]
    assert found["value"] == pytest.approx(float(example["value"]), rel=1e-12)
    assert np.isnan(found["lower"]) == (one.basis == "enumeration")
    assert ("definition unverified" in found["note"]) != one.is_verified
    assert ("random sample assumed" in found["note"]) == (one.basis == "survey")


@pytest.mark.parametrize(
    "example", [example for example in EXAMPLES if example["published_value"]], ids=lambda e: e["indicator"]
)
def test_the_published_value_is_the_rounded_one(example):
    published = Decimal(example["published_value"])
    assert Decimal(example["value"]).quantize(published, ROUND_HALF_UP) == published
