"""Does a value look like nobody's own: a placeholder, a shared mailbox, a default? Of single texts, and in SQL.

What hygiene refuses is what systems write where they know nothing. This is what people type where they want to say nothing, and what
belongs to an office or to a machine rather than to a person. A look proves nothing, so nothing is refused for it: it is a reason to look twice.
"""

from __future__ import annotations

import re

from xrefgraph.database import literal
from xrefgraph.hygiene import JUNK

#: What is said of a value.
PLACEHOLDER = "looks like a placeholder"
MAILBOX = "looks like a shared mailbox"
DEFAULT = "looks like a default"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: What people type where they want to say nothing; without what is neither letter nor figure.
FILLERS = _words(
    "abc anon anonym anybody asdf asdfasdf asdfgh asdfghjkl bar baz blah changeme customer default demo donotuse dummy example"
    " fake foo foobar fubar iphone johndoe janedoe keine keiner lorem loremipsum maxmustermann missing mustermann na noemail noentry"
    " nomail noname nobody noone noneprovided nophone notapplicable notavailable notprovided notset nowhere nv ohne"
    " placeholder private qwert qwerty qwertyuiop sample sansnom secret somebody someone tba tbc tbd temp test test1 test123"
    " tester testing testtest testuser tmp todo unavailable unbekannt unassigned unnamed user username withheld xx xxx xxxx"
    " xyz xyzzy yourname yourmail youremail zzz"
) | {re.sub("[^a-z0-9]", "", word) for word in JUNK - {"id", "email"}} - {""}

#: The owner of an address who is an office and no person.
OFFICES = _words(
    "abuse accounting accounts admin admissions advertising ads all anfrage billing booking bookings buchhaltung bureau career careers"
    " compliance contact contactus customercare customerservice customersupport dataprotection desk editor editorial"
    " enquiries enquiry events everyone feedback finance frontdesk general hello help helpdesk hi hostmaster hr info"
    " information inquiries inquiry invoices it jobs kontakt kundenservice legal library mail marketing media membership news newsletter"
    " office orders payroll postmaster post presse press privacy purchasing reception recruiting registrar"
    " reservations sales secretary security service services shop staff store subscriptions support team tech techsupport"
    " vertrieb web webmaster welcome"
)

#: The owner of an address that nobody reads.
UNREAD = _words(
    "bounce bounces daemon devnull donotreply mailerdaemon noreply notreply null noresponse"
)

#: What a machine calls itself, or its user, before anybody has told it.
MACHINES = _words(
    "administrator ec2user guest host jenkins localhost localuser nouser owner pi root runner system ubuntu vagrant"
)

