"""Runs on this machine: whatever a learner does, its run ends, and the others do not notice."""

import subprocess
import sys

import pytest
from benches import bench, plan


def test_a_driver_imports_nothing_that_only_workers_need():
    """It starts in a second, while the process that workers are forked from imports the rest."""
    code = "import sys, routegame.eval.bench.bench, routegame.eval.bench.local_engine; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_a_learner_that_hangs_is_given_up(tmp_path):
    made, _ = bench(tmp_path, plan("Hangs", "Plain", seeds=1), timeout=4)
    assert sorted((row["learner"], row["status"]) for row in made.rows()) == [
        *[("plugins:Hangs", "timed out")] * 2,
        *[("plugins:Plain", "finished")] * 2,
    ]


def test_a_limit_of_centuries_is_none(tmp_path):
    """Systems cannot wait that long in one go."""
    made, _ = bench(tmp_path, plan("Plain", seeds=1), timeout=1e10)
    assert [row["status"] for row in made.rows()] == ["finished"] * 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not limit what a process allocates")
def test_a_learner_that_eats_memory_is_stopped(tmp_path):
    made, _ = bench(tmp_path, plan("Hungry", "Plain", seeds=1, memory=2**29))
    assert [row["status"] for row in made.rows()] == ["out of memory", "finished"] * 2
