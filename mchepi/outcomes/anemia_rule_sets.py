"""The same records under several rule sets: how many are anemic by each, and who changes class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mchepi.outcomes._hemoglobin_rules import SEVERITIES
from mchepi.outcomes.anemia_classes import choose_rule, classify, read_columns
from mchepi.stats import proportion
from mchepi.stats._validate import check_level

if TYPE_CHECKING:
    import pandas as pd

RULE_SETS: Mapping[str, Mapping[str, str]] = {
    "who_2024": {"standard": "who_2024"},
    "who_2024_equation": {"standard": "who_2024", "how": "equation"},
    "who_2011": {"standard": "who_2011"},
}


def compare_rule_sets(
    hemoglobin: Any,
    *,
    age_months: Any,
    sex: Any,
    altitude: Any,
    already_adjusted: bool,
    pregnant: Any = False,
    trimester: Any = None,
    cigarettes: Any = None,
    rule_sets: Mapping[str, Mapping[str, str]] | None = None,
    unit: str = "g/L",
    per: float = 100,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Prevalence of anemia of the same records under several rule sets, per `per`, and who changes class.

    Parameters
    ----------
    hemoglobin, age_months, sex, altitude, already_adjusted, pregnant, trimester, cigarettes, unit
        As in `anemia_records`.
    rule_sets : mapping of str to mapping, optional
        Name of each rule set -> its `standard`, `altitude_standard` and `how`. Without it WHO 2024 by table,
        by equation, and WHO 2011. Chinese practices only by explicit choice:
        ``{"norm": {"standard": "cn_child_care_norm", "altitude_standard": "none"}}``.
    per : float
        The unit: 100 gives percent.
    confidence_level : float
        Level of the Wilson limits, which know nothing of clusters (see `survey_proportion`).

    Returns
    -------
    pandas.DataFrame
        One row a rule set: standard, altitude_standard, how, verified; records, implausible (left out),
        unclassified (no value, group or altitude; left out), counted; none, mild, moderate, severe; anemic,
        value, lower, upper, method; and against the first rule set, among records counted under both:
        compared, change_class, newly_anemic, no_longer_anemic.

    Raises
    ------
    ValueError
        As `anemia_records`; no rule set, or a word other than those three in one.

    Notes
    -----
    Not for a trend: a change of rules between two years is no change of anemia. Not for choosing the rule set
    with the nicest figure: name it before.

    Examples
    --------
    Constructed: at 1,300 m the rules differ by 6 g/L.

    >>> from mchepi.outcomes import compare_rule_sets
    >>> found = compare_rule_sets(
    ...     [107, 112, 115, 117, 119, 125], age_months=36, sex="male", altitude=1300, already_adjusted=False
    ... )
    >>> found[["counted", "anemic", "value", "change_class", "no_longer_anemic"]].round(1)
                       counted  anemic  value  change_class  no_longer_anemic
    rule_set
    who_2024                 6       4   66.7             0                 0
    who_2024_equation        6       4   66.7             0                 0
    who_2011                 6       1   16.7             4                 3
    """
    import pandas as pd

    level = check_level(confidence_level)
    chosen = {
        name: choose_rule(already_adjusted=already_adjusted, **_words(name, words))
        for name, words in (RULE_SETS if rule_sets is None else rule_sets).items()
    }
    if not chosen:
        raise ValueError("`rule_sets` must hold at least one rule set; got none. Name a standard for each.")
    columns, layout = read_columns(
        hemoglobin, age_months, sex, altitude, already_adjusted, pregnant, trimester, cigarettes, unit
    )
    classified = {name: classify(columns, layout, rule) for name, rule in chosen.items()}
    first = next(iter(classified.values()))
    rows = {name: _counts(records, first) for name, records in classified.items()}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("rule_set")
    share = proportion(table["anemic"], table["counted"], per=per, confidence_level=level)
    place = table.columns.get_loc("compared")
    for offset, (name, values) in enumerate(
        (("value", share.value), ("lower", share.lower), ("upper", share.upper), ("method", share.method))
    ):
        table.insert(int(str(place)) + offset, name, values)
    return table.astype(dict.fromkeys(SEVERITIES, "Int64"))


def _words(name: str, words: Mapping[str, str]) -> dict[str, str]:
    unknown = set(words) - {"standard", "altitude_standard", "how"}
    if unknown or "standard" not in words:
        raise ValueError(
            f"`rule_sets` must give standard, and at most altitude_standard and how; got {dict(words)} "
            f"for {name}. Write {{'standard': 'who_2024', 'how': 'equation'}}."
        )
    return dict(words)


def _counts(records: pd.DataFrame, first: pd.DataFrame) -> dict[str, Any]:
    import pandas as pd

    known = ~records["anemic"].isna().to_numpy()
    plausible = ~records["implausible"].to_numpy()
    counted = known & plausible
    severity = records["severity"].cat.codes.to_numpy()
    anemic = records["anemic"].fillna(False).to_numpy(dtype=bool)
    graded = not (anemic & (severity < 0)).any()
    both = counted & ~first["anemic"].isna().to_numpy()
    before = first["anemic"].fillna(False).to_numpy(dtype=bool)
    classes = first["severity"].cat.codes.to_numpy()
    comparable = both & (severity >= 0) & (classes >= 0)
    tally = {
        word: int((counted & (severity == place)).sum()) if graded or word == "none" else pd.NA
        for place, word in enumerate(SEVERITIES)
    }
    return {
        "standard": records["standard"].cat.categories[0],
        "altitude_standard": records["altitude_standard"].cat.categories[0],
        "how": records["how"].cat.categories[0],
        "verified": bool(records["verified"].all()),
        "records": len(records),
        "implausible": int((~plausible).sum()),
        "unclassified": int((~known & plausible).sum()),
        "counted": int(counted.sum()),
        **tally,
        "anemic": int((counted & anemic).sum()),
        "compared": int(both.sum()),
        "change_class": int((comparable & (severity != classes)).sum()),
        "newly_anemic": int((both & anemic & ~before).sum()),
        "no_longer_anemic": int((both & ~anemic & before).sum()),
    }
