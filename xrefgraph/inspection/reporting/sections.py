"""What a report says of a whole graph: one function a section, each from an answer that is masked already."""

from __future__ import annotations

from collections.abc import Sequence

from xrefgraph.decisions import Decision
from xrefgraph.errors import counted
from xrefgraph.inspection.ambiguities import Ambiguities, Ambiguity
from xrefgraph.inspection.answers import series
from xrefgraph.inspection.health import Health
from xrefgraph.inspection.measures.alarms import percent
from xrefgraph.inspection.measures.sizes import TypeMeasures
from xrefgraph.inspection.reporting.markup import bar, number, said, table, value
from xrefgraph.inspection.subjects import name_of
from xrefgraph.inspection.suspects import Suspects
from xrefgraph.schema import IdentifierType, Schema

#: So many alarms, types, refusals and decisions are listed; the others are counted.
LISTED = 50


def more_of(count: int, noun: str, listed: int = LISTED) -> str:
    """Say how many are not listed; nothing where all are."""
    left = count - listed
    return f'<p class="more">+{counted(left, f"more {noun}")}</p>' if left > 0 else ""


def statuses(found: Health) -> str:
    """Give the events by their status, as a bar and in words."""
    if not found.events:
        return ""
    parts = [
        (name, count, f"{name.replace('_', ' ')}: {count:,} ({percent(count / found.events)})")
        for name, count in found.statuses.items()
        if count
    ]
    words = "".join(
        f'<li><span class="key {name}"></span>{said(told)}</li>' for name, _, told in parts
    )
    shares = [(count / found.events, name, told) for name, count, told in parts]
    return f'{bar(shares, "Events by status")}<ul class="keys">{words}</ul>'


def alarms(found: Health) -> str:
    """Give the alarms, the most serious first, each with what to do."""
    if not found.alarms:
        return "<p><strong>No alarm.</strong></p>" if found.events else ""
    items = "".join(
        f'<li><p class="what">{said(one.what)}</p><p class="advice">{said(one.advice)}</p></li>'
        for one in found.alarms[:LISTED]
    )
    return (
        f"<h3>{counted(len(found.alarms), 'alarm')}, the most serious first</h3>"
        f'<ol class="alarms">{items}</ol>{more_of(len(found.alarms), "alarm")}'
    )


def types(found: Health) -> str:
    """Give what there is of each type."""
    rows = [_type(found, one) for one in found.types[:LISTED]]
    head = (
        "type",
        "identifiers",
        "never joined",
        "on events (median, most)",
        "meets others (median, most)",
    )
    return table(head, rows, "Types") + more_of(len(found.types), "type")


def _type(found: Health, one: TypeMeasures) -> str:
    share = one.alone / one.identifiers if one.identifiers else 0.0
    marks = [f"<b>{said(one.type)}</b>"]
    if one.type == found.anchor:
        marks.append("(anchor)")
    elif one.unique:
        marks.append("(unique)")
    alone = bar([(share, "anchored", "never joined")], "Never joined")
    return (
        f"<tr><td>{' '.join(marks)}</td>{number(one.identifiers)}"
        f"<td>{alone if one.identifiers else ''}<small>{percent(share)}</small></td>"
        f"<td>{one.events.median:,}, {one.events.most:,}</td><td>{one.meets.median:,}, {one.meets.most:,}</td></tr>"
    )


def sizes(found: Health) -> str:
    """Give the largest profiles."""
    rows = [
        f"<tr><td>{value(one.profile_id)}</td>{number(one.events)}{number(one.identifiers)}</tr>"
        for one in found.largest
    ]
    if not rows:
        return "<p>There is no profile.</p>"
    left = more_of(found.profiles, "profile", len(rows))
    return table(("profile", "events", "identifiers"), rows, "The largest profiles") + left


def refused(found: Health) -> str:
    """Give what links nothing, by type and reason."""
    listed = sorted(found.refused, key=lambda one: (-one.events, one.type, one.reason))
    if not listed:
        return "<p>No value was refused.</p>"
    rows = [
        f"<tr><td>{said(one.type)}</td><td>{said(one.reason.replace('_', ' '))}</td>{number(one.values)}{number(one.events)}</tr>"
        for one in listed[:LISTED]
    ]
    head = ("type", "reason", "values", "events that carry them")
    return table(head, rows, "Refused values") + more_of(len(listed), "row")


# ------------------------------------------------------------------------------------------- queues


def owners_of(one: Ambiguity) -> str:
    """Name those whom the evidence takes for one, in a few words."""
    several = len({owner.type for owner in one.owners[:2]}) > 1
    kind = "" if several or not one.owners else f"{one.owners[0].type} "
    names = [name_of(owner) if several else owner.value for owner in one.owners[:2]]
    shown = [value(name) for name in names]
    if one.owners_in_all > 2:
        shown.append(counted(one.owners_in_all - 2, "other"))
    return f"{said(kind)}{series(shown)}"


