"""One folder of pages in both languages, with an index over all districts and analyses."""

from __future__ import annotations

import html
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from pathlib import Path

from jinja2 import DictLoader, Environment

from .ledgers import ALL, RunPage, SiteError, read_pages

LANGUAGES = {"zh": "中文", "en": "English"}
WORDS = {
    "zh": {
        "html_lang": "zh-CN",
        "title": "妇幼健康指标分析报告",
        "lead": "每个地区、每项分析一页。数值旁均注明计数、区间与方法；点击地区名称查看全文。",
        "place": "地区",
        "figure": "主要指标",
        "result": "结果",
        "verdict": "与目标比较",
        "compared": "突出的地区",
        "failed": "未能完成",
        "simulated": "模拟数据",
        "districts": "个地区",
        "failures": "个未能完成",
        "filter": "按地区名称筛选",
        "index": "目录",
        "tables": "数据表",
        "other": "本地区的其他分析",
    },
    "en": {
        "html_lang": "en",
        "title": "Maternal and child health: district analyses",
        "lead": "One page a district and analysis. Every figure stands with its counts, limits and method; "
        "open a place to read its page.",
        "place": "Place",
        "figure": "Main figure",
        "result": "Result",
        "verdict": "Against the target",
        "compared": "Districts that stand out",
        "failed": "could not be completed",
        "simulated": "simulated data",
        "districts": "districts",
        "failures": "could not be completed",
        "filter": "Filter by place",
        "index": "Index",
        "tables": "Tables",
        "other": "Other analyses of this place",
    },
}
MARKER = ".mchepi-site"
NAVIGATION = "<!-- site navigation -->"


def build_site(outputs: Path, site: Path) -> Path:
    """Build the site from what the runs below `outputs` left behind.

    Nothing is recomputed: pages are copied and given their navigation, and the index is made of the ledgers
    and the summary tables. The new site replaces an older one only when it is complete.

    Parameters
    ----------
    outputs : Path
        The folder that `mchepi run` wrote.
    site : Path
        The folder to build; an older site there is replaced, any other folder with content is refused.

    Returns
    -------
    Path
        The index page to open.

    Raises
    ------
    SiteError
        If `outputs` holds no ledger, or `site` is a folder of something else.
    """
    pages = read_pages(outputs)
    if not pages:
        raise SiteError(
            f"`outputs` must be a folder that `mchepi run` wrote; got {outputs}, which holds no ledger. "
            "Run: mchepi run params/*.yaml"
        )
    if site.is_symlink() or (site.exists() and not _may_replace(site)):
        raise SiteError(
            f"`--site` must be a new folder or a site built before; got {site}, which holds other files "
            "or is no folder. Name another folder."
        )
    site = site.absolute()
    staging = site.with_name(f".{site.name}.new")
    try:
        _build(pages, staging)
        if site.exists():
            shutil.rmtree(site)
        staging.rename(site)
    except OSError as error:
        raise SiteError(
            f"`--site` must be a folder that can be written; got {site} ({error.strerror}). "
            "Name another folder."
        ) from None
    return site / "index.html"


def _may_replace(site: Path) -> bool:
    """Whether `site` is an empty folder or a site built before."""
    return site.is_dir() and ((site / MARKER).is_file() or not any(site.iterdir()))


def _build(pages: Sequence[RunPage], staging: Path) -> None:
    """Build the whole site in the folder `staging`."""
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    (staging / MARKER).write_text("Built by mchepi report; replaced whole at the next build.\n", "utf-8")
    environment = _environment()
    of_district: dict[str, list[RunPage]] = defaultdict(list)
    for page in pages:
        of_district[page.district].append(page)
    languages = sorted({page.lang for page in pages}, key=lambda lang: lang != "zh")
    for lang in languages:
        of_lang = [page for page in pages if page.lang == lang]
        for page in of_lang:
            _copy_page(page, of_district[page.district], staging / lang / page.href)
        text = environment.get_template("index.html").render(
            words=WORDS[lang],
            sections=_sections(of_lang, lang),
            switches=[(LANGUAGES[other], f"../{other}/index.html") for other in languages if other != lang],
            lang=lang,
        )
        (staging / lang / "index.html").write_text(text, "utf-8")
    first = f"{languages[0]}/index.html"
    (staging / "index.html").write_text(environment.get_template("lead.html").render(first=first), "utf-8")


def _environment() -> Environment:
    folder = resources.files("mchepi.report").joinpath("template")
    names = ("index.html", "lead.html")
    templates = {name: folder.joinpath(name).read_text(encoding="utf-8") for name in names}
    return Environment(loader=DictLoader(templates), autoescape=True, trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True)
class Section:
    """The pages of one analysis, as the index lists them."""

    analysis: str
    title: str
    dataset: str
    simulated: bool
    failed: int
    pages: list[tuple[RunPage, str]]

    @property
    def districts(self) -> int:
        """How many districts have a page of their own."""
        return sum(page.district != ALL for page, _ in self.pages)


def _sections(pages: Sequence[RunPage], lang: str) -> list[Section]:
    """Pages grouped by analysis: real figures before simulated ones, a single place before many."""
    sections = []
    for analysis, group in groupby(pages, key=lambda page: page.analysis):
        members = list(group)
        about = next((page.summary[0] for page in members if page.summary), {})
        sections.append(
            Section(
                analysis=analysis,
                title=about.get("analysis_title", analysis),
                dataset=about.get("dataset_title", ""),
                simulated=about.get("simulated") == "True",
                failed=sum(page.failed for page in members),
                pages=[(page, page.name(lang)) for page in members],
            )
        )
    return sorted(sections, key=lambda section: (section.simulated, len(section.pages)))


def _copy_page(page: RunPage, sisters: Sequence[RunPage], target: Path) -> None:
    """Copy one page with its tables, its place for navigation filled; `sisters` are all of its district."""
    target.parent.mkdir(parents=True)
    text = (page.folder / "report.html").read_text("utf-8")
    target.write_text(text.replace(NAVIGATION, _navigation(page, sisters), 1), "utf-8")
    for name in page.tables:
        destination = target.parent / name
        destination.parent.mkdir(exist_ok=True)
        shutil.copyfile(page.folder / name, destination)


def _navigation(page: RunPage, sisters: Sequence[RunPage]) -> str:
    words = WORDS[page.lang]
    parts = [_link("../../index.html", words["index"])]
    parts += [
        _link(f"../../../{other.lang}/{other.href}", LANGUAGES[other.lang])
        for other in sisters
        if other.lang != page.lang and other.analysis == page.analysis
    ]
    parts += [
        _link(f"../../{other.href}", other.summary[0]["analysis_title"] if other.summary else other.analysis)
        for other in sisters
        if other.lang == page.lang and other.analysis != page.analysis
        and other.names == page.names and page.district != ALL
    ]  # fmt: skip
    if page.tables:
        links = " ".join(_link(name, Path(name).stem) for name in page.tables)
        parts.append(f"<details><summary>{words['tables']}</summary>{links}</details>")
    return " ".join(parts)


def _link(href: str, text: str) -> str:
    return f'<a href="{html.escape(href)}">{html.escape(text)}</a>'
