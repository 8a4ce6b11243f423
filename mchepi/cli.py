"""The command line: `mchepi check`, `run`, `report`, `worklist`, `indicators`."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mchepi.batch import Dataset, Select
    from mchepi.intake import Finding

DONE, SOME_FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
UNUSABLE, FINDINGS, CLEAN = 2, 1, 0

DESCRIPTION = "Reproducible district analyses of maternal and child health."
CHECK = """\
Read and check data: CSV files, or folders of data/ with a dataset.yaml. All findings at once, each with its
row as a spreadsheet numbers it, its column, its value and the fix.
"""
CHECK_MORE = """\
exit code: 0 nothing found, 1 findings that stop no work, 2 a file cannot be used

example:
  mchepi check data/published/counts.csv
"""
RUN = """\
Run notebooks: that of each params file for each of its districts and languages, in worker processes.
Everything is checked before the first notebook starts; a district that fails does not stop the others.
A page is made again only if something it is made from changed, or it failed; the others are skipped.
"""
RUN_MORE = """\
a params file, params/mortality_published.yaml (the analysis is named after it):
  notebook: mortality          # notebooks/mortality.ipynb beside params/
  data: published              # a folder of data/ beside params/, or a path relative to this file
  reads: district              # what the notebook may read: its district's rows (default), or all
  lang: [zh, en]               # each district is run once a language; default [zh]
  defaults: {year_to: 2023}    # parameters of the notebook
  districts: all               # or a list of ids; or, instead:
  # runs:
  #   - {district: "152223", year_from: 2020}

`reads: all` with neither `districts` nor `runs` runs the notebook once, with the parameter district: "all".
A parameter's value is the notebook's own, unless defaults, then runs, then the command line say otherwise.

pages: OUTPUT/LANGUAGE/ANALYSIS/DISTRICT/report.html, with notebook.ipynb, tables/ and figures/ beside it.
TIME is a whole number of seconds, or as 90s, 30m, 2h; SIZE as 800MB, 2GB, 1.5GiB. What goes beyond fails.
WHERE is local; dask://HOST:PORT or dask:///FOLDER/SCHEDULER.json, the workers of a dask scheduler, for which
paths must mean the same (docs/many_machines.md); or dask://local, such workers on this machine.

--json prints what happens, an object a line. `event` is removed, start, started, done, failed, skipped,
stopped or end; each has the counts done, failed, skipped and left. As far as they apply: the page's analysis,
lang, district, names, page (its path), seconds, error and repeat (the command); of the start pages (how many
an analysis), workers and why as many; of the end the reason for which it came early.

exit code: 0 all done, 1 some failed (listed with the command that repeats them), the disk became full or the
executor was lost, 2 refused before any notebook started, 130 stopped by Ctrl-C

