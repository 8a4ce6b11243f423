"""The one object a notebook talks to: what it shows is written to files and seen on the page at once."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mchepi.indicators import Declaration

from . import canvas, labels, markup, methods, numbers, tidy_csv
from .levels_in_words import absent
from .rows import records
from .tables import reader_table
from .targets_in_words import telling_size
from .wording import check_language, text, wording

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BASE = ("district", "year")
_KEYS = {"district", "name_zh", "name_en", "year"}
_RECORDED = ("value", "lower", "upper", "smoothed", "rank", "by_chance_95", "pairs_apart")


def output_folder(analysis: str, start: Path | None = None) -> Path:
    """Give the folder that a page's tables and figures go to.

    A runner starts the notebook in a staging folder of its own, and that is the folder. By hand the working
    directory is the project (the folder that holds params/) or its notebooks/; then it is
    outputs/_manual/ANALYSIS in the project.

    Parameters
    ----------
    analysis : str
        Name of the analysis.
    start : pathlib.Path, optional
        The working directory by default.

    Returns
    -------
    pathlib.Path
        The folder; it need not exist yet.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / "params").mkdir()
    ...     output_folder("mortality", Path(folder) / "notebooks").relative_to(folder).as_posix()
    'outputs/_manual/mortality'
    """
    here = Path.cwd() if start is None else start
    project = here.parent if here.name == "notebooks" else here
    return project / "outputs" / "_manual" / analysis if (project / "params").is_dir() else here


@dataclass
class Page:
    """A page of one place and analysis in one language.

    Parameters
    ----------
    analysis : str
        ``mortality``, ``anemia``, ``screening`` …: the name of the notebook.
    lang : str
        ``zh`` or ``en``.
    declaration : mchepi.indicators.Declaration
        What the dataset says of itself.
    counts : pandas.DataFrame
        The rows that the page is made from: counts by district and year, or a series.

    Raises
    ------
    ValueError
        If the language is unknown or there is no row.

    Examples
    --------
    >>> origin = Declaration("mine", "年报", "Annual report", "年报", "report", "internal", False, "mch_year",
    ...                      "registered", "annual_report", "final")
    >>> rows = pd.DataFrame({"district": ["152223"], "name_zh": ["扎赉特旗"], "name_en": ["Jalaid Banner"],
    ...                      "year": [2023], "live_births": [1430]})
    >>> Page("mortality", lang="zh", declaration=origin, counts=rows).by
    ['district', 'year']
    """

    analysis: str
    lang: str = field(kw_only=True)
    declaration: Declaration = field(kw_only=True)
    counts: pd.DataFrame = field(kw_only=True)
    _shown: list[pd.DataFrame] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        check_language(self.lang)
        if self.counts.empty:
            raise ValueError(
                "`counts` must hold at least one row; got none for these years. "
                "Set year_from and year_to to 0 for all years."
            )
        self._folder = output_folder(self.analysis)

    @property
    def by(self) -> list[str]:
        """The key columns of a level: district and year, and the last year where rows cover several."""
        return [*_BASE, "year_end"] if "year_end" in self.counts else [*_BASE]

    @property
    def published(self) -> bool:
        """Whether the figures stand in published texts: what is absent is then not published."""
        return self.declaration.source_system == "published_text"

    @property
    def kind_of_year(self) -> str:
        """The kind of year of the counts, as registers are counted: calendar or mch (1 October on)."""
        return "mch" if self.declaration.period == "mch_year" else "calendar"

    @property
    def open_year(self) -> bool:
        """Whether the last year goes on: what a target still allows is then left, not merely allowed."""
        return self.declaration.period == "year_to_date"

    @property
    def place(self) -> str:
        """The name of the place."""
        return labels.place_name(self.counts, self.lang)

    def header(self) -> None:
        """Show what the page is: place, years, source, period, population basis, status; simulated or not."""
        html = markup.style_html() + markup.place_html(self.place)
        if self.declaration.simulated:
            html += markup.lines_html([text("simulated.banner", self.lang)], "mchepi-simulated")
        _show_html(html + markup.facts_html(self._facts()))

    def _facts(self) -> list[tuple[str, str]]:
        own, lang = self.declaration, self.lang
        ends = self.counts["year_end"] if "year_end" in self.counts else self.counts["year"]
        facts = {
            "years": "–".join(dict.fromkeys(str(year) for year in (self.counts["year"].min(), ends.max()))),
            "data": getattr(own, f"title_{lang}"),
            "source": self._sources() or getattr(own, f"source_{lang}"),
            "system": text(f"system.{own.source_system}", lang),
            "period": text(f"period.{own.period}", lang),
            "population": text(f"population.{own.population_basis}", lang),
            "status": text(f"status.{own.status}", lang),
            "counts": "" if set(self.counts) - _KEYS else text("nothing.yearly", lang),
            "note": getattr(own, f"note_{lang}"),
        }
        return [(text(f"fact.{name}", lang), str(said)) for name, said in facts.items() if said]

    def _sources(self) -> str:
        """The sources of the rows themselves, where the table names them."""
        column = f"source_{self.lang}"
        if column not in self.counts:
            return ""
        named = dict.fromkeys(str(one) for one in self.counts[column].dropna() if one)
        return ("；" if self.lang == "zh" else "; ").join(named)

    def findings(self, found: Iterable[str]) -> None:
        """Show the key findings as a numbered list."""
        _show_html(markup.list_html(list(found)))

    def say(self, *sentences: str | Iterable[str]) -> None:
        """Show sentences, one paragraph each; empty ones vanish."""
        lines = [line for said in sentences for line in ([said] if isinstance(said, str) else said) if line]
        if lines:
            _show_html(markup.lines_html(lines))

    def table(self, frame: pd.DataFrame, name: str, *, shown: bool = True) -> None:
        """Write a tidy frame to tables/NAME.csv and show it laid out for readers.

        Counts that are absent from every row are named in one line below; if nothing is left, that line
        stands alone.

        Parameters
        ----------
        frame : pandas.DataFrame
            A tidy frame; its columns decide the layout (see `reader_table`).
        name : str
            The file's name without ending.
        shown : bool
            False writes the file only: for long tables that a figure shows.
        """
        tidy_csv.write_csv(frame, self._folder / "tables" / f"{name}.csv")
        self._shown.append(frame)
        if not shown:
            return
        laid_out = reader_table(self._with_last_years(frame), self.lang) if len(frame) else None
        if laid_out is not None and laid_out.rows:
            _show_html(markup.table_html(laid_out))
        missing = self.absent(frame)
        if missing:
            self.say(missing)
        elif laid_out is None or not laid_out.rows:
            key = f"nothing.{name}"
            self.say(text(key if key in wording() else "nothing", self.lang))

    def _with_last_years(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame of changes with the last years of its two periods, where rows cover several."""
        if "previous_year" not in frame or "year_end" not in self.counts:
            return frame
        last = dict(zip(self.counts["year"], self.counts["year_end"], strict=True))
        return frame.assign(
            year_end=frame["year"].map(last), previous_year_end=frame["previous_year"].map(last)
        )

    def absent(self, frame: pd.DataFrame) -> str:
        """Say in one line which counts are absent from every row of a frame of levels; empty if none is."""
        with_levels = {"indicator", "value", "note"} <= set(frame) and "verdict" not in frame
        return absent(frame, self.lang, published=self.published) if with_levels and len(frame) else ""

    def figure(self, figure: Figure | None, name: str) -> None:
        """Write a figure to figures/NAME.png and show it; None (nothing to draw) shows nothing.

        The place is written before the title, and on simulated data the figure says that it is simulated.
        """
        if figure is None:
            return
        with canvas.ink():
            canvas.stamp(figure, place=self.place, simulated=self.declaration.simulated, lang=self.lang)
        content = canvas.png(figure)
        path = self._folder / "figures" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        title = figure.get_suptitle()
        picture = {"image/png": b64encode(content).decode("ascii"), "text/plain": title}
        _show(picture, {"image/png": {"width": 900, "alt": title}})

    def summary(self, figures: pd.DataFrame) -> None:
        """Write tables/summary.csv: the few figures by which an index of many pages shows this one.

        Parameters
        ----------
        figures : pandas.DataFrame
            What `level_summary` or `series_summary` gives: label, text, verdict.
        """
        found = figures.assign(
            analysis_title=wording().get(f"analysis.{self.analysis}", {}).get(self.lang, self.analysis),
            dataset_title=getattr(self.declaration, f"title_{self.lang}"),
            simulated=str(self.declaration.simulated),
        )
        tidy_csv.write_csv(found, self._folder / "tables" / "summary.csv")

    def record(self, frame: pd.DataFrame) -> None:
        """Print the numbers of record: plain rounded text, sorted, that nbval compares.

        One line a row that has a value: keys, indicator, counts, value and limits to four decimals; where
        there is a verdict, it, the most events within the target and the size that would tell.
        """
        for line in sorted(_record_line(row) for row in records(frame[frame["value"].notna()])):
            print(line)

    def methods(self, files: Iterable[Path] = (), digest: str = "") -> None:
        """Show the methods section on all that the page has shown so far.

        Parameters
        ----------
        files : iterable of pathlib.Path
            The files of the dataset.
        digest : str
            The digest of the rows that the page could read.
        """
        defined = methods.definitions(self._shown, self.lang)
        if defined is not None:
            _show_html(markup.table_html(defined))
        self.say(
            methods.statements(self._shown, self.lang),
            methods.provenance(self.declaration, files, digest, self.lang),
        )


def _record_line(row: dict[str, object]) -> str:
    parts = [
        str(row[key])
        for key in ("district", "year", "indicator", "source_system", "area", "target_id")
        if key in row
    ]
    if "numerator" in row:
        parts.append(f"{row['numerator']}/{row['denominator']}")
    parts += [f"{key} {numbers.half_up(row[key], 4)}" for key in _RECORDED if key in row]
    if row.get("verdict"):
        shown, size, _ = telling_size(row)
        parts += [
            str(row["verdict"]),
            f"allowance {row['allowance']}",
            f"{shown} at {numbers.half_up(size, 0)}",
        ]
    return " | ".join(parts)


def _show_html(html: str) -> None:
    _show({"text/html": html, "text/plain": ""}, {})


def _show(data: dict[str, str], metadata: dict[str, dict[str, object]]) -> None:
    from IPython.display import display

    display(data, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]
