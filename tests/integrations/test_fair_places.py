import asyncio

import pytest

from integrations.fair_places import FairPlaces

pytestmark = pytest.mark.asyncio


class Crowd:
    """Tasks that each hold a place until they are let go; ``inside`` says whose are in, in the order they came in."""

    def __init__(self, places: FairPlaces) -> None:
        self.inside: list[str] = []
        self._places = places
        self._doors: dict[str, list[asyncio.Event]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def come(self, *whose: str) -> None:
        self._tasks += [asyncio.create_task(self._stay(one)) for one in whose]
        await asyncio.sleep(0)

    async def let_go(self, whose: str) -> None:
        self._doors[whose].pop(0).set()
        for _ in range(5):
            await asyncio.sleep(0)

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _stay(self, whose: str) -> None:
        async with self._places.place(whose, seconds=None):
            self.inside.append(whose)
            door = asyncio.Event()
            self._doors.setdefault(whose, []).append(door)
            await door.wait()


async def test_one_workspace_never_takes_the_last_place() -> None:
    crowd = Crowd(FairPlaces(places=3, of_one=2))

    await crowd.come("many", "many", "many", "many")
    await crowd.come("single")

    assert crowd.inside == ["many", "many", "single"]
    await crowd.end()


async def test_a_free_place_goes_to_whoever_holds_the_fewest_in_turns() -> None:
    crowd = Crowd(FairPlaces(places=2, of_one=2))
    await crowd.come("many", "many", "many", "many", "other", "third")

    await crowd.let_go("many")
    assert crowd.inside[2:] == ["other"]
    await crowd.let_go("other")
    assert crowd.inside[3:] == ["third"]
    await crowd.let_go("third")
    assert crowd.inside[4:] == ["many"]
    await crowd.end()


async def test_whoever_waits_in_vain_is_told_and_takes_no_place() -> None:
    places = FairPlaces(places=1, of_one=1)

    async with places.place("a", seconds=1):
        with pytest.raises(TimeoutError):
            async with places.place("b", seconds=0.01):
                raise AssertionError("there was no place")

    async with asyncio.timeout(1), places.place("c", seconds=1):
        pass


async def test_a_place_that_comes_just_when_its_task_is_canceled_is_not_lost() -> None:
    places = FairPlaces(places=1, of_one=1)

    async def wait_for_it() -> None:
        async with places.place("b", seconds=None):
            await asyncio.Event().wait()

    async with places.place("a", seconds=1):
        waiting = asyncio.create_task(wait_for_it())
        await asyncio.sleep(0)
    waiting.cancel()  # the place is its own already, but it has not gone on yet
    await asyncio.gather(waiting, return_exceptions=True)

    async with asyncio.timeout(1), places.place("c", seconds=1):
        pass
