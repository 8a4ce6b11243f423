"""The catalog is complete, sourced and checked when it is read."""

import csv
import io

import pandas as pd
import pytest

from mchepi.indicators import (
    Indicator,
    column_synonyms,
    indicator,
    indicators,
    targets,
    targets_not_computable,
)
from mchepi.indicators.catalog import package_text, parse_indicators, parse_targets
from mchepi.indicators.catalog_checks import per_of_unit


def changed(name, key, row_key, **fields):
    """The package's own table as CSV text, with some fields of one row changed."""
    rows = list(csv.DictReader(io.StringIO(package_text(name))))
    for row in rows:
        if row[key] == row_key:
            row.update(fields)
    return as_text(rows)


def as_text(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def test_all_definitions_and_targets_are_there():
    assert len(indicators()) == 100
    assert len(targets()) == 89
    assert len(targets_not_computable()) == 13
    assert indicators()["id"].is_unique
    assert targets()["target_id"].is_unique
    assert indicators()["verified"].str.startswith("yes").sum() == 69
    assert (targets()["verified"] == "yes").sum() == 80


def test_columns_are_those_of_the_contract():
    assert list(indicators()) == [
        *("id", "name_zh", "name_en", "domain", "numerator", "denominator", "numerator_zh", "numerator_en"),
        *("denominator_zh", "denominator_en", "synonyms_zh", "per", "kind", "basis"),
        *("numerator_in_denominator", "direction", "source", "verified", "note"),
    ]
    assert list(targets()) == [
        *("target_id", "indicator", "level", "scope", "value", "unit", "comparator", "year"),
        *("baseline_year", "baseline_value", "source", "verified", "note"),
    ]
    assert list(targets_not_computable()) == [*targets(), "reason"]
    assert indicators()["numerator_in_denominator"].dtype == bool
    assert indicators()["per"].dtype == "int64"
    assert targets()["year"].dtype == "Int64"
    assert targets()["value"].dtype == "float64"


@pytest.mark.parametrize("id", indicators()["id"])
def test_every_indicator_has_a_source_and_says_whether_it_was_seen(id):
    one = indicator(id)
    assert any(letter.isalnum() for letter in one.source)
    assert one.is_verified == one.verified.startswith("yes")
    assert one.is_verified or one.verified.startswith("recalled, unverified")


def test_an_indicator_carries_its_row():
    one = indicator("perinatal_mortality_rate")
    assert isinstance(one, Indicator)
    assert one.numerator_columns == ("stillbirths", "early_neonatal_deaths")
    assert one.denominator_columns == ("live_births", "stillbirths")
    assert one.columns == ("stillbirths", "early_neonatal_deaths", "live_births")
    assert (one.per, one.kind, one.basis, one.numerator_in_denominator) == (1000, "rate", "risk", True)
    with pytest.raises(AttributeError):
        one.per = 1


def test_an_unknown_indicator_is_answered_by_the_nearest():
    with pytest.raises(ValueError, match=r"got 'infant_mortality'. Did you mean 'infant_mortality_rate'"):
        indicator("infant_mortality")


def test_tables_given_out_can_be_changed_without_harm():
    for table, column in ((indicators(), "per"), (targets(), "value")):
        table.loc[0, column] = 7
    column_synonyms()["活产数"] = "nonsense"
    assert indicators().loc[0, "per"] == 1000
    assert targets().loc[0, "value"] == 3.0
    assert column_synonyms()["活产数"] == "live_births"


def test_targets_point_to_indicators_in_the_same_unit():
    joined = targets().merge(indicators(), left_on="indicator", right_on="id", validate="m:1")
    assert len(joined) == len(targets())
    assert (joined["unit"].map(per_of_unit) == joined["per"]).all()
    better = joined["direction"].map({"lower_better": {"<", "<=", "="}, "higher_better": {">=", ">"}})
    assert all(row.comparator in words for row, words in zip(joined.itertuples(), better, strict=True))


@pytest.mark.parametrize(
    ("unit", "per"),
    [
        ("percent", 100),
        ("per_1000", 1000),
        ("per_1000_population", 1000),
        ("per_100000_women_years", 100_000),
        ("percent_change", None),
        ("month", None),
    ],
)
def test_units_stand_for_their_number(unit, per):
    assert per_of_unit(unit) == per


def test_chinese_headers_name_one_column():
    headers = column_synonyms()
    columns = {column for id in indicators()["id"] for column in indicator(id).columns}
    assert set(headers.values()) <= columns
    assert headers["产妇人数"] == headers["产妇数"] == "women_delivered"
    assert headers["死胎死产数"] == "stillbirths"
    assert headers["早期新生儿死亡数"] == "early_neonatal_deaths"
    assert not set(headers) & columns


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "share"}, r"row 2 \(neonatal_mortality_rate\): `kind` must be one of proportion, rate"),
        ({"basis": "census"}, "`basis` must be one of enumeration, risk, survey; got 'census'"),
        ({"direction": "down"}, "`direction` must be one of lower_better"),
        ({"per": "500"}, "`per` must be one of 1, 100, 1000"),
        ({"kind": "proportion"}, "`per` of a proportion must be 100; got '1000'"),
        ({"numerator_in_denominator": "maybe"}, "`numerator_in_denominator` must be one of yes, no"),
        ({"source": "-"}, "`source` must be stated; got '-'"),
        ({"verified": ""}, "`verified` must be stated"),
        ({"name_zh": " "}, "`name_zh` must be stated"),
        ({"id": "infant_mortality_rate"}, "`id` must be unique"),
        ({"numerator": "deaths, all"}, "`numerator` must be a column name or a sum"),
        (
            {"numerator": "a + a", "synonyms_zh": ""},
            "`numerator` must be a column name or a sum of different",
        ),
        ({"synonyms_zh": "numerator: 甲 + 乙 | denominator: 丙"}, "as many groups of headers as `numerator`"),
        ({"synonyms_zh": "numerator: 活产数 | denominator:"}, "'活产数' names live_births, neonatal_deaths"),
        ({"synonyms_zh": "numerator: live_births | denominator:"}, "a header must name one column only"),
    ],
)
def test_a_faulty_indicator_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        parse_indicators(changed("indicators.csv", "id", "neonatal_mortality_rate", **fields))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"comparator": "≤"}, r"row 2 \(CN_CHILD2030_NMR\): `comparator` must be one of <, <=, =, >=, >"),
        ({"level": "township"}, "`level` must be one of world, nation"),
        ({"indicator": "neonatal_mortality"}, "`indicator` must be in the catalog"),
        ({"unit": "percent"}, r"`unit` must agree with the indicator's per \(1000\); got 'percent'"),
        ({"value": "previous year"}, "`value` must be a number"),
        ({"value": ""}, "`value` must be a number"),
        ({"year": "soon"}, "`year` must be a number"),
        ({"source": ""}, "`source` must be stated"),
        ({"target_id": "CN_CHILD2030_IMR"}, "`target_id` must be unique"),
        ({"target_id": ""}, "`target_id` must not be empty"),
    ],
)
def test_a_faulty_target_is_refused(fields, message):
    catalog = parse_indicators(package_text("indicators.csv"))
    with pytest.raises(ValueError, match=message):
        parse_targets(changed("targets.csv", "target_id", "CN_CHILD2030_NMR", **fields), catalog)


def test_all_faults_are_told_at_once():
    text = changed("indicators.csv", "id", "neonatal_mortality_rate", kind="share", basis="census")
    with pytest.raises(ValueError, match=r"(?s)`kind` must.*`basis` must"):
        parse_indicators(text)


def test_a_table_with_other_columns_is_refused():
    with pytest.raises(ValueError, match=r"indicators\.csv must have the columns id, name_zh"):
        parse_indicators("id,name\nx,y\n")


def test_what_cannot_be_computed_says_why():
    table = targets_not_computable()
    assert table["reason"].str.len().min() > 0
    assert not set(table["target_id"]) & set(targets()["target_id"])
    assert isinstance(table, pd.DataFrame)
