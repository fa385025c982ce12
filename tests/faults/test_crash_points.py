"""Crash points end the process that gets there, and do nothing otherwise."""

import os
import signal
import subprocess
import sys

import pytest

from conversations.making import crash_points
from tests.ground.servers import ROOT

PROGRAM = """
import sys
from conversations.making import crash_points
for point in sys.argv[1:]:
    crash_points.reach(point)
    print(point, flush=True)
"""


def pass_through(*points, order):
    """The points that a process passed, and how it ended."""
    environment = {**os.environ, "LUMIKA_CRASH_POINT": order}
    command = [sys.executable, "-c", PROGRAM, *points]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30)
    return done.stdout.split(), done.returncode, done.stderr


def test_without_an_order_nothing_happens():
    assert crash_points.reach is crash_points._pass
    assert pass_through(*crash_points.POINTS, order="")[:2] == (list(crash_points.POINTS), 0)


def test_the_process_dies_when_it_gets_there_so_many_times():
    passed, code, _ = pass_through("after-claim", "before-commit", "after-claim", "after-claim", order="after-claim:2")

    assert passed == ["after-claim", "before-commit"]
    assert code == -signal.SIGKILL


def test_an_order_in_a_file_is_carried_out_once(tmp_path):
    order = tmp_path / "order"
    assert pass_through("after-claim", order=f"@{order}")[1] == 0
    order.write_text("after-claim")

    assert pass_through("after-claim", order=f"@{order}")[1] == -signal.SIGKILL

    assert not order.exists()
    assert pass_through("after-claim", order=f"@{order}")[1] == 0


@pytest.mark.parametrize("order", ["somewhere", "after-claim:1:NONSENSE"])
def test_a_wrong_order_stops_the_start(order):
    _, code, explanation = pass_through(order=order)

    assert code == 1
    assert "LUMIKA_CRASH_POINT must" in explanation
