"""A little of `make faults` in every run of the tests: each scenario, and each rule taken out.

`make faults ARGS="--only … --seed …"` takes the seed that a test shows when it fails.
"""

import pytest

from tests.faults import scenarios
from tests.faults.ground import Ground, shared_directory
from tests.faults.mutations import MUTATIONS
from tests.faults.scenario import SCENARIOS, perform
from tests.machine import cannot_run, needs

pytestmark = [pytest.mark.timeout(240), needs("embedded postgres")]
assert scenarios  # importing it registers them

IN_SHORT = [
    pytest.param(each, id=each.name, marks=[pytest.mark.alone] if each.is_measured else [])
    for each in SCENARIOS.values()
    if each.few
]


@pytest.fixture(scope="session")
def ground():
    return Ground(shared_directory())


@pytest.mark.parametrize("scenario", IN_SHORT)
async def test_nothing_is_lost_and_nothing_comes_twice(scenario, ground, seed):
    outcome = await perform(scenario, ground, runs=scenario.few, seed=seed)

    if outcome.skipped:
        cannot_run(outcome.skipped)
    assert outcome.crash is None, outcome.crash
    assert outcome.sends > 0
    assert not outcome.breaches, "\n".join(map(str, outcome.breaches))


@pytest.mark.parametrize(
    "mutation", [each for each in MUTATIONS if each.is_quick], ids=lambda each: each.apply.__name__
)
async def test_a_rule_that_is_taken_out_is_missed(mutation, ground, seed):
    chosen = SCENARIOS[mutation.scenario]

    outcome = await perform(chosen, ground, runs=mutation.runs, seed=seed, prepare=mutation.apply, suffix="_mutated")

    assert outcome.crash is None, outcome.crash
    assert outcome.breaches
