"""The conflict policies: what becomes of a raw profile that holds two people. One function a policy.

Each takes the raw profile of every identifier and gives the final one. For now there is one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]


def keep(profile_of: Ints) -> Ints:
    """Split nothing: a profile in conflict stays whole, and is ambiguous."""
    return profile_of


#: The policies by name. The others come here.
POLICIES: Mapping[str, Callable[[Ints], Ints]] = {"keep": keep}
