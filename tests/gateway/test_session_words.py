"""One at a time or many at once, a stream has the same words."""

import numpy as np
import pytest

from routegame.envs.checks import ParameterError
from routegame.envs.sampling.streams import Purpose, stream_keys, words
from routegame.gateway.session_words import SessionWords


@pytest.mark.parametrize("seed", [0, 1, 2**40, 2**70])
def test_words_are_those_of_the_game(seed):
    counters = np.array([0, 1, 7, 2**31, 2**32 - 1])
    for session in ("", "s12", "ä" * 300, "\ud800"):
        own = SessionWords(seed, session)
        keys = stream_keys(seed, np.array([own.stream], dtype=np.uint64))
        for purpose in Purpose:
            assert [own.word(purpose, int(k)) for k in counters] == words(keys, purpose, counters).tolist()


def test_sessions_have_streams_of_their_own():
    assert len({SessionWords(0, f"s{k}").word(0, 0) for k in range(1000)}) > 990


@pytest.mark.parametrize("seed", [-1, 1.0, None])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(ParameterError, match="seed"):
        SessionWords(seed, "s")
