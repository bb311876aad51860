"""What a value is read as: one canonical text, normalised, and refused where it names nobody.

Step 1 of the rules of linking. Everything exists twice: as SQL, for columns, and as Python, for values
that come from Python, for functions of the user, and for text on which the two would differ (``lower`` of
a capital sigma, a pattern on a line break). SQL settles plain ASCII, Python all other text, so each value
has one reading whatever it came in.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
import numbers
import re
from collections.abc import Iterable, Sequence
from typing import Any

from xrefgraph.database import literal
from xrefgraph.schema import IdentifierType, Normalizer

#: What Python's ``str.strip`` takes for white space.
WHITESPACE = "".join(chr(n) for n in range(0x3001) if chr(n).isspace())

#: Values that systems write where they know nothing. Compared without case, after trimming.
JUNK = frozenset(
    [
        *(
            "null",
            "none",
            "nil",
            "nan",
            "na",
            "n/a",
            "undefined",
            "unknown",
            "unset",
            "empty",
            "missing",
        ),
        *("anonymous", "guest", "invalid", "error", "test", "true", "false", "not_authenticated"),
        *(
            "distinct_id",
            "distinctid",
            "id",
            "email",
            "[object object]",
            "-",
            "--",
            "?",
            ".",
            "0",
            "-1",
        ),
        *("none@none", "?@?"),
    ]
)
JUNK_PREFIXES = ("devnull@", "noreply@", "no-reply@")

#: Why a value is refused, in the order in which the reasons are looked at.
REASONS = ("blank", "denied", "pattern", "not_accepted", "junk")

# Beyond it a double in SQL has no integer type to pass through.
_WIDEST = 1e38


# ------------------------------------------------------------------------------- canonical text


def canonical(value: Any) -> str | None:
    """Read a value of Python as text in one form.

    Parameters
    ----------
    value : object
        Anything that a cell may hold, but for containers.

    Returns
    -------
    str or None
        None where the value is absent: None, NaN, NaT, an empty or a blank text.

    Raises
    ------
    UnicodeError
        When bytes, or a text, are not UTF-8.
    TypeError
        When the value is a container.

    Examples
    --------
    >>> [canonical(value) for value in (123, 123.0, "123", "0123", 1e-7, True, " ")]
    ['123', '123', '123', '0123', '0.0000001', 'true', None]
    """
    if type(value) is str:
        return None if not value or value.isspace() else _checked(value)
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "item") and hasattr(value, "dtype"):
        # A numpy scalar; with nanoseconds its item would be a bare integer.
        value = (value.astype("M8[us]") if value.dtype.kind == "M" else value).item()
        if value is None:
            return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, float | decimal.Decimal):
        return _number(value)
    if isinstance(value, bytes | bytearray):
        return canonical(bytes(value).decode("utf-8"))
    if isinstance(value, dt.datetime):
        return _instant(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return _trimmed(value.isoformat())
    if isinstance(value, dict | list | tuple | set | frozenset):
        raise TypeError(type(value).__name__)
    return canonical(str(value))


def _checked(text: str) -> str:
    text.encode("utf-8")  # a lone surrogate is no text that any engine can hold
    return text


def _number(value: float | decimal.Decimal) -> str | None:
    if not math.isfinite(value):
        return None if math.isnan(value) else str(value).lower().replace("infinity", "inf")
    if isinstance(value, float):
        if value.is_integer() and abs(value) < _WIDEST:
            return str(int(value))
        value = decimal.Decimal(repr(value))
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _instant(value: dt.datetime) -> str:
    if value.tzinfo is not None:
        return _trimmed(value.astimezone(dt.UTC).replace(tzinfo=None).isoformat()) + "+00:00"
    return _trimmed(value.isoformat())


def _trimmed(text: str) -> str:
    return re.sub(r"(\.\d*?)0+(?!\d)", r"\1", text)


def canonical_sql(column: str, kind: str) -> str | None:
    """Give the SQL that reads a column as text in the canonical form. Blanks are left as they are.

    Parameters
    ----------
    column : str
        An SQL expression.
    kind : str
        Its DuckDB type.

    Returns
    -------
    str or None
        None where the type has no text form: structures and maps.
    """
    text = f"({column})::VARCHAR"
    if kind in (
        "VARCHAR",
        '"NULL"',
        "NULL",
        "UUID",
        "BOOLEAN",
        "DATE",
        "BIT",
        "INTERVAL",
        "BIGNUM",
    ) or kind.startswith("ENUM"):
        return text
    if kind.endswith(("INT", "INTEGER")):
        return text
    if kind in ("FLOAT", "DOUBLE"):
        return (
            f"CASE WHEN isnan({column}) THEN NULL WHEN ({column}) = trunc({column}) AND abs({column}) < 1e15"
            f" THEN ({column})::BIGINT::VARCHAR WHEN ({column}) = trunc({column}) AND abs({column}) < {_WIDEST}"
            f" THEN ({column})::HUGEINT::VARCHAR ELSE {_plain_number_sql(text)} END"
        )
    if kind.startswith("DECIMAL"):
        return (
            f"CASE WHEN contains({text}, '.') THEN rtrim(rtrim({text}, '0'), '.') ELSE {text} END"
        )
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"replace({text}, ' ', 'T') || ':00'"
    if kind.startswith("TIMESTAMP"):
        return f"replace({text}, ' ', 'T')"
    if kind.startswith("TIME"):
        return text
    if kind == "BLOB":
        return f"decode({column})"
    if kind == "JSON":
        return json_sql(column)
    return None


def json_sql(column: str) -> str:
    """Give the SQL that reads a JSON scalar as canonical text; null for a JSON null."""
    return (
        f"CASE json_type({column}) WHEN 'DOUBLE' THEN {canonical_sql(f'({column})::DOUBLE', 'DOUBLE')}"
        f" WHEN 'NULL' THEN NULL ELSE ({column}) ->> '$' END"
    )


def _plain_number_sql(text: str) -> str:
    """Text of a double without an exponent: its digits, with the point moved."""
    sign = f"CASE WHEN starts_with({text}, '-') THEN '-' ELSE '' END"
    whole = f"regexp_extract({text}, '^-?([0-9]+)', 1)"
    part = f"regexp_extract({text}, '\\.([0-9]+)', 1)"
    power = f"regexp_extract({text}, 'e([+-]?[0-9]+)$', 1)::INTEGER"
    digits, point = f"({whole} || {part})", f"(length({whole}) + {power})"
    return (
        f"CASE WHEN NOT contains({text}, 'e') THEN {text} WHEN {point} <= 0"
        f" THEN {sign} || '0.' || repeat('0', (-{point})::BIGINT) || {digits}"
        f" WHEN {point} >= length({digits})"
        f" THEN {sign} || {digits} || repeat('0', ({point} - length({digits}))::BIGINT)"
        f" ELSE {sign} || {digits}[:{point}] || '.' || {digits}[{point} + 1:] END"
    )


def strip_sql(text: str) -> str:
    """Give the SQL of ``str.strip``."""
    # trim() takes a microsecond with so many characters; a look at both ends takes a twentieth of it.
    ends = f"unicode({text}) <= 32 OR unicode({text}) > 126 OR ({text})[-1] <= ' ' OR ({text})[-1] > '~'"
    return f"CASE WHEN {ends} THEN trim({text}, {literal(WHITESPACE)}) ELSE {text} END"


def blank_sql(text: str) -> str:
    """Give the SQL condition that a text is there, and is empty or white space only."""
    # The first character of the empty text is -1 to DuckDB.
    white = literal(WHITESPACE)
    return f"CASE WHEN unicode({text}) <= 32 OR unicode({text}) > 126 THEN trim({text}, {white}) = '' ELSE false END"


def native(text: str, kind: str) -> Any:
    """Give a canonical text back as it came in.

    Parameters
    ----------
    text : str
        A canonical text.
    kind : {"integer", "number", "boolean", "text"}
        What it was read from.

    Examples
    --------
    >>> native("123", "integer"), native("007", "text"), native("1.5", "number")
    (123, '007', 1.5)
    """
    if kind == "boolean":
        return text == "true"
    if kind == "integer" or (kind == "number" and re.fullmatch(r"-?[0-9]+", text)):
        return int(text)
    return float(text) if kind == "number" else text


def kind_of(value: Any) -> str:
    """Say what :func:`native` must make of the canonical text of a value of Python."""
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return "boolean"
    if isinstance(value, numbers.Integral):
        return "integer"
    return "number" if isinstance(value, float | numbers.Real) else "text"


def kind_of_column(kind: str) -> str:
    """Say what :func:`native` must make of the canonical text of a column of a DuckDB type."""
    if kind.endswith(("INT", "INTEGER")):
        return "integer"
    if kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL"):
        return "number"
    return "boolean" if kind == "BOOLEAN" else "text"


# ----------------------------------------------------------------------------------- normalisers


def normalize(text: str, steps: Sequence[Normalizer]) -> tuple[str, str | None]:
    """Bring a canonical text into its normal form.

    Parameters
    ----------
    text : str
        A canonical text.
    steps : sequence of str or callable
        The normalisers, in order.

    Returns
    -------
    (str, str or None)
        The normal form, and the reason if a normaliser refuses the text.

    Examples
    --------
    >>> normalize(" Max@Example.org ", ["email"])
    ('max@example.org', None)
    >>> normalize("0049 (30) 555-0100", ["phone"])
    ('+49305550100', None)
    """
    for step in steps:
        if callable(step):
            text = canonical(step(text)) or ""
        elif step == "strip":
            text = text.strip()
        elif step == "lower":
            text = text.lower()
        elif step == "digits":
            text = re.sub(r"[^0-9]", "", text)
        elif step == "alnum":
            text = "".join(c for c in text if c.isalnum())
        elif step == "phone":
            text = _phone(text)
        else:
            text = text.strip().lower()
            if text and not re.search(r"(?s).@.", text):
                return text, "not_accepted"
    return text, None


def _phone(text: str) -> str:
    kept = re.sub(r"[^0-9+]", "", text)
    digits = kept.replace("+", "")
    if kept.startswith("+") or digits.startswith("00"):
        digits = digits if kept.startswith("+") else digits[2:]
        return f"+{digits}" if digits else ""
    return digits


def normalize_sql(text: str, steps: Sequence[Normalizer]) -> str:
    """Give the SQL of :func:`normalize`, for ASCII text and steps that have a name."""
    for step in steps:
        if step == "strip":
            text = strip_sql(text)
        elif step == "lower":
            text = f"lower({text})"
        elif step == "digits":
            text = f"regexp_replace({text}, '[^0-9]', '', 'g')"
        elif step == "alnum":
            text = f"regexp_replace({text}, '[^0-9A-Za-z]', '', 'g')"
        elif step == "phone":
            kept = f"regexp_replace({text}, '[^0-9+]', '', 'g')"
            digits = f"replace({kept}, '+', '')"
            text = (
                f"CASE WHEN starts_with({kept}, '+') AND {digits} <> '' THEN '+' || {digits}"
                f" WHEN starts_with({kept}, '+') OR {digits} = '00' THEN ''"
                f" WHEN starts_with({digits}, '00') THEN '+' || {digits}[3:] ELSE {digits} END"
            )
        else:
            text = f"lower({strip_sql(text)})"
    return text


# -------------------------------------------------------------------------------------- refusals


def denied_values(kind: IdentifierType) -> frozenset[str]:
    """Give the values of ``deny`` in the form in which values are compared with them."""
    texts = (canonical(value) for value in kind.deny)
    return frozenset(normalize(text, kind.normalizers)[0] for text in texts if text is not None)


def is_junk(text: str) -> bool:
    """Whether a text is one of the built-in values that name nobody.

    Examples
    --------
    >>> [is_junk(text) for text in (" NULL", "00000000-0000", "noreply@example.org", "max@example.org")]
    [True, True, True, False]
    """
    folded = text.strip().casefold()
    return folded in JUNK or not folded.strip("0-") or folded.startswith(JUNK_PREFIXES)


def refusal(text: str, kind: IdentifierType, denied: frozenset[str]) -> str | None:
    """Say why a normalised text is refused, or None."""
    if not text.strip():
        return "blank"
    if text in denied:
        return "denied"
    if any(re.search(pattern, text) for pattern in kind.deny_patterns):
        return "pattern"
    if kind.accept is not None and not re.fullmatch(kind.accept, text):
        return "not_accepted"
    return "junk" if kind.deny_defaults and is_junk(text) else None


def refusal_sql(text: str, kind: IdentifierType, steps: Iterable[Normalizer], denied: str) -> str:
    """Give the SQL of :func:`refusal`, with what a normaliser refuses.

    Parameters
    ----------
    text : str
        The SQL of the normalised text.
    kind : IdentifierType
        The type.
    steps : iterable of str
        Its normalisers.
    denied : str
        The SQL of a query that gives the values to deny.
    """
    cases = [(blank_sql(text), "blank")]
    if "email" in steps:
        cases.append((f"NOT regexp_matches({text}, '.@.', 's')", "not_accepted"))
    if kind.deny:
        cases.append((f"{text} IN ({denied})", "denied"))
    cases += [
        (f"regexp_matches({text}, {literal(pattern)})", "pattern") for pattern in kind.deny_patterns
    ]
    if kind.accept is not None:
        cases.append((f"NOT regexp_full_match({text}, {literal(kind.accept)})", "not_accepted"))
    if kind.deny_defaults:
        cases.append((junk_sql(text), "junk"))
    return (
        "CASE "
        + " ".join(f"WHEN {condition} THEN '{reason}'" for condition, reason in cases)
        + " END"
    )


def junk_sql(text: str) -> str:
    """Give the SQL of :func:`is_junk`, for ASCII text."""
    folded = f"lower({strip_sql(text)})"
    words = ", ".join(literal(word) for word in sorted(JUNK))
    prefixes = " OR ".join(f"starts_with({folded}, '{prefix}')" for prefix in JUNK_PREFIXES)
    zeros = f"CASE WHEN starts_with({folded}, '0') OR starts_with({folded}, '-') THEN trim({folded}, '0-') = '' ELSE false END"
    return f"({folded} IN ({words}) OR {zeros} OR {prefixes})"


def suspicious_sql(raw: str) -> str:
    """Give a cheap SQL condition that holds for every text that may be blank or junk, and for few others."""
    words = ", ".join(literal(word) for word in sorted(JUNK))
    prefixes = " OR ".join(f"starts_with(lower({raw}), {literal(one)})" for one in JUNK_PREFIXES)
    first = {ord(letter) for one in (*JUNK, *JUNK_PREFIXES) for letter in one[0] + one[0].upper()}
    # Most texts are settled by their first character: white space, "-" and "0" lie up to 48.
    return (
        f"(strlen({raw}) <> length({raw}) OR ({raw})[-1] <= ' ' OR CASE WHEN unicode({raw}) <= 48 THEN true"
        f" WHEN unicode({raw}) IN ({', '.join(map(str, sorted(first)))}) THEN lower({raw}) IN ({words}) OR {prefixes} ELSE false END)"
    )


def plain_sql(raw: str, kind: IdentifierType) -> str:
    """Give the SQL condition that a raw text may be settled by SQL.

    Python and SQL agree on all ASCII text but for line breaks and control characters in patterns. Beyond
    ASCII they differ in what case and letters are; a type that asks for neither differs only on the few
    letters whose lower case is ASCII.
    """
    steps = kind.normalizers
    if any(callable(step) for step in steps) or "email" in steps[:-1]:
        return "false"
    if kind.accept is not None or kind.deny_patterns:
        return f"NOT regexp_matches({raw}, '[^ -~]')"
    if set(steps) & {"lower", "email", "alnum"}:
        return f"strlen({raw}) = length({raw})"
    # The long s, the Kelvin sign, sharp s and the ligatures of f and s fold into ASCII letters.
    return f"(strlen({raw}) = length({raw}) OR NOT regexp_matches({raw}, '[\\x{{17f}}\\x{{212a}}\\x{{df}}\\x{{1e9e}}\\x{{fb00}}-\\x{{fb06}}]'))"