#: Addresses of machines that are the same on every machine.
ADDRESSES = ("127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "::", "02:00:00:00:00:00")  # noqa: S104  (no server listens there)

FIGURES, LETTERS = "01234567890123456789", "abcdefghijklmnopqrstuvwxyz"
_HOST = r"localhost|localdomain|.*\.local|.*\.localdomain|.*\.lan|.*\.invalid|.*\(none\)"


def look_of(kind: str, text: str) -> str | None:
    """Say of a value why it looks like nobody's own.

    Parameters
    ----------
    kind : str
        The type of the identifier. A value that is the name of its type is what a form shows before it is filled in.
    text : str
        The value.

    Returns
    -------
    str or None
        A reason in words: ``looks like a placeholder``, ``looks like a shared mailbox`` or ``looks like a default``.

    Examples
    --------
    >>> look_of("phone", "000-00000"), look_of("email", "Info@shop.example.org"), look_of("name", "Ann Lee")
    ('looks like a placeholder', 'looks like a shared mailbox', None)
    """
    # SQL reads ASCII as Python does, and other scripts have fillers of their own, which this does not know.
    if not text.isascii():
        return None
    lowered = text.lower()
    plain = _plain(lowered)
    if lowered.strip(" ") in ADDRESSES:
        return DEFAULT
    if not plain:
        return None
    owner, at, host = lowered.strip(" ").partition("@")
    if at:
        owner = _plain(owner.partition("+")[0])
        if owner in OFFICES:
            return MAILBOX
        if _is_filler(owner) or owner in UNREAD:
            return PLACEHOLDER
        return DEFAULT if owner in MACHINES or re.fullmatch(_HOST, host, re.DOTALL) else None
    if _is_filler(plain) or plain == _plain(kind.lower()):
        return PLACEHOLDER
    return DEFAULT if plain in MACHINES else None


def _plain(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text)


def _is_filler(plain: str) -> bool:
    """Whether it is a word for nothing, one character again and again, or the keys of a keyboard in order."""
    return bool(
        plain in FILLERS
        or (len(plain) >= 5 and plain == plain[:1] * len(plain))
        or (len(plain) >= 2 and plain == "0" * len(plain))
        or (len(plain) >= 6 and (plain in FIGURES or plain in FIGURES[::-1]))
        or (len(plain) >= 5 and plain in LETTERS)
    )


def look_sql(kind: str, text: str) -> str:
    """Give the SQL of :func:`look_of`: the same words, or null.

    Parameters
    ----------
    kind : str
        The type.
    text : str
        The SQL of the value.

    Examples
    --------
    >>> import duckdb
    >>> look = look_sql("phone", "text")
    >>> duckdb.sql(f"SELECT {look} FROM (VALUES ('123456'), ('555-0101')) t(text)").fetchall()
    [('looks like a placeholder',), (None,)]
    """
    lowered = f"lower({text})"
    trimmed = f"trim({lowered}, ' ')"
    plain = _plain_sql(lowered)
    whole = f"split_part({trimmed}, '@', 1)"
    owner = _plain_sql(f"split_part({whole}, '+', 1)")
    host = f"substr({trimmed}, strpos({trimmed}, '@') + 1)"
    named = _plain(kind.lower()) if kind.isascii() else ""
    return (
        f"CASE WHEN NOT regexp_full_match({text}, '[\\x00-\\x7F]*') THEN NULL"
        f" WHEN {trimmed} IN ({_listed(ADDRESSES)}) THEN {literal(DEFAULT)} WHEN {plain} = '' THEN NULL"
        f" WHEN contains({trimmed}, '@') THEN CASE WHEN {owner} IN ({_listed(sorted(OFFICES))}) THEN {literal(MAILBOX)}"
        f"  WHEN {_is_filler_sql(owner)} OR {owner} IN ({_listed(sorted(UNREAD))}) THEN {literal(PLACEHOLDER)}"
        f"  WHEN {owner} IN ({_listed(sorted(MACHINES))}) OR regexp_full_match({host}, {literal('(?s:' + _HOST + ')')})"
        f"  THEN {literal(DEFAULT)} END"
        f" WHEN {_is_filler_sql(plain)} OR {plain} = {literal(named)} THEN {literal(PLACEHOLDER)}"
        f" WHEN {plain} IN ({_listed(sorted(MACHINES))}) THEN {literal(DEFAULT)} END"
    )


def _plain_sql(text: str) -> str:
    return f"regexp_replace({text}, '[^a-z0-9]', '', 'g')"


def _is_filler_sql(plain: str) -> str:
    size = f"length({plain})"
    return (
        f"({plain} IN ({_listed(sorted(FILLERS))}) OR ({size} >= 5 AND {plain} = repeat(left({plain}, 1), {size}))"
        f" OR ({size} >= 2 AND {plain} = repeat('0', {size}))"
        f" OR ({size} >= 6 AND (contains('{FIGURES}', {plain}) OR contains('{FIGURES[::-1]}', {plain})))"
        f" OR ({size} >= 5 AND contains('{LETTERS}', {plain})))"
    )


def _listed(words: list[str] | tuple[str, ...]) -> str:
    return ", ".join(literal(word) for word in words)
