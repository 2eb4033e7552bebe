"""What can come out where a sentence of a paper is counted, see `common.evidence.facts`."""

HOLDS = "holds"
FAILS = "does not hold"
CONTRADICTION = "the paper contradicts itself"
UNDECIDED = "undecided"
NOTED = "noted"
VERDICTS = (HOLDS, FAILS, CONTRADICTION, UNDECIDED, NOTED)
"""What can come out; `NOTED` is of sentences that nothing is held against, with what the suite does."""
