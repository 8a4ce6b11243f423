"""What a dataset says of itself: where its figures come from, and of whom and when they speak."""

from __future__ import annotations

from dataclasses import dataclass

PERIODS = ("mch_year", "calendar_year", "quarter", "year_to_date", "multi_year", "not_stated")
POPULATION_BASES = ("registered", "resident", "place_of_service", "not_stated")
SOURCE_SYSTEMS = (
    "annual_report",
    "surveillance",
    "un_igme",
    "vital_registration",
    "published_text",
    "mixed",
    "simulated",
    "not_stated",
)
STATUSES = ("provisional", "final", "not_stated")
# Those of mchepi.outcomes that have cut-offs, and one that it does not know.
ANEMIA_RULES = (
    "who_2024",
    "who_2011",
    "cn_child_care_norm",
    "cn_stat_moderate_severe",
    "cn_pregnancy_2014",
    "wst_441_2013",
    "other",
    "not_stated",
)
HEMOGLOBIN_ADJUSTMENTS = ("altitude", "altitude_and_smoking", "nothing", "not_stated")

_WORDS = {
    "period": PERIODS,
    "population_basis": POPULATION_BASES,
    "source_system": SOURCE_SYSTEMS,
    "status": STATUSES,
    "anemia_rule": ANEMIA_RULES,
    "hemoglobin_adjusted_for": HEMOGLOBIN_ADJUSTMENTS,
}


@dataclass(frozen=True)
class Declaration:
    """The origin and the terms of a dataset; without it no number may be compared with another.

    Figures of different periods, population bases or source systems are never divided by each other or drawn
    as one line without saying so.

    Parameters
    ----------
    name : str
        The dataset's name: its folder in data/.
    title_zh, title_en, source_zh, source_en, licence : str
        Title, source and terms of use, as shown to readers.
    simulated : bool
        Whether the figures are simulated. Then `source_system` is "simulated" too.
    period : str
        mch_year (1 October to 30 September), calendar_year, quarter, year_to_date, multi_year, not_stated.
    population_basis : str
        registered, resident, place_of_service, not_stated.
    source_system : str
        annual_report, surveillance, un_igme, vital_registration, published_text, mixed, simulated,
        not_stated.
    status : str
        provisional, final, not_stated.
    note_zh, note_en : str, optional
        What a reader must know besides.
    anemia_rule : str, optional
        By whose cut-offs the yearly counts of anemia were made: who_2024, who_2011, cn_child_care_norm,
        cn_stat_moderate_severe, cn_pregnancy_2014, wst_441_2013, other, not_stated.
    hemoglobin_adjusted_for : str, optional
        What was taken off hemoglobin before: altitude, altitude_and_smoking, nothing, not_stated.

    Raises
    ------
    ValueError
        With every field that breaks its rule.

    Examples
    --------
    >>> Declaration(
    ...     name="mine", title_zh="本旗县年报", title_en="Annual report", source_zh="年报",
    ...     source_en="report", licence="internal", simulated=False, period="mch_year",
    ...     population_basis="registered", source_system="annual_report", status="provisional",
    ... ).period
    'mch_year'
    """

    name: str
    title_zh: str
    title_en: str
    source_zh: str
    source_en: str
    licence: str
    simulated: bool
    period: str
    population_basis: str
    source_system: str
    status: str
    note_zh: str = ""
    note_en: str = ""
    anemia_rule: str = "not_stated"
    hemoglobin_adjusted_for: str = "not_stated"

    def __post_init__(self) -> None:
        faults = [
            f"`{field}` must be text; got {getattr(self, field)!r}. Write it in quotes."
            for field in ("name", "title_zh", "title_en", "source_zh", "source_en", "licence")
            if not isinstance(getattr(self, field), str) or not getattr(self, field).strip()
        ]
        faults += [
            f"`{field}` must be text; got {getattr(self, field)!r}. Write it in quotes, or leave it out."
            for field in ("note_zh", "note_en")
            if not isinstance(getattr(self, field), str)
        ]
        faults += [
            f"`{field}` must be one of {', '.join(words)}; got {getattr(self, field)!r}. "
            "Write not_stated where it is not known."
            for field, words in _WORDS.items()
            if getattr(self, field) not in words
        ]
        if not isinstance(self.simulated, bool):
            faults.append(f"`simulated` must be true or false; got {self.simulated!r}. Write one of the two.")
        elif self.simulated != (self.source_system == "simulated"):
            faults.append(
                f"`simulated` must agree with `source_system`; got {self.simulated} with "
                f"{self.source_system!r}. Simulated figures have source_system simulated, and no others have."
            )
        if faults:
            raise ValueError("\n".join(faults))
