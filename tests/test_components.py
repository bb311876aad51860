"""The components of arrays are those of networkx."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xrefgraph.linking.components import raw_profiles


@given(st.sets(st.tuples(st.integers(0, 8), st.integers(0, 12)), max_size=30))
def test_raw_profiles_are_the_components_of_the_bipartite_graph(
    pairs: set[tuple[int, int]],
) -> None:
    links = np.array(
        [(min(c for b, c in pairs if a == b), d) for a, d in sorted(pairs)], np.int32
    ).reshape(-1, 2)
    before = links.copy()
    profile_of, strongest = raw_profiles(links[:, 0], links[:, 1], 13)
    graph = nx.Graph((("set", a), b) for a, b in pairs)
    expected = sorted(
        sorted(one for one in part if isinstance(one, int))
        for part in nx.connected_components(graph)
    )
    assert [np.flatnonzero(profile_of == n).tolist() for n in range(len(strongest))] == expected
    assert strongest.tolist() == [part[0] for part in expected]
    assert (profile_of >= 0).sum() == sum(map(len, expected))
    assert (links == before).all()


def test_a_long_chain_is_one_profile() -> None:
    strongest_of = np.repeat(np.arange(399_999, dtype=np.int32), 2)
    identifiers = (np.arange(399_999, dtype=np.int32)[:, None] + np.array([0, 1], np.int32)).ravel()
    profile_of, strongest = raw_profiles(strongest_of, identifiers, 400_000)
    assert strongest.tolist() == [0]
    assert not profile_of.any()
