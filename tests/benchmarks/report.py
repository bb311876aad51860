"""Turns what was measured into Markdown, and puts it into a document."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.benchmarks.goals import GOALS, Measured, middle
from tests.benchmarks.processes import Facts
from tests.benchmarks.rounds import Score

LEGEND = (
    "All do the same work, from a Parquet file of events to a Parquet file with the profile of each"
    " of them. *floor*: DuckDB groups the"
    " file, counts the distinct event ids, and writes the eight columns; it links nothing."
    ' *500MB*: with `memory_limit="500MB"`. Splink, python-igraph, rustworkx and *networkx'
    " (helped)* get the distinct pairs of identifiers that some event joins, as integers, made by"
    " DuckDB; *networkx* gets a node per event, a node per identifier, and an edge per link."
    " pygrouper looks one step far only."
)
CONFLICTS = (
    "The same from file to file under each policy. *keep* settles no conflict; *isolate* looks at the user ids"
    " alone, the others have a limit of ten devices too. *keep, shared_with* sets cookies aside that two users have."
)
START, END = "<!-- benchmark:start -->", "<!-- benchmark:end -->"


def markdown(measured: Measured) -> str:
    """Return all tables."""
    return "\n\n".join(parts(measured)) + "\n"


def parts(measured: Measured) -> Iterator[str]:
    """Give the paragraphs and tables, one after the other."""
    yield header(measured)
    if measured.races:
        yield LEGEND
    for events, scores in measured.races.items():
        yield f"### {events:,} events"
        yield contents(measured.inputs[events])
        yield race_table(scores)
        yield from remarks(scores, measured.alike)
    if len(measured.races) > 1 and all("xrefgraph" in each for each in measured.races.values()):
        yield "### Time per event"
        yield growth_table(measured.races)
    for events, results in measured.lookups.items():
        yield f"### Questions to a graph of {events:,} events"
        yield lookup_table(results)
    if measured.shapes:
        yield "### Awkward shapes"
        yield shape_table(measured.shapes)
    if measured.conflicts:
        yield "### Two people, one cookie"
        yield CONFLICTS
        for shape, scores in measured.conflicts.items():
            yield conflict_table(shape, scores)
    if measured.imports:
        seconds = middle(measured.imports, "seconds")
        heavy = sorted({name for each in measured.imports for name in each["heavy"]})
        yield (
            f"`import xrefgraph` takes {seconds:.2f} s, and of matplotlib, pandas, polars and"
            f" pyarrow loads {' and '.join(heavy) or 'none'}."
        )
    reached = [row for goal in GOALS if (row := goal.row(measured))]
    if reached:
        yield "### Goals"
        yield table(["goal", "measured", "reached"], reached)


def header(measured: Measured) -> str:
    """Say on what machine and with what versions this was measured."""
    facts = measured.machine
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    return (
        f"Measured by `{measured.command}` on {facts['system']}, {facts['cores']} cores,"
        f" {facts['memory']:.0f} GB of memory; {versions}. Seconds are medians of the work alone,"
        " without the start of the process and the imports; MB (of 1,000,000 bytes) are the most"
        " that the whole process held in any run. A ratio is the median of the ratios within each"
        " round. Other work disturbs seconds much and CPU seconds little; the machine's load at the"
        f" start was {facts['load']:.1f}."
    )


def contents(facts: Facts) -> str:
    """Say what is in a file of events."""
    return f"{facts['identifiers']:,} identifiers in {facts['sets']:,} distinct identifier sets."


def race_table(scores: Mapping[str, Score]) -> str:
    """One row for each contestant, in the order in which they are declared."""
    rows = []
    for name, score in scores.items():
        if not score.seconds:
            rows.append([name, score.failure or "not run", *[""] * 7])
            continue
        fastest, slowest = score.spread
        rows.append(
            [
                name,
                f"{score.median:.2f}",
                f"{fastest:.2f} to {slowest:.2f}",
                times(score, scores.get("floor")),
                times(score, scores.get("xrefgraph")),
                f"{statistics.median(score.cpu.values()):.2f}",
                f"{score.peak:,.0f}",
                f"{score.found['profiles']:,}" if score.found else "",
                str(len(score.seconds)),
            ]
        )
    columns = [
        "",
        "seconds",
        "spread",
        "times the floor",
        "times xrefgraph",
        "CPU seconds",
        "MB",
        "profiles",
        "runs",
    ]
    return table(columns, rows)


def times(score: Score, other: Score | None) -> str:
    """Return how many times as long as the other it takes, or nothing."""
    if other is None or not score.seconds.keys() & other.seconds.keys():
        return ""
    number = score.times(other)
    return f"{number:.2f}" if number < 10 else f"{number:,.0f}"


def remarks(scores: Mapping[str, Score], alike: set[str]) -> Iterator[str]:
    """Say who failed, and who found other profiles than xrefgraph though it should not."""
    failed = [name for name, score in scores.items() if score.failure and score.seconds]
    if failed:
        yield f"Failed in a later run: {', '.join(failed)}."
    compared = {
        name: score.found["rows"] for name, score in scores.items() if score.found and name in alike
    }
    differing = differ(compared)
    if differing:
        yield f"**Their rows differ from those of xrefgraph: {', '.join(differing)}.**"
    elif len(compared) > 1:
        yield f"The same rows were written by {', '.join(compared)}."


def differ(rows: Mapping[str, str]) -> list[str]:
    """Return those contestants that should have written the rows of xrefgraph, and did not.

    Where xrefgraph did not run, the first of them is what the others are compared with.
    """
    expected = rows.get("xrefgraph", next(iter(rows.values()), None))
    return [name for name, each in rows.items() if each != expected]


def growth_table(races: Mapping[int, Mapping[str, Score]]) -> str:
    """Microseconds per event, for the floor and xrefgraph."""
    rows = []
    for name in ("floor", "xrefgraph"):
        if all(name in scores and scores[name].seconds for scores in races.values()):
            each = [scores[name].median / events * 1e6 for events, scores in races.items()]
            rows.append([name, *[f"{number:.2f} µs" for number in each]])
    return table(["", *[f"{events:,} events" for events in races]], rows)


def lookup_table(results: Mapping[str, Sequence[Facts]]) -> str:
    """One row for each kind of question."""
    rows = []
    if results.get("assign"):
        assigned = results["assign"]
        rows.append(
            [
                f"`assign` of {assigned[0]['rows']:,} rows to a pandas frame",
                f"{middle(assigned, 'seconds'):.2f} s",
                spread([each["seconds"] for each in assigned], " s"),
            ]
        )
    if results.get("look_up"):
        found = results["look_up"]
        for fact, what in (
            ("first", "`profile`, the first one"),
            ("median", "`profile`, the median of 200 more"),
            ("slowest", "`profile`, the slowest of these"),
        ):
            milliseconds = [each[fact] * 1000 for each in found]
            rows.append(
                [what, f"{middle(found, fact) * 1000:,.1f} ms", spread(milliseconds, " ms")]
            )
    return table(["", "median", "spread"], rows)


def conflict_table(shape: str, scores: Mapping[str, Score]) -> str:
    """One row for each policy."""
    rows = []
    for name, score in scores.items():
        if not score.seconds:
            rows.append([name, score.failure or "not run", *[""] * 4])
            continue
        fastest, slowest = score.spread
        rows.append(
            [
                name,
                f"{score.median:.2f}",
                f"{fastest:.2f} to {slowest:.2f}",
                times(score, scores.get("keep")),
                f"{score.peak:,.0f}",
                f"{score.found['profiles']:,}" if score.found else "",
            ]
        )
    return table([shape, "seconds", "spread", "times keep", "MB", "profiles"], rows)


def spread(numbers: Sequence[float], unit: str) -> str:
    """Return the smallest and the largest."""
    return f"{min(numbers):,.2f} to {max(numbers):,.2f}{unit}"


def shape_table(shapes: Mapping[str, tuple[Facts, Mapping[str, Score]]]) -> str:
    """One row for each awkward shape."""
    rows = []
    for shape, (facts, scores) in shapes.items():
        score = scores["xrefgraph"]
        row = [shape, f"{facts['events']:,}", f"{facts['identifiers']:,}"]
        if score.seconds:
            fastest, slowest = score.spread
            row += [f"{score.found['profiles']:,}", f"{score.median:.2f}"]
            row += [f"{fastest:.2f} to {slowest:.2f}", times(score, scores.get("floor"))]
            row += [f"{score.peak:,.0f}"]
        else:
            row += ["", score.failure, "", "", ""]
        rows.append(row)
    columns = [
        "",
        "events",
        "identifiers",
        "profiles",
        "seconds",
        "spread",
        "times the floor",
        "MB",
    ]
    return table(columns, rows)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are aligned to the right."""
    lines = [
        "| " + " | ".join(columns) + " |",
        "|---" + "|---:" * (len(columns) - 1) + "|",
        *("| " + " | ".join(row) + " |" for row in rows),
    ]
    return "\n".join(lines)


def check_markers(document: Path) -> None:
    """Make sure that the document has a place for the tables, before hours are spent on them."""
    text = document.read_text(encoding="utf-8") if document.is_file() else ""
    if not 0 <= text.find(START) < text.find(END):
        raise SystemExit(f"{document.name} has no lines {START} and {END}, in this order.")


def write_between_markers(document: Path, text: str) -> None:
    """Replace what stands between the two markers of a document."""
    before, _, rest = document.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{START}\n\n{text}\n{END}{after}", encoding="utf-8")
