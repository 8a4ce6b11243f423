"""The sentence on the parts of a change of the under-five rate."""

from __future__ import annotations

import pandas as pd

from mchepi.presentation import under5_sentences

PARTS = pd.DataFrame(
    {
        "year": [2019],
        "year_end": [2024],
        "rate": [8.3],
        "rate_end": [7.4],
        "infant_risk": [-0.8],
        "child_risk": [-0.4],
        "births": [0.3],
        "total": [-0.9],
        "per": [1000],
    }
)


def test_the_parts_stand_with_their_signs():
    (zh,) = under5_sentences(PARTS, lang="zh")
    (en,) = under5_sentences(PARTS, lang="en")
    assert "2019年8.30、2024年7.40（−0.90）" in zh
    assert "婴儿死亡风险−0.80，1—4岁死亡风险−0.40，出生数相对于此前四年的变化+0.30" in zh
    assert "went from 8.30 (2019) to 7.40 (2024), by −0.90: −0.80 by the risk of infants, −0.40 by that" in en
    assert "chance is not told apart" in en


def test_nothing_to_tell_is_no_sentence():
    assert under5_sentences(PARTS.iloc[:0], lang="en") == []
