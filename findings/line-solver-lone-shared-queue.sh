#!/usr/bin/env bash
# LINE: the "exact" response time of a server that is shared is that of a server with a queue, if it stands alone.
#
# One would expect: with processor sharing only the mean of the service times counts: at a load of 0.8 a request of mean
# 1 takes 5, whatever the distribution. The MVA solver says "type: exact" of what it returns.
# What happens: for one station between source and sink it takes Pollaczek and Khinchine's formula for first come, first
# served, whatever the discipline. With service times of squared variation 4 it says 11 for sharing and for last come,
# first served with pre-emption, where 5 is right, and with constant ones 3. The methods "exact" and "default" do the
# same, "amva", an approximation, says 5, and so do the solvers MAM and NC. With a second station behind it, or with two
# classes of requests, MVA says 5 for sharing, too.
# Why it matters: a model server that works on many requests at once is a shared server, and answers vary in length as
# much. The wait that users have to bear is doubled by the simplest model, the one that one checks a simulation against.
# Versions: line-solver 3.0.8.0, numpy 2.4.6, scipy 1.17.1, networkx 3.6.1. Seen on 2026-11-30. LINE is installed with
# what these lines import, not with all that it names.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  numpy==2.4.6 scipy==1.17.1 pandas==2.3.3 networkx==3.6.1
venv/bin/pip install --quiet --disable-pip-version-check --no-deps line-solver==3.0.8.0
venv/bin/python - <<'EOF'
import sys

from line_solver import MAM, MVA, NC, Det, Exp, HyperExp, Network, OpenClass, Queue, SchedStrategy, Sink, Source

LOAD = 0.8


def takes(solver, discipline, service, stations=1, **options):
    """Mean time at the first station of requests that come at random, `LOAD` of them in a mean service time."""
    network = Network("gateway")
    source = Source(network, "source")
    queues = [Queue(network, f"server {number}", discipline) for number in range(stations)]
    sink = Sink(network, "sink")
    requests = OpenClass(network, "requests")
    source.set_arrival(requests, Exp(LOAD))
    for number, queue in enumerate(queues):
        queue.set_service(requests, service if number == 0 else Exp(5.0))
    network.link(Network.serial_routing(source, *queues, sink))
    table = solver(network, verbose=False, **options).avg_table()
    return round(float(table[table.Station == "server 0"].iloc[0].RespT), 2)


varied, constant = HyperExp.fit_mean_and_scv(1.0, 4.0), Det(1.0)
shared = {
    "MVA": takes(MVA, SchedStrategy.PS, varied),
    "MVA, exact": takes(MVA, SchedStrategy.PS, varied, method="exact"),
    "MVA, amva": takes(MVA, SchedStrategy.PS, varied, method="amva"),
    "MVA, two stations": takes(MVA, SchedStrategy.PS, varied, stations=2),
    "MVA, constant": takes(MVA, SchedStrategy.PS, constant),
    "NC": takes(NC, SchedStrategy.PS, varied),
    "MAM": takes(MAM, SchedStrategy.PS, varied),
}
for name, mean in shared.items():
    print(f"shared server, {name}: {mean}; by theory {1 / (1 - LOAD):.2f}")
last, first = takes(MVA, SchedStrategy.LCFSPR, varied), takes(MVA, SchedStrategy.FCFS, varied)
print(f"MVA, last come first served with pre-emption: {last}; by theory {1 / (1 - LOAD):.2f}")
print(f"MVA, first come first served: {first}; by theory {1 + LOAD * 5 / 2 / (1 - LOAD):.2f}")
if list(shared.values()) != [11, 11, 5, 5, 3, 5, 5] or (last, first) != (11, 11):
    sys.exit("changed: the response times are others")
EOF
