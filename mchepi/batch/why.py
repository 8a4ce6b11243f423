"""Why a page would be made again, or why not, in words for the user; nothing is run for that."""

from __future__ import annotations

from collections.abc import Iterator

from .ledger import read_entries
from .plan import Plan
from .selection import reasons
from .terminal import CONTROL


def explain(plan: Plan) -> Iterator[str]:
    """Say of each page of `plan` whether `mchepi run` would make it, and why: a line, then one a reason."""
    for analysis in plan.analyses:
        for lang in analysis.languages:
            base = plan.base(analysis, lang)
            entries = read_entries(base)
            for run in (run for run in analysis.runs if run.lang == lang):
                names = dict.fromkeys(filter(None, (run.district, *run.names)))
                page = CONTROL.sub(" ", " ".join((analysis.params.analysis, lang, *names)))
                found = list(reasons(analysis, run, entries.get(run.district), base))
                yield f"{page}: {'would be made' if found else 'would be skipped, nothing changed'}"
                yield from (f"  {CONTROL.sub(' ', reason)}" for reason in found)
