"""What every test may ask for: how hard Hypothesis tries, and the real data."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.browsers import chromium

# Needs what only `make bench` installs, and imports it when it is collected.
collect_ignore = ["benchmarks"]

COMMON = settings(
    deadline=None,  # an example may have to wait for the disk
    derandomize="CI" in os.environ,  # a red run there must be about the change, not about luck
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # each example builds a database
)
settings.register_profile("smoke", COMMON, max_examples=3)
settings.register_profile("quick", COMMON, max_examples=10)
settings.register_profile(
    "default", COMMON, max_examples=30
)  # an example takes a fifth of a second
settings.register_profile("thorough", COMMON, max_examples=2000, derandomize=False)
settings.load_profile(os.environ.get("XREFGRAPH_HYPOTHESIS", "default"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the real data, which lies beside the repository and is no part of it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data (../shared/data) is not here")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests that look at a page."""
    with chromium() as found:
        yield found
