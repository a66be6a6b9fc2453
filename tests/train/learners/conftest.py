"""Set-up of learners' tests."""

import pytest


@pytest.fixture
def one_thread():
    """Networks as small as these are slower on several."""
    import torch

    torch.set_num_threads(1)
