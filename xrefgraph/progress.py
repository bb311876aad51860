"""A progress bar, where somebody wants to see one."""

from __future__ import annotations

from typing import Any, Self


class Steps:
    """A progress bar over the stages of a build, where somebody wants to see one."""

    def __init__(self, steps: int, *, shown: bool) -> None:
        self._bar: Any = None
        if shown:
            from tqdm.auto import tqdm  # noqa: PLC0415  (it takes its time to look for a notebook)

            self._bar = tqdm(total=steps, leave=False)

    def __enter__(self) -> Self:
        return self

    def __call__(self, name: str) -> None:
        """Say which step begins; the one before it is done."""
        if self._bar is not None:
            self._bar.update(0 if self._bar.desc == "" else 1)
            self._bar.set_description(name)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._bar is not None:
            if kind is None:
                self._bar.update(1)
                self._bar.refresh()  # else a step that took no time would not be seen
            self._bar.close()