examples:
  mchepi run params/mortality_published.yaml
  mchepi run params/*.yaml --only 152223 --lang zh --jobs 4
  mchepi run params/*.yaml --why 152223
  mchepi run params/*.yaml --notebook-timeout 10m --memory-limit 2GB --json
  mchepi run params/*.yaml --executor dask://head:8786
"""
REPORT = "Build a site with an index from the pages that `mchepi run` left. Nothing is computed again."
REPORT_MORE = """\
example:
  mchepi report outputs --site site
"""
WORKLIST = """\
List the ids of persons whose diagnosis or treatment after screening is overdue, for those who must call them.
The list is written to a new file that only you can read; it is refused inside the project, pages or a site.
"""
WORKLIST_MORE = """\
example:
  mchepi worklist example_registers --district R02 --output ~/overdue_R02.csv
"""
INDICATORS = "List the catalog of indicators: id, names, kind, unit, and whether the definition was verified."
INDICATORS_MORE = """\
examples:
  mchepi indicators
  mchepi indicators --json
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the answer is the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")  # a terminal that cannot write Chinese still gets the rest
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except KeyboardInterrupt:
        print("Stopped before anything was started.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mchepi", description=DESCRIPTION)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, what: str, more: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=what.split(". ")[0].split(":")[0].strip().rstrip("."),
            description=what,
            epilog=more,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    check = command("check", CHECK, CHECK_MORE)
    check.add_argument("files", nargs="+", metavar="FILE", help="a CSV file, or a dataset's folder")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.set_defaults(command=_check)

    run = command("run", RUN, RUN_MORE)
    run.add_argument("params", nargs="+", metavar="PARAMS", help="params files")
    run.add_argument(
        "--only", action="append", default=[], metavar="DISTRICT", help="an id or a name; may be repeated"
    )
    run.add_argument(
        "--jobs", type=_positive, metavar="N", help="worker processes; default: as cores and memory allow"
    )
    run.add_argument("--check", action="store_true", help="check everything, run nothing")
    which = run.add_mutually_exclusive_group()
    which.add_argument("--force", action="store_true", help="make every page, changed or not")
    run.add_argument(
        "--verify", action="store_true", help="read every finished page, also those that look untouched"
    )
    which.add_argument("--only-failed", action="store_true", help="make only the pages that failed")
    which.add_argument(
        "--why",
        action="append",
        metavar="DISTRICT",
        help="say why its pages would be made or skipped, run nothing; may be repeated",
    )
    run.add_argument("--output", default="outputs", metavar="FOLDER", help="where the pages go (outputs)")
    run.add_argument("--lang", choices=("zh", "en"), help="this language only")
    run.add_argument(
        "--cell-timeout",
        type=_seconds,
        metavar="TIME",
        help="most time a cell may take (30m)",
    )
    run.add_argument(
        "--notebook-timeout", type=_seconds, metavar="TIME", help="most time a notebook may take (no limit)"
    )
    run.add_argument(
        "--memory-limit",
        type=_memory,
        metavar="SIZE",
        help="most memory a notebook may take (no limit)",
    )
    run.add_argument(
        "--executor", default="local", metavar="WHERE", help="where notebooks run (local); dask://HOST:PORT"
    )
    run.add_argument("--no-fork", action="store_true", help="start a fresh kernel for each page; slower")
    run.add_argument("--json", action="store_true", help="print events, one JSON object a line, nothing else")
    run.set_defaults(command=_run)

    report = command("report", REPORT, REPORT_MORE)
    report.add_argument("outputs", metavar="OUTPUTS", help="the folder that `mchepi run` wrote")
    report.add_argument("--site", default="site", metavar="FOLDER", help="where the site goes (site)")
    report.set_defaults(command=_report)

    overdue = command("worklist", WORKLIST, WORKLIST_MORE)
    overdue.add_argument("data", metavar="DATA", help="a dataset, or the file of a register")
    overdue.add_argument("--district", metavar="DISTRICT", help="an id or a name; needed for a dataset")
    overdue.add_argument("--output", required=True, metavar="FILE", help="a new CSV file")
    overdue.add_argument(
        "--as-of", type=_date, metavar="DATE", help="the day on which it is asked (the register's last)"
    )
    overdue.set_defaults(command=_worklist)

    indicators = command("indicators", INDICATORS, INDICATORS_MORE)
    indicators.add_argument("--json", action="store_true", help="print the whole catalog as JSON")
    indicators.set_defaults(command=_indicators)
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number, 1 or more; got {text!r}")
    return int(text)


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a date such as 2024-09-30; got {text!r}") from None


def _seconds(text: str) -> int:
    from mchepi.batch import limits

    return _read_with(limits.seconds, text)


def _memory(text: str) -> int:
    from mchepi.batch import limits

    return _read_with(limits.memory, text)


def _read_with(read: Callable[[str], int], text: str) -> int:
    try:
        return read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _check(arguments: argparse.Namespace) -> int:
    from mchepi.intake import check

    found = {file: check(file) for file in arguments.files}
    if arguments.json:
        print(
            json.dumps(
                [asdict(one) for all_of in found.values() for one in all_of], ensure_ascii=False, indent=1
            )
        )
    else:
        for file, findings in found.items():
            _print_findings(file, findings)
    severities = {one.severity for findings in found.values() for one in findings}
    return UNUSABLE if "error" in severities else FINDINGS if "finding" in severities else CLEAN


def _print_findings(asked: str, findings: Sequence[Finding]) -> None:
    if not findings:
        print(f"{asked}: nothing found")
    for file, own in groupby(findings, key=lambda one: one.file):
        print(file)
        for one in own:
            place = [f"row {one.row}"] if one.row is not None else []
            place += [f"column {one.column}"] if one.column is not None else []
            place += [f"value {one.value!r}"] if one.value is not None else []
            print(f"  {one.severity}: {', '.join(place)}{': ' if place else ''}{one.message}")
            if one.fix:
                print(f"    fix: {one.fix}")


def _run(arguments: argparse.Namespace) -> int:
    from mchepi.batch import Limits, Progress, Refused, as_lines, explain, plan_runs, run_batch

    given = {name: getattr(arguments, name) for name in ("cell_timeout", "notebook_timeout", "memory_limit")}
    limits = Limits(**{name: limit for name, limit in given.items() if limit is not None})
    on_event = as_lines(sys.stdout) if arguments.json else Progress(sys.stdout).on_event
    try:
        plan = plan_runs(
            arguments.params,
            open_dataset=_open_dataset,
            output=arguments.output,
            only=arguments.why or arguments.only,
            lang=arguments.lang,
            keep="mchepi.intake.kept:keep",
        )
        if arguments.check:
            out = sys.stderr if arguments.json else sys.stdout
            print(f"Nothing wrong found. Pages to make: {plan.size}.", file=out)
            return DONE
        if arguments.why:
            print(*explain(plan), sep="\n")
            return DONE
        select: Select = "all" if arguments.force else "failed" if arguments.only_failed else "changed"
        result = run_batch(
            plan,
            jobs=arguments.jobs,
            limits=limits,
            select=select,
            verify=arguments.verify,
            executor=arguments.executor,
            fork=not arguments.no_fork,
            on_event=on_event,
        )
    except Refused as refused:
        print(*refused.messages, sep="\n", file=sys.stderr)
        print("Nothing was run.", file=sys.stderr)
        return REFUSED
    if result.stopped_by:
        return 128 + result.stopped_by
    return SOME_FAILED if result.failed or result.stopped_for else DONE


def _open_dataset(data: str | Path, *, start: Path | None = None) -> Dataset:
    """Open a dataset for the batch, which knows no other error than its own."""
    from mchepi.batch import Refused
    from mchepi.intake import DataError, open_dataset

    try:
        dataset = open_dataset(data, start=start)
        dataset.read_registers()
        return dataset
    except DataError as error:
        raise Refused(str(error).splitlines()) from None


def _report(arguments: argparse.Namespace) -> int:
    from mchepi.report import SiteError, build_site

    try:
        index = build_site(Path(arguments.outputs), Path(arguments.site))
    except SiteError as error:
        print(error, file=sys.stderr)
        return REFUSED
    print(f"Open {index}")
    return DONE


def _worklist(arguments: argparse.Namespace) -> int:
    from mchepi.intake.worklist import worklist, write_worklist

    try:
        late = worklist(arguments.data, arguments.district, as_of=arguments.as_of)
        path = write_worklist(late, arguments.output)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return REFUSED
    print(f"Wrote {len(late)} overdue steps to {path}. Keep it from others, and delete it when it is done.")
    return DONE


def _indicators(arguments: argparse.Namespace) -> int:
    from mchepi.batch.terminal import width
    from mchepi.indicators import indicators

    catalog = indicators()
    if arguments.json:
        print(catalog.to_json(orient="records", force_ascii=False, indent=1))
        return DONE
    columns = ["id", "name_zh", "name_en", "kind", "per", "verified"]
    rows = [columns, *catalog[columns].astype(str).to_numpy().tolist()]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    return DONE
