#!/usr/bin/env bash
# Ciw: a customer whose service is interrupted leaves out of impatience before it was interrupted.
#
# One would expect: reneging is for those who wait, so patience stands still, or has done its work, once service begins;
# whoever is interrupted waits again, and leaves at that moment at the earliest.
# What happens: the date by which a customer loses patience is fixed when it arrives and kept while it is served. Where
# service is interrupted after that date, the customer is written down as interrupted at 5 and as having left at 4, with
# a wait of 3 that it never had. It is the same for the pre-emptions resume, restart and resample.
# Why it matters: gateways with paid tiers let one request push out another; how many give up, and after what wait, is
# then overstated, and records are out of order.
# Versions: ciw 3.2.7. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ciw==3.2.7
venv/bin/python - <<'EOF'
import sys

import ciw
from ciw.dists import Deterministic, Sequential

seen = {}
for preemption in ("resume", "restart", "resample"):
    network = ciw.create_network(
        arrival_distributions={"paying": [Sequential([5, 1000])], "free": [Sequential([1, 1000])]},
        service_distributions={"paying": [Deterministic(4)], "free": [Deterministic(6)]},
        reneging_time_distributions={"paying": [None], "free": [Deterministic(3)]},
        priority_classes=({"paying": 0, "free": 1}, [preemption]),
        number_of_servers=[1],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(50)
    records = [record for record in simulation.get_all_records() if record.customer_class == "free"]
    seen[preemption] = [(record.record_type, record.waiting_time, record.exit_date) for record in records]
    print(f"{preemption}: the free customer, who comes at 1 and is served at once, has the records")
    for kind, waited, left in seen[preemption]:
        print(f"  {kind}, after a wait of {waited}, at {left}")
if any(found != [("interrupted service", 0, 5), ("renege", 3, 4)] for found in seen.values()):
    sys.exit("changed: nobody leaves before the interruption any more")
EOF
