"""The counts of real data, and real files as several sources."""

import json
from pathlib import Path
from typing import Any

import pytest

import xrefgraph as xg

SNOWPLOW = "snowplow_web/source__snowplow_web_events.csv"
INPUTS: dict[str, tuple[str, Any, str | None]] = {
    "git_signatures/networkx": (
        "git_signatures/networkx.csv.gz",
        {"name": "name_h", "email": "email_h"},
        "event_id",
    ),
    "git_signatures/ipython": (
        "git_signatures/ipython.csv.gz",
        {"name": "name_h", "email": "email_h"},
        "event_id",
    ),
    "snowplow_web: user_id + domain_userid": (SNOWPLOW, ["user_id", "domain_userid"], None),
    "snowplow_web: user_id + domain_userid + network_userid": (
        SNOWPLOW,
        ["user_id", "domain_userid", "network_userid"],
        None,
    ),
    "snowplow_web: user_id + domain_userid + network_userid + user_ipaddress": (
        SNOWPLOW,
        ["user_id", "domain_userid", "network_userid", "user_ipaddress"],
        None,
    ),
    "ga4: user_id + client_key": ("ga4/events.csv", ["user_id", "client_key"], None),
    "congress: phone": ("congress/terms.csv", ["phone"], None),
    "congress: phone + url": ("congress/terms.csv", ["phone", "url"], None),
    "congress: phone + fax + office + address + url + contact_form + rss_url": (
        "congress/terms.csv",
        ["phone", "fax", "office", "address", "url", "contact_form", "rss_url"],
        None,
    ),
}


@pytest.mark.parametrize("title", INPUTS)
def test_the_counts_of_real_data_are_the_golden_ones(title: str, shared_data: Path) -> None:
    golden = json.loads((shared_data / "golden.json").read_text(encoding="utf-8"))
    assert golden.keys() == INPUTS.keys()
    path, columns, event_id = INPUTS[title]
    schema = xg.Schema([xg.IdentifierType(name, deny_defaults=False) for name in columns])
    with xg.build(
        xg.Source(shared_data / path, identifiers=columns, event_id=event_id), schema
    ) as graph:
        found: dict[str, Any] = {
            "events": len(graph.events),
            "events_without_identifier": len(graph.events.filter("status = 'no_identifier'")),
            "identifiers": len(graph.identifiers),
            "profiles": len(graph.profiles),
            "largest_identifiers": max(graph.profiles["identifiers"]),
        }
    assert found == {key: golden[title][key] for key in found}


def test_the_three_files_of_senzing_are_three_sources_of_one_graph(shared_data: Path) -> None:
    folder = shared_data / "senzing_truthset"
    columns = {
        "customers": {
            "email": "EMAIL_ADDRESS",
            "phone": "PHONE_NUMBER",
            "ssn": "SSN_NUMBER",
            "passport": "PASSPORT_NUMBER",
        },
        "reference": {"email": "EMAIL_ADDRESS", "phone": "PHONE_NUMBER", "lei": "LEI_NUMBER"},
        "watchlist": {"email": "EMAIL_ADDRESS", "phone": "PHONE_NUMBER", "ssn": "SSN_NUMBER"},
    }
    schema = xg.Schema(
        [
            "lei",
            "ssn",
            "passport",
            xg.IdentifierType("email", normalize="email"),
            xg.IdentifierType("phone", normalize="phone"),
        ]
    )
    sources = [
        xg.Source(folder / f"{name}.csv", identifiers=mapping, event_id="RECORD_ID")
        for name, mapping in columns.items()
    ]
    with xg.build(sources, schema) as graph:
        lines = {
            name: len(pytest.importorskip("pandas").read_csv(folder / f"{name}.csv"))
            for name in columns
        }
        assert (
            dict(
                graph.sql(
                    "SELECT source::VARCHAR AS source, count(*) AS n FROM events GROUP BY 1"
                )._database.rows("SELECT source::VARCHAR, count(*) FROM events GROUP BY 1")
            )
            == lines
        )
        across = graph.sql(
            "SELECT profile_id FROM events WHERE profile_id IS NOT NULL GROUP BY 1 HAVING count(DISTINCT source) > 1"
        )
        assert len(across) > 0  # people of one list are on another
