"""Sums have one order, whatever the number of cores."""

import contextlib

import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from routegame.eval.train_and_judge import run
from routegame.train.one_thread import one_thread


def threads():
    """In how many threads torch computes, and each library that it and numpy have brought."""
    return [torch.get_num_threads(), *(library["num_threads"] for library in threadpool_info())]


@pytest.mark.parametrize("error", [None, RuntimeError])
def test_all_compute_in_one_thread_and_then_in_as_many_as_before(error):
    before = torch.get_num_threads()
    with threadpool_limits(2):
        torch.set_num_threads(2)
        try:
            own = threads()
            with contextlib.suppress(RuntimeError), one_thread():
                assert len(threads()) > 1
                assert set(threads()) == {1}
                if error:
                    raise error
            assert threads() == own
        finally:
            torch.set_num_threads(before)


def test_a_search_in_many_dimensions_ends_the_same_in_as_many_threads_as_there_are_cores():
    """A covariance of 114 dimensions comes apart otherwise in two threads than in one."""
    found = []
    for cores in (1, 2):
        with threadpool_limits(cores):
            ended = run("subjects-sighted", "cmaes", seed=0, evaluations=200, final_tasks=1024)
        found.append(ended.document["learned"])
    assert found[0] == found[1]
