#!/usr/bin/env bash
# MOMAland: the wrappers for games in turns cannot be imported with the Gymnasium that the package asks for.
#
# One would expect: the package asks for gymnasium 1.1 or later, so all of its modules work with it.
# What happens: momaland.utils.aec_wrappers takes RunningMeanStd from a module that these versions do not have.
# Environments and the wrappers of the parallel interface are imported, so an installation looks sound until then.
# Why it matters: rewards of games in turns can be neither normalised nor weighted with what the package offers.
# Versions: momaland 0.2.0, gymnasium 1.1.0 (the oldest accepted) and 1.4.0. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  gymnasium==1.4.0 pettingzoo==1.27.0 numpy==2.4.6
venv/bin/pip install --quiet --disable-pip-version-check --no-deps momaland==0.2.0
venv/bin/python - <<'EOF'
import importlib.metadata
import subprocess
import sys

asked = next(line for line in importlib.metadata.requires("momaland") if line.startswith("gymnasium"))
pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
seen = {}
for version in ("1.4.0", "1.1.0"):
    subprocess.run([*pip, f"gymnasium=={version}"], check=True, stderr=subprocess.DEVNULL)
    code = "import momaland.utils.aec_wrappers"
    error = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr.strip()
    seen[version] = error.splitlines()[-1] if error else "imported"
    print(f"MOMAland asks for {asked}; with {version}: {seen[version]}")
if asked != "gymnasium>=1.1.0" or not all("gymnasium.wrappers.normalize" in line for line in seen.values()):
    sys.exit("changed: the wrappers, or what is asked for, are others")
EOF
