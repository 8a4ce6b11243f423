"""Every note that mchepi.outcomes can give has a text in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hand_made import LANGUAGES

import mchepi.outcomes
from mchepi import outcomes
from mchepi.presentation import outcome_note
from mchepi.presentation.outcome_notes import has_text
from mchepi.presentation.wording import wording

FOLDER = Path(mchepi.outcomes.__file__).parent
# Words of several parts in mchepi.outcomes that are no notes: of messages, methods, verdicts, arguments.
NO_NOTES = {
    'a number, 0 or more, or "unknown"',
    "any trimester",
    "cannot tell",
    "days to {}",
    "everyone needs the first step",
    "groups of {}: {}",
    "m, at most {}",
    "needed for {}",
    "no events in",  # replaced by the next
    "none confirmed in",  # its two whole notes are below
    "none: give a Series, one element a test",
    "not begun",  # the beginning of a note, looked for
    "not followed",  # the same
    "not met",
    "position {}",
    "shifted course",
    "steps are {}",
    "{} at {} after {}",
    "{} {}",  # of two notes below: a count and a phrase
}
# Notes whose ends are put together: held by calls, below.
PUT_TOGETHER = re.compile(r"missing: \{\}(events|total|\{\})?")
REFUSALS = re.compile(r"_?(refuse|check|encode|read$|query|rows_of)")


def literals(source: str) -> Iterator[str]:
    """Texts of a module, f-strings with {} for what they hold; not docstrings, refusals, keys of a dict."""
    tree, skipped = ast.parse(source), set()
    for node in ast.walk(tree):
        name = ""
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if isinstance(node, ast.Raise) or REFUSALS.match(name):
            skipped.update(map(id, ast.walk(node)))
        if isinstance(node, ast.Expr):
            skipped.add(id(node.value))
        if isinstance(node, ast.Dict):
            skipped.update(map(id, node.keys))
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            skipped.update(map(id, ast.walk(node)))
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def said_by_outcomes() -> set[str]:
    """Texts of several words that begin in lower case: notes, and NO_NOTES."""
    texts = {text for path in FOLDER.glob("*.py") for text in literals(path.read_text("utf-8"))}
    return {text for text in texts if " " in text.strip() and re.match(r"[a-z0-9{]", text)}


def known(note: str) -> bool:
    filled = note.replace("{}", "3")
    return has_text(filled) or has_text(f"3 {filled}")


def test_every_note_of_outcomes_has_a_text():
    assert [
        one
        for one in sorted(said_by_outcomes() - NO_NOTES)
        if not PUT_TOGETHER.fullmatch(one) and not known(one)
    ] == []


def test_the_exceptions_are_there():
    assert NO_NOTES - said_by_outcomes() == set()


def test_a_new_note_would_be_found():
    (note,) = literals('def f():\n    """Doc."""\n    return {"a b": np.where(x, "nobody wrote this", 1)}\n')
    assert note == "nobody wrote this"
    assert not known(note)


def calls() -> dict[str, pd.DataFrame]:
    """Frames whose notes are put together from names of arguments and persons."""
    nan = np.nan
    persons = {"eligible": nan, "screened": nan, "positive": nan, "assessed": nan, "confirmed": nan}
    two = {name: pd.Series([nan, nan], index=["hpv", "cytology"]) for name in persons}
    none = {name: pd.Series([0, 0], ["a", "b"]) for name in ("positive", "assessed", "confirmed")}
    frames = {
        "corrected": outcomes.corrected_prevalence(nan, nan, sensitivity=nan, specificity=nan),
        "studied": outcomes.corrected_prevalence(
            nan, nan, sensitivity=nan, specificity=nan, diseased=nan, healthy=nan
        ),
        "paired": outcomes.paired_relative_detection(nan, nan, nan),
    }
    found = {name: estimate.to_frame() for name, estimate in frames.items()}
    found["coverage"] = outcomes.screening_coverage(nan, eligible=nan, tests=nan, quota=nan)
    found["yield"] = outcomes.screening_yield(**two, reference="cytology")
    found["no case"] = outcomes.screening_yield(
        screened=pd.Series([10, 10], ["a", "b"]), **none, reference="b"
    )
    found["accuracy"] = outcomes.diagnostic_accuracy(nan, nan, nan, nan)
    found["empty"] = outcomes.diagnostic_accuracy(0, 0, 0, 0)
    return found


@pytest.mark.parametrize(
    "name", ["corrected", "studied", "paired", "coverage", "yield", "no case", "accuracy", "empty"]
)
def test_notes_that_are_put_together_have_a_text(name: str):
    notes = set(calls()[name]["note"]) - {""}
    assert notes
    assert [phrase for note in notes for phrase in note.split("; ") if not has_text(phrase)] == []


def test_no_text_is_of_a_note_that_nobody_gives():
    given = {*said_by_outcomes(), *(f"{{}} {one}" for one in said_by_outcomes())}
    given |= {f"none confirmed in {group}" for group in ("either group", "the reference group")}
    given |= {"missing: {}", "missing: {} of the reference"}
    texts = {key.removeprefix("outcome_note.") for key in wording() if key.startswith("outcome_note.")}
    assert texts - given == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_notes_are_said(lang: str):
    note = "missing: screened of the reference; lower bound: 4 of the positive not assessed; denominator zero"
    said = {
        "zh": "缺参照组的筛查人数；下界：阳性中4人未作确诊检查；分母为零",
        "en": note,
    }
    assert outcome_note(note, lang) == said[lang]
    assert outcome_note("", lang) == ""
    assert outcome_note("nobody wrote this", lang) == "nobody wrote this"
    assert (
        outcome_note("missing: maternal_deaths", lang)
        == {"zh": "缺孕产妇死亡数", "en": "missing: maternal deaths"}[lang]
    )
