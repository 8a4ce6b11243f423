"""What a dataset says of itself is checked, all fields at once."""

from dataclasses import FrozenInstanceError

import pytest

from mchepi.indicators import Declaration
from mchepi.indicators.declaration import ANEMIA_RULES
from mchepi.outcomes._hemoglobin_rules import standards

FIELDS = {
    "name": "published",
    "title_zh": "公布数",
    "title_en": "Published figures",
    "source_zh": "公开文本",
    "source_en": "public texts",
    "licence": "facts",
    "simulated": False,
    "period": "not_stated",
    "population_basis": "not_stated",
    "source_system": "published_text",
    "status": "not_stated",
}


def test_a_declaration_is_frozen_and_its_notes_are_optional():
    declaration = Declaration(**FIELDS)
    assert declaration.note_zh == declaration.note_en == ""
    with pytest.raises(FrozenInstanceError):
        declaration.period = "mch_year"


def test_the_rules_of_anemia_are_those_that_outcomes_knows():
    assert (*standards(), "other", "not_stated") == ANEMIA_RULES
    assert Declaration(**FIELDS).anemia_rule == "not_stated"


@pytest.mark.parametrize("period", ["mch_year", "calendar_year", "quarter", "year_to_date", "multi_year"])
def test_every_period_is_known(period):
    assert Declaration(**{**FIELDS, "period": period}).period == period


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"period": "year"}, "`period` must be one of mch_year, .*got 'year'. Write not_stated"),
        ({"population_basis": "hukou"}, "`population_basis` must be one of registered"),
        ({"source_system": None}, "`source_system` must be one of annual_report"),
        ({"anemia_rule": "who"}, "`anemia_rule` must be one of who_2024, .*got 'who'. Write not_stated"),
        ({"hemoglobin_adjusted_for": True}, "`hemoglobin_adjusted_for` must be one of altitude, "),
        ({"status": "draft"}, "`status` must be one of provisional"),
        ({"name": ""}, "`name` must be text; got ''"),
        ({"licence": 3}, "`licence` must be text; got 3"),
        ({"note_zh": None}, "`note_zh` must be text; got None"),
        ({"simulated": "no"}, "`simulated` must be true or false; got 'no'"),
        ({"simulated": True}, "`simulated` must agree with `source_system`"),
        ({"source_system": "simulated"}, "`simulated` must agree with `source_system`"),
    ],
)
def test_a_wrong_field_is_named(fields, message):
    with pytest.raises(ValueError, match=message):
        Declaration(**{**FIELDS, **fields})


def test_all_wrong_fields_are_named_at_once():
    with pytest.raises(ValueError, match=r"(?s)`title_zh`.*`period`.*`status`"):
        Declaration(**{**FIELDS, "title_zh": "", "period": "x", "status": "y"})
