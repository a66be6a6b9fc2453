#!/usr/bin/env bash
# Pgx and OpenSpiel: the same small poker games, with the numbers of their moves the other way round.
#
# One would expect: move 0 of Kuhn poker, and moves 0 to 2 of Leduc hold'em, are the same moves in both.
# What happens: the games are the same, card by card and unit by unit, but in Kuhn poker 0 is to pass in OpenSpiel and
# to bet in Pgx, and in Leduc hold'em fold, call, raise in one are call, raise, fold in the other. With the moves
# translated all of 200 random games end with the same winnings; with the same numbers none does. Nothing is raised in
# Kuhn poker, where both numbers are always allowed.
# Why it matters: a policy learned in Pgx, and judged by OpenSpiel's exploitability or by its solvers, is one that bets
# where it meant to pass.
# Versions: pgx 2.6.0, jax 0.10.2, open-spiel 2.0.2. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  pgx==2.6.0 jax==0.10.2 open-spiel==2.0.2 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys
import warnings

import jax
import numpy as np
import pgx
import pyspiel

warnings.simplefilter("ignore")
GAMES = 200


def played(name):
    """Random games of Pgx: cards of who begins, of the other and of the table, moves, and what who begins wins."""
    environment = pgx.make(name)
    begin, step, random = jax.jit(environment.init), jax.jit(environment.step), np.random.default_rng(0)
    for key in jax.random.split(jax.random.key(0), GAMES):
        state, moves = begin(key), []
        first = int(state.current_player)
        while not state.terminated:
            moves.append(int(random.choice(np.flatnonzero(state.legal_action_mask))))
            state = step(state, moves[-1])
        cards = np.asarray(state._cards).tolist()
        yield [cards[first], cards[1 - first], *cards[2:]], moves, float(state.rewards[first])


def winnings(name, cards, moves):
    """What who begins wins in OpenSpiel with these cards and moves, None if a move is not allowed or one is missing."""
    state, cards, moves = pyspiel.load_game(name).new_initial_state(), list(cards), list(moves)
    alike = 2 if name == "leduc_poker" else 1
    while not state.is_terminal():
        if state.is_chance_node():
            card = cards.pop(0)
            state.apply_action(next(each for each in state.legal_actions() if each // alike == card))
        elif not moves or moves[0] not in state.legal_actions():
            return None
        else:
            state.apply_action(moves.pop(0))
    return None if moves else state.returns()[0]


def same(name, other, translation):
    """Number of games with the same winnings in both: with the moves translated, and number for number."""
    games = list(played(name))
    translated = [winnings(other, cards, [translation[move] for move in moves]) == won for cards, moves, won in games]
    return sum(translated), sum(winnings(other, cards, moves) == won for cards, moves, won in games)


kuhn = same("kuhn_poker", "kuhn_poker", (1, 0))
leduc = same("leduc_holdem", "leduc_poker", (1, 2, 0))
print(f"same winnings in {GAMES} games, translated and number for number: Kuhn {kuhn}, Leduc {leduc}")
if kuhn[0] != GAMES or leduc[0] != GAMES or kuhn[1] or leduc[1]:
    sys.exit("changed: moves have other numbers")
EOF
