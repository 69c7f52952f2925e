"""What other rules would have made of history: counted act by act and person by person.

Nothing here grows with how much is counted: scores are 0..100, and of people only the most changed
are remembered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from typing import Any

from app.domain.scoring.ranking import compare

OUTCOMES = ("lead", "customer")
MOST_NAMED = 20
Level = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Levels:
    """The names of levels, and how a score is placed among them before and after."""

    names: tuple[str, ...]
    before: Level
    after: Level


@dataclass(slots=True)
class Preview:
    """Counts two versions of rules against each other; `to_json` tells what came of it.

    Acts are what is scored (uses of tools, visits); people are whom they are of.
    """

    levels: Levels
    scores: Counter = field(default_factory=Counter)  # of acts, by (before, after)
    # Of each rule or part how often it gave points, before and after, and how many in all.
    parts: dict[str, list[int]] = field(default_factory=dict)
    asks: dict[str, list[int]] = field(default_factory=dict)
    moves: Counter = field(default_factory=Counter)  # of people, by (level before, level after)
    people: int = 0
    ranked: dict[str, tuple[Counter, Counter]] = field(
        default_factory=lambda: {name: (Counter(), Counter()) for name in OUTCOMES}
    )
    named: list[tuple] = field(default_factory=list)

    def take_act(self, before: int, after: int) -> None:
        """One act's two scores."""
        self.scores[before, after] += 1

    def take_part(self, name: str, side: int, points: int) -> None:
        """Points that a rule or a part of the score gave, before (0) or after (1)."""
        told = self.parts.setdefault(name, [0, 0, 0, 0])
        told[side] += 1
        told[side + 2] += points

    def take_ask(self, kind: str, before: bool, after: bool) -> None:
        """Whether an act of this kind would ask for contact."""
        told = self.asks.setdefault(kind, [0, 0])
        told[0] += before
        told[1] += after

    def take_person(self, before: int, after: int, who: Sequence) -> None:
        """One person's two scores; `who` (plain JSON) says who when they are among the most
        changed."""
        self.people += 1
        self.moves[self.levels.before(before), self.levels.after(after)] += 1
        if before == after:
            return
        # Of those who change alike the first are named: the same history names the same people.
        entry = (abs(after - before), -self.people, before, after, list(who))
        if len(self.named) < MOST_NAMED:
            heappush(self.named, entry)
        else:
            heappushpop(self.named, entry)

    def take_outcome(self, name: str, before: int, after: int, came: bool) -> None:
        """One person's two scores until then, and whether they came to it."""
        self.ranked[name][not came][before, after] += 1

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON; the same whatever the order of people who do not tie."""
        sizes = range(len(self.levels.names))
        return {
            "acts": self.scores.total(),
            "changed_acts": sum(n for (a, b), n in self.scores.items() if a != b),
            "people": self.people,
            "scores": [
                [score, *(self._count(side, score) for side in (0, 1))] for score in self._scores()
            ],
            "means": [self._mean(side) for side in (0, 1)],
            "parts": {name: self.parts[name] for name in sorted(self.parts)},
            "asks": {kind: self.asks[kind] for kind in sorted(self.asks)},
            "levels": list(self.levels.names),
            "moves": [[self.moves[row, column] for column in sizes] for row in sizes],
            "ranking": {name: compare(*self.ranked[name]).to_json() for name in OUTCOMES},
            "named": [
                [before, after, *who]
                for _, _, before, after, who in sorted(self.named, reverse=True)
            ],
        }

    def _scores(self) -> list[int]:
        return sorted({score for pair in self.scores for score in pair})

    def _count(self, side: int, score: int) -> int:
        return sum(n for pair, n in self.scores.items() if pair[side] == score)

    def _mean(self, side: int) -> float | None:
        total = self.scores.total()
        return (
            round(sum(pair[side] * n for pair, n in self.scores.items()) / total, 2)
            if total
            else None
        )
