"""A model that never says the same twice, so that pieces of two attempts cannot pass for one."""

from itertools import count
from random import Random

from tests.ground.provider import Answer, ScriptedProvider

WORDS = (
    "parcel",
    "héllo",
    "日本",
    "𝄞",
    "naïve",
    "we\u2028wrap",
    "ship",
    "tomorrow",
    "\n\n",
    "data: ",
    "Ω",
    "🚚",
    '"q"',
)


class VariedProvider(ScriptedProvider):
    """Every answer has other words, another number of pieces and another pace. ``seconds``: about how long it takes."""

    def __init__(self, random: Random, *, seconds: float = 1.0, pieces: tuple[int, int] = (5, 25)) -> None:
        self._random = random
        self._number = count(1)
        self.seconds = seconds
        self.pieces = pieces
        self._next: list[Answer] = []
        super().__init__(record=False)

    def script_once(self, answer: Answer) -> None:
        """The next request gets this one."""
        self._next.append(answer)

    def next_answer(self) -> Answer:
        if self._next:
            return self._next.pop()
        number, pieces = next(self._number), self._random.randint(*self.pieces)
        deltas = [f"answer-{number} ", *(f"{self._random.choice(WORDS)}{n} " for n in range(pieces))]
        return Answer(deltas=deltas, delay=self.seconds * self._random.uniform(0.3, 1.2) / pieces)
