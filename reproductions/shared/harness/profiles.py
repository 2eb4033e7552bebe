"""The four sizes a run comes in. Each paper says what a size means for its networks and schedules."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """A size of run: its name, what it is for, and how it differs from the paper."""

    name: str
    purpose: str
    size: str


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("smoke", "tests and a first look", "tiny networks on generated faces; seconds to minutes"),
        Profile("cpu", "real numbers on a laptop", "reduced width, resolution and steps; 2 cores and 8 GiB"),
        Profile("gpu", "one GPU", "the full network on a shorter schedule; about an hour a table"),
        Profile("paper", "the paper as printed", "its own sizes, batch, schedule and replicas"),
    )
}
"""Every profile by name, from the smallest."""
