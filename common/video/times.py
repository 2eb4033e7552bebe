"""When each frame of a film is shown, from what its decoder says, and how many frames are missing by that."""

from __future__ import annotations

from array import array

import numpy as np

_BACKWARD = 3
"""Frames in a row before the latest time that begin a film's second part: behind damage a decoder hands out
single frames late."""

_ALIKE = 0.02
_END = 5
"""A film of no stated number of frames states its length, which containers round up by some frames."""


class Times:
    """The seconds of a film's frames, from the first on, which never fall.

    Where the decoder tells none, frames follow each other at the film's rate, and so they do where times
    fall: parts of a film put together count anew, and are shown one after the other.

    Args:
        rate: frames a second.
        trusted: False where times rest on a rate that is nonsense: all are then those of `rate`.

    Attributes:
        untold: whether most frames had no time.
    """

    def __init__(self, rate: float, trusted: bool = True) -> None:
        self.trusted = trusted
        self._rate = rate
        self._seconds = array("d")
        self._untold = self._backward = 0
        self._shift = 0.0

    def next(self, said: float) -> float:
        """Return the second of the next frame, for which OpenCV says `said`; 0 may stand for no answer."""
        self._seconds.append(self._second(said))
        return self._seconds[-1]

    def _second(self, said: float) -> float:
        if not self._seconds:
            return max(said, 0.0) if self.trusted else 0.0
        following = self._seconds[-1] + 1 / self._rate
        if not self.trusted:
            return following
        if said == 0:
            self._untold += 1
            return following
        if said + self._shift >= self._seconds[-1]:
            self._backward = 0
            return said + self._shift
        self._backward += 1
        if self._backward == _BACKWARD:
            self._shift, self._backward = following - said, 0
        return following

    @property
    def frames(self) -> int:
        """How many frames there were."""
        return len(self._seconds)

    @property
    def untold(self) -> bool:
        return 2 * self._untold > self.frames

    def lost(self, stated: int, counted: bool) -> int:
        """Return how many frames the film should have had besides.

        Args:
            stated: frames the file says it has, 0 where it says nothing.
            counted: whether it lists them; else `stated` is its length times its rate, which means something
                only where the rate is constant.
        """
        if counted:
            return max(0, stated - self.frames)
        steps = np.diff(self._seconds)
        if not self.trusted or not len(steps) or abs(np.median(steps) * self._rate - 1) > _ALIKE:
            return 0
        shown = round((self._seconds[-1] - self._seconds[0]) * self._rate) + 1
        whole = stated if stated - shown > max(_END, _ALIKE * stated) else shown
        return max(0, whole - self.frames)
