#!/usr/bin/env bash
# inequality: Schutz's coefficient of the same distribution is twice as large where everybody is counted twice.
#
# One would expect: an index of inequality does not know how many people there are. Schutz's coefficient is 100 times
# the share that would have to be given away for all to have the same, so that 100 is never reached.
# What happens: ten times the excess of each row that is above the mean is added up, in units of the mean. Ten is how
# many percent of the population a tenth of it is, and so the coefficient is right where there are ten rows. Of five
# users with 1,000 to 3,000 tokens it is 7.5, of ten such users the right 15, of 100 it is 150, and of 10,000 15,000.
# The attribute distance, the same index as a share, is 0.15 for all of them, and the package's Gini 0.20.
# Why it matters: gateways are compared by it, or one before and after it has grown; the coefficient then tells how many
# users they have. Documentation calls it the original one, and says nothing of tenths; its example has five rows.
# Versions: inequality 1.1.2, pandas 2.3.3, numpy 2.4.6. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check inequality==1.1.2 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'EOF'
import sys

import numpy as np
import pandas as pd
from inequality.gini import Gini
from inequality.schutz import Schutz

TOKENS = [1000, 1500, 2000, 2500, 3000]
found = {}
for times in (1, 2, 20, 2000):
    tokens = np.array(TOKENS * times, dtype=float)
    schutz = Schutz(pd.DataFrame({"tokens": tokens}), "tokens")
    share = np.abs(tokens - tokens.mean()).sum() / (2 * tokens.sum())
    indices = (schutz.coefficient, schutz.distance, Gini(tokens).g, 100 * share)
    found[len(tokens)] = [round(float(index), 3) for index in indices]
    print("{} users: coefficient {}, distance {}, Gini {}; by definition {}".format(len(tokens), *found[len(tokens)]))
if found != {users: [1.5 * users, 0.15, 0.2, 15.0] for users in (5, 10, 100, 10_000)}:
    sys.exit("changed: the coefficient is another one")
EOF
