#!/usr/bin/env bash
# LINE: with ten servers requests wait as long as with one of the same load, by the solver NC.
#
# One would expect: the more servers share a queue, the less one waits at the same load. At a load of 0.9 and a mean
# service time of 1, a request takes 10 with one server and 1.67 with ten, by Erlang's formula.
# What happens: in open networks the solver NC (normalising constants) takes a station for a single server of this load
# and returns 1 / (1 - load) for any number of servers: 10 for one, three and ten. Its method "ca" prints "type: exact".
# MVA and MAM give Erlang's numbers. In closed networks NC is right. The load and the throughput are, too.
# Why it matters: how many servers a gateway needs is what such models are asked. With ten the wait comes out as 9 and
# not as 0.67, and one buys servers against a wait that is not there.
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
import math
import sys

from line_solver import (
    MAM,
    MVA,
    NC,
    ClosedClass,
    Delay,
    Exp,
    Network,
    OpenClass,
    Queue,
    SchedStrategy,
    Sink,
    Source,
)

LOAD, USERS = 0.9, 6


def mean_time(solver, network, **options):
    table = solver(network, verbose=False, **options).avg_table()
    return round(float(table[table.Station == "servers"].iloc[0].RespT), 2)


def opened(servers):
    network = Network("open")
    source, sink = Source(network, "source"), Sink(network, "sink")
    queue = Queue(network, "servers", SchedStrategy.FCFS)
    requests = OpenClass(network, "requests")
    source.set_arrival(requests, Exp(LOAD * servers))
    queue.set_service(requests, Exp(1.0))
    queue.set_number_of_servers(servers)
    network.link(Network.serial_routing(source, queue, sink))
    return network


def closed(servers):
    network = Network("closed")
    thinking, queue = Delay(network, "thinking"), Queue(network, "servers", SchedStrategy.FCFS)
    users = ClosedClass(network, "users", USERS, thinking, 0)
    thinking.set_service(users, Exp(0.5))
    queue.set_service(users, Exp(1.0))
    queue.set_number_of_servers(servers)
    network.link(Network.serial_routing(thinking, queue))
    return network


def erlang(servers):
    offered = LOAD * servers
    last = offered**servers / math.factorial(servers) / (1 - LOAD)
    waits = last / (sum(offered**busy / math.factorial(busy) for busy in range(servers)) + last)
    return round(1 + waits / (servers - offered), 2)


def repairmen(servers):
    """The closed network, by its chain of births and deaths."""
    weights = [1.0]
    for busy in range(1, USERS + 1):
        weights.append(weights[-1] * (USERS - busy + 1) * 0.5 / min(busy, servers))
    waiting = sum(number * weight for number, weight in enumerate(weights)) / sum(weights)
    return round(waiting / ((USERS - waiting) * 0.5), 2)


seen = {}
for servers in (1, 3, 10):
    found = [mean_time(solver, opened(servers)) for solver in (NC, MVA, MAM)]
    seen[servers] = [mean_time(NC, opened(servers), method="ca"), *found]
    print(f"{servers} servers: NC 'ca', NC, MVA and MAM {seen[servers]}; by Erlang {erlang(servers)}")
around = mean_time(NC, closed(3))
print(f"closed network, three servers: NC {around}; by theory {repairmen(3)}")
wrong = {servers: [10, 10, erlang(servers), erlang(servers)] for servers in (1, 3, 10)}
if seen != wrong or around != repairmen(3):
    sys.exit("changed: the response times are others")
EOF
