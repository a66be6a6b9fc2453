"""One thread for all that computes, so that sums are added up in one order whatever the number of cores.

torch, and the linear algebra that numpy brings, share work out among as many threads as there are cores. How they do it
decides in which order sums are added up, and so their last digits. Learning makes much of little: a search by CMA-ES in
a hundred dimensions, which takes a covariance apart in every generation, ends at another commitment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute in one thread, in a block of code or, as a decorator, in a function; afterwards in as many as before."""
    before = torch.get_num_threads()
    with threadpool_limits(1):
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)
