#!/usr/bin/env bash
# pygambit and OpenSpiel: OpenSpiel reads neither .nfg files of pygambit nor all of its .efg files.
#
# One would expect: both read and write Gambit's formats, so what one writes the other reads.
# What happens: pygambit writes every .nfg with outcomes, OpenSpiel's reader knows only the older list of payoffs
# and fails on the first strategy's label. An .efg is read if each leaf has an outcome; a leaf without one, which
# to Gambit is a leaf that pays nothing, makes OpenSpiel's reader run off the end of the text. The other
# direction, OpenSpiel's .nfg into pygambit, works.
# Why it matters: a game with a leaf that pays nothing has to be given an outcome of zeros before it is exported.
# Versions: pygambit 16.7.0, open-spiel 2.0.2. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  pygambit==16.7.0 open-spiel==2.0.2 numpy==2.4.6
venv/bin/python - <<'EOF'
import io
import sys

import pygambit
import pyspiel


def reads(load, text):
    try:
        load(text)
    except Exception:
        return False
    return True


matrix = pygambit.Game.from_arrays([[1, 2], [3, 4]], [[5, 6], [7, 8]])
tree = pygambit.Game.new_tree(players=["A", "B"], title="a choice")
tree.append_move(tree.root, "A", ["L", "R"])
left, right = tree.root.children
tree.set_outcome(left, tree.add_outcome("one", payoffs=[1, -1]))
without = tree.to_efg()
tree.set_outcome(right, tree.add_outcome("none", payoffs=[0, 0]))
exported = pyspiel.game_to_nfg_string(pyspiel.load_matrix_game("matrix_pd"))
seen = {
    "nfg of pygambit": reads(pyspiel.load_nfg_game, matrix.to_nfg()),
    "efg of pygambit with a leaf that has no outcome": reads(pyspiel.load_efg_game, without),
    "efg of pygambit with an outcome at each leaf": reads(pyspiel.load_efg_game, tree.to_efg()),
    "nfg of OpenSpiel": reads(lambda text: pygambit.read_nfg(io.StringIO(text)), exported),
}
for name, read in seen.items():
    print(f"{name}: {'read' if read else 'refused'} by the other")
if list(seen.values()) != [False, False, True, True]:
    sys.exit("changed: other files are read")
EOF
