"""The vocabulary of notes."""

import numpy as np
import pytest

from mchepi.indicators import NOTE_CODES
from mchepi.indicators.notes import Notes


def test_codes_have_meanings_and_can_be_told_apart_from_details():
    assert all(NOTE_CODES.values())
    assert not [code for code in NOTE_CODES if ":" in code or ";" in code]


def test_notes_are_written_in_the_order_of_the_vocabulary():
    notes = Notes(2)
    notes.add("definition unverified", np.array([True, True]))
    notes.add("missing", np.array([True, False]), "live_births")
    notes.add_to(0, "missing", "infant_deaths")
    notes.add_to(0, "missing", "live_births")
    assert notes.texts() == [
        "missing: live_births, infant_deaths; definition unverified",
        "definition unverified",
    ]


def test_an_unknown_code_is_refused():
    with pytest.raises(ValueError, match="`code` must be one of NOTE_CODES; got 'guessed'"):
        Notes(1).add_to(0, "guessed")