def queue(found: Ambiguities) -> str:
    """Give the conflicts that are listed as a table, worst first."""
    if not found.conflicts:
        return f"<p>{said(found.summary)}</p>"
    most = max(one.at_stake for one in found.conflicts) or 1
    rows = [
        f'<tr><td class="n"><a href="#case-{n}">{n}</a></td><td>{owners_of(one)}</td><td>{culprit(one)}</td>'
        f"<td>{bar([(one.at_stake / most, 'culprit', 'at stake')], 'Events at stake')}<small>{one.at_stake:,}</small></td>"
        f"{number(one.events)}<td>{said(one.kind)}</td></tr>"
        for n, one in enumerate(found.conflicts, 1)
    ]
    head = ("", "taken for one", "joined by", "events at stake", "events", "kind")
    told = f"{counted(found.in_all, 'conflict')} with {counted(found.at_stake, 'event')} at stake, worst first."
    left = more_of(found.in_all, "conflict", len(rows))
    return f"<p>{told}</p>{table(head, rows, 'Conflicts')}{left}"


def culprit(one: Ambiguity) -> str:
    """Name what is suspected first."""
    if one.culprit is None:
        return "nothing is suspected"
    more = len(one.culprits) - 1
    rest = f" and {counted(more, 'other')}" if more else ""
    return f"<strong>{said(one.culprit.type)} {value(one.culprit.value)}</strong>{rest}"


def suspected(found: Suspects) -> str:
    """Give the worst suspects, with the reasons."""
    listed = found.suspects
    if not listed:
        return f"<p>{said(found.summary)}</p>"
    rows = [
        f"<tr><td>{said(one.type)} {value(one.value)}</td>"
        f"<td>{bar([(one.score, 'culprit' if one.score >= found.threshold else 'anonymous', 'score')], 'Score')}<small>{one.score:.2f}</small></td>"
        f"<td>{'; '.join(said(clue.text) for clue in one.reasons[:3])}</td>{number(one.events)}</tr>"
        for one in listed
    ]
    above = f"{found.above:,}" if found.above else "None"
    verb = "joins" if found.above == 1 else "join"
    told = f"{above} of {counted(found.scored, 'identifier')} most likely {verb} different people: a score of {found.threshold:g} or more."
    head = ("identifier", "score", "why", "events")
    left = more_of(found.suspected, "identifier", len(rows))
    return f"<p>{told}</p>{table(head, rows, 'Suspects')}{left}"


# -------------------------------------------------------------------------------------------- rules


def rules(schema: Schema, decisions: Sequence[Decision], idle: Sequence[bool]) -> str:
    """Give what the graph was built by: the policy, the types, and the decisions in force.

    Parameters
    ----------
    schema : Schema
    decisions : sequence of Decision
        Masked.
    idle : sequence of bool
        Of each whether it does nothing, or not all that it says.
    """
    policy = schema.policy
    told = "a function" if policy.function is not None else said(policy.name)
    options = (
        ""
        if policy.function is not None
        else ", ".join(
            f"{key} = {text}" for key, text in policy.to_dict().items() if key != "policy"
        )
    )
    anchor = (
        f"the anchor is <b>{said(schema.anchor)}</b>" if schema.anchor else "there is no anchor"
    )
    rows = [_rules_of(one) for one in schema.ranked]
    parts = [
        f"<p>Policy: <b>{told}</b>{f' ({said(options)})' if options else ''}; {anchor}.</p>",
        table(
            ("type", "unique", "limit", "normalised by", "trust", "refuses"),
            rows,
            "Types and their rules",
        ),
        f"<h3>{counted(len(decisions), 'decision')} in force</h3>"
        if decisions
        else "<p>No decision is in force.</p>",
    ]
    if decisions:
        listed = [
            _decision(one, does_nothing=still)
            for one, still in zip(decisions[:LISTED], idle[:LISTED], strict=True)
        ]
        head = ("action", "about", "events", "reason", "date")
        parts += [table(head, listed, "Decisions"), more_of(len(decisions), "decision")]
    return "".join(parts)


def _rules_of(one: IdentifierType) -> str:
    given = one.normalize
    names = [given] if isinstance(given, str) or callable(given) else list(given or ())
    normal = ", ".join(name if isinstance(name, str) else "a function" for name in names)
    refuses = [
        *(
            [f"{counted(len(one.deny), 'denied value')}"]
            if one.deny and not isinstance(one.deny, str)
            else []
        ),
        *([counted(len(one.deny_patterns), "pattern")] if one.deny_patterns else []),
        *(["junk"] if one.deny_defaults else []),
        *([f"more than {most:,} of {other}" for other, most in sorted(one.shared_with.items())]),
    ]
    limit = "" if one.limit is None else f"{one.limit:,}"
    return (
        f"<tr><td><b>{said(one.name)}</b></td><td>{'yes' if one.unique else ''}</td><td>{limit}</td>"
        f"<td>{said(normal)}</td><td>{one.trust:g}</td><td>{said(', '.join(refuses))}</td></tr>"
    )


def _decision(one: Decision, *, does_nothing: bool) -> str:
    pairs = " and ".join(f"{said(kind)} {value(text)}" for kind, text in one.identifiers)
    events = counted(len(one.events), "event") if one.events else ""
    still = " <small>(does nothing, or not all that it says)</small>" if does_nothing else ""
    return (
        f"<tr><td>{said(one.action)}{still}</td><td>{pairs}</td><td>{events}</td>"
        f"<td>{said(one.reason or one.name or '')}</td><td>{said(one.date or '')}</td></tr>"
    )
