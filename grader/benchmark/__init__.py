"""Measurements that can be trusted: a learner's program against the reference, in turns, with the clock outside.

Nouns: a *turn* is one timed request to one side; a *pair* is a turn of each side on the same inputs; a *round* is the
pairs that one pair of boxes gives; a *ratio* is the reference's time over the learner's, above 1 where the learner is
quicker; a *witness* is what is known besides the times.

What makes them hold is told in `docs/decisions` under benchmarks; the parts are `side` (one program), `duel` (turns
until it is decided), `statistics` (when it is), `scoring` (what it is worth), `roofline` (what the machine can do).
"""

from grader.benchmark.scoring import Scored, not_run, unbuilt, waiting
from grader.benchmark.stage import Contest, measure

__all__ = ["Contest", "Scored", "measure", "not_run", "unbuilt", "waiting"]
