"""The design of a survey: who was drawn together with whom, and the variance that follows."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mchepi.stats._validate import FloatArray, Layout, Mask, align, check_amounts, refuse_where

SINGLE_CLUSTER_RULES = ("adjust", "average", "raise")


@dataclass(frozen=True)
class Sample:
    """Persons of a sample, one an element."""

    outcome: FloatArray
    weight: FloatArray
    counts: Mask  # in the domain, with a known outcome
    stratum: NDArray[np.intp]
    cluster: NDArray[np.intp]  # numbered through all strata
    stratum_labels: list[Any]
    missing: int  # persons of the domain whose outcome is not known


def read_sample(outcome: Any, weights: Any, strata: Any, clusters: Any, domain: Any) -> Sample:
    """Read the persons of a sample and check that they fit together."""
    given = {"outcome": outcome, "weights": 1.0 if weights is None else weights}
    given["domain"] = True if domain is None else domain
    codes, labels = _codes("strata", strata)
    given["strata"] = codes
    given["clusters"], _ = _codes("clusters", clusters)
    (y, weight, inside, stratum, label), layout = align(**given)
    if len(layout.shape) != 1 or not layout.shape[0]:
        raise ValueError(
            f"`outcome` must be one value a person; got shape {layout.shape}. "
            "Pass the persons, not their number (for that, see `proportion`)."
        )
    yes_or_no = (y == 0) | (y == 1) | np.isnan(y)
    refuse_where(
        ~yes_or_no, "outcome", "0, 1 or missing", y, layout, "Code it as 0 and 1, or as False and True."
    )
    check_amounts("weights", weight, layout)
    _require_known("weights", weight, layout, "Give every person a weight (0 leaves the person out).")
    flags = (inside == 0) | (inside == 1)
    refuse_where(~flags, "domain", "True or False", inside, layout, "Write it as a mask over all persons.")

    shape = layout.shape
    y, weight, inside, stratum = (np.broadcast_to(values, shape) for values in (y, weight, inside, stratum))
    if clusters is None:
        label = np.arange(shape[0], dtype=np.float64)
    # The same label in two strata means two clusters.
    _, cluster = np.unique(stratum * (label.max() + 1) + label, return_inverse=True)
    inside = (inside == 1) & (weight > 0)
    return Sample(
        outcome=y,
        weight=weight,
        counts=inside & ~np.isnan(y),
        stratum=stratum.astype(np.intp),
        cluster=cluster.astype(np.intp),
        stratum_labels=labels,
        missing=int(np.sum(inside & np.isnan(y))),
    )


def degrees_of_freedom(sample: Sample) -> int:
    """Clusters minus strata, of those in which somebody counts."""
    clusters, strata = np.unique(sample.cluster[sample.counts]), np.unique(sample.stratum[sample.counts])
    return int(clusters.size - strata.size)


def single_cluster_strata(sample: Sample) -> list[Any]:
    """Labels of the strata of which only one cluster was drawn."""
    return [sample.stratum_labels[code] for code in np.flatnonzero(_clusters_by_stratum(sample)[0] == 1)]


def variance_of_sum(sample: Sample, scores: FloatArray, single_cluster: str) -> float:
    """Variance, by the design, of a sum of scores over the persons (0 for those outside the domain)."""
    clusters, stratum = _clusters_by_stratum(sample)
    total = np.bincount(sample.cluster, weights=scores)
    mean = np.bincount(stratum, weights=total, minlength=clusters.size) / clusters
    alone = clusters == 1
    if total.size == 1:
        return np.nan
    mean[alone] = 0  # a single cluster counts by its distance from the whole sample, where scores sum to 0
    squares = np.bincount(stratum, weights=(total - mean[stratum]) ** 2, minlength=clusters.size)
    parts = squares * clusters / np.maximum(clusters - 1, 1)
    if single_cluster == "average" and alone.any():
        return float(parts[~alone].mean() * clusters.size) if not alone.all() else np.nan
    return float(parts.sum())


def _clusters_by_stratum(sample: Sample) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """How many clusters each stratum has, and the stratum of each cluster."""
    stratum = np.empty(sample.cluster.max() + 1, dtype=np.intp)
    stratum[sample.cluster] = sample.stratum
    return np.bincount(stratum), stratum


def _codes(name: str, given: Any) -> tuple[Any, list[Any]]:
    """Number the labels in the order in which they appear; a Series stays one."""
    if given is None:
        return 0, ["all"]
    labels = list(given)
    missing = [label is None or label != label or type(label).__name__ == "NAType" for label in labels]
    if any(missing):
        raise ValueError(
            f"`{name}` must be known for every person; got a missing one at position {missing.index(True)}. "
            "Give those persons a label, or leave them out of the sample."
        )
    codes = {label: code for code, label in enumerate(dict.fromkeys(labels))}
    numbers = np.array([codes[label] for label in labels], dtype=np.float64)
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(given, pandas.Series):
        return pandas.Series(numbers, index=given.index), list(codes)
    return numbers, list(codes)


def _require_known(name: str, values: FloatArray, layout: Layout, fix: str) -> None:
    refuse_where(np.isnan(values), name, "known for every person", values, layout, fix)
