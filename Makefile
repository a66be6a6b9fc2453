# Everything is set up in .venv on first use; no target needs anything but Python 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup run test test-all check verify recovery menus needle mixes kills unseen results leaderboard docs controls gateway-size gateway test-gateway figures film pairs speed setup-speed explorer-speed fuzz clean \
  examples examples-torchrl examples-rllib examples-tianshou peers peers-benchmarl peers-rllib peers-skrl peers-by-name test-peers

help:  ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 19

setup: .venv/tests  ## only make the .venv, with all that tests and checks need

INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# What the commands need, and no more. Its modules are compiled as they are imported, which most of them never are.
.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'routegame needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)' >&2; exit 2; }
	@echo 'Setting up .venv, once; this takes a minute or so.'
	@$(PYTHON) -m venv .venv
	@$(INSTALL) --no-compile --editable .
	@touch $@

# Tests take warnings for errors, those of compiling other modules too: so what can be compiled is, before.
.venv/tests: .venv/ready
	@echo 'Adding to .venv what tests and checks need, once; this takes a minute or so.'
	@$(BIN)/python -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	  print(*project["optional-dependencies"]["dev"], sep="\n")' > .venv/dev.txt
	@$(INSTALL) --requirement .venv/dev.txt
	@$(BIN)/python -m compileall -q -q -j 0 .venv/lib || true
	@touch $@

run: .venv/ready  ## learn the routing game on gpt-4.1-nano and gpt-5, and hold the result against the equilibrium
	@$(BIN)/routegame train nano-gpt5 --learner meta_follower --seed 0 --out runs/first-light

test: setup  ## run the tests, but for the slow ones
	@$(BIN)/python -m pytest --numprocesses 2 -m 'not slow'

test-all: setup  ## run all tests
	@$(BIN)/python -m pytest --numprocesses 2

check: setup  ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

verify: setup  ## hold the solver against a sharp independent search on 24,000 games, and on 20,000 of many models; minutes
	@$(BIN)/python tests/study_equilibrium.py
	@$(BIN)/python tests/study_menus.py
	@$(BIN)/python tests/study_mixes.py

recovery: setup  ## do intervals of 920 calibrated logs hold the truth, and is what is called sure right? takes minutes
	@$(BIN)/python tests/study_recovery.py
	@$(BIN)/python tests/study_recovery_menus.py
	@$(BIN)/python tests/study_recovery_mixed.py
	@$(BIN)/python tests/study_recovery_contexts.py
	@$(BIN)/python tests/study_recovery_mixed_menus.py
	@$(BIN)/python tests/study_recovery_features.py

menus: setup  ## do learners find what to do with many models, and does random search? LEARNERS="evolution ..." SEEDS=10
	@$(BIN)/python tests/study_menu_learners.py $(or $(SEEDS),10) $(LEARNERS)

needle: setup  ## suites where good commitments are rare: how rare, and learners beside every baseline at equal passes; hours
	@$(BIN)/python -m routegame.eval.bench.difficulty needle steep crowds
	@$(BIN)/python tests/study_equal_passes.py needle menus steep crowds --seeds $(or $(SEEDS),5)

unseen: setup  ## one policy asked about 10,000 games that it was not trained on, beside random search; three minutes
	@$(BIN)/python tests/study_unseen.py

mixes: setup  ## do learners find what to do with tasks that differ, and do searches? LEARNERS="contextual ..." USERS=memoryless SEEDS=10
	@$(BIN)/python tests/study_mix_learners.py $(or $(SEEDS),10) $(LEARNERS) $(USERS)

kills: setup  ## kill 100 runs and 30 benches at random moments; do they end as undisturbed ones? a quarter of an hour
	@$(BIN)/python tests/study_kills.py

BOARD := bench.json leaderboard.md leaderboard.json runs.csv curves.parquet report.html
QUICK := plug_in oracle evolution meta_follower response_reward hypergradient bc_hg independent random_search sobol halving cmaes
# $(call board,SUITE,FOLDER,LEARNERS,SEEDS): they play it, and its leaderboard goes there
board = $(BIN)/routegame bench --suite $1 --learners $3 --seeds $4 --out runs/results-$1 --resume \
  $(if $(and $(TAKE),$(wildcard $2/leaderboard.json)),--take $2) && \
  mkdir -p $2 && cp $(addprefix runs/results-$1/,$(BOARD)) $2/
results: setup  ## learners on the reference games, the quick ones with ten seeds, into docs/results, and all with three, into docs/results/all; goes on where it was stopped; TAKE=1 takes the runs that are there
	@$(call board,reference,docs/results,$(QUICK),10)
	@$(call board,reference,docs/results/all,all,3)

leaderboard: $(if $(SUITES),setup,results)  ## results, the same of every other suite of single games, into docs/results/SUITE and docs/results/all/SUITE, and unseen; many hours; SUITES="menus ..." for these alone, SLOW=0 without the slow learners, SEEDS=3 for the quick ones, TAKE=1
	@$(foreach suite,$(or $(SUITES),classic matrices drift menus needle steep crowds), \
	  $(call board,$(suite),docs/results/$(suite),$(QUICK),$(or $(SEEDS),10)) && \
	  $(if $(filter 0,$(SLOW)),,$(call board,$(suite),docs/results/all/$(suite),all,3) &&)) true
	@$(if $(SUITES),,$(BIN)/python tests/study_unseen.py)

controls: setup  ## three ways to get response_reward wrong, and how each fails; a minute
	@$(BIN)/python -m routegame.eval.bench.check_controls

gateway-size: setup  ## a million payloads of litellm, 3 GB, through calibrate: how long, and how much memory; minutes
	@PYTHONPATH=tests $(BIN)/python tests/study_gateway_size.py $(PAYLOADS)

gateway: .venv-litellm/ready  ## users ask litellm's Router, its log is calibrated and the result enacted; what that costs in CPU; SEEDS=10
	@.venv-litellm/bin/python tests/study_gateway.py --seeds $(or $(SEEDS),2)
	@.venv-litellm/bin/python tests/study_gateway_overhead.py

test-gateway: .venv-litellm/ready  ## the tests of what stands in litellm, in an environment of its own
	@.venv-litellm/bin/python -m pytest -p no:unraisableexception tests/gateway  # litellm leaves connections open

docs: .venv/docs  ## the site, with an entry for every public name, into build/site; half a minute
	@rm -rf build/site
	@$(BIN)/python -m sphinx -E -q -W --keep-going -c docs/site docs build/site
	@$(BIN)/routegame explore --out build/site/explorer.html
	@$(BIN)/python docs/site/built.py build/site

.venv/docs: .venv/tests
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[docs]'
	@touch $@

figures: setup  ## redraw the paper's figures into docs/figures
	@$(BIN)/routegame figures --out docs/figures

film: setup  ## an episode of nano-gpt5 at the equilibrium, six users, into docs/watch.gif
	@$(BIN)/routegame watch nano-gpt5 --users 6 --seed 4 --fps 2 --gif docs/watch.gif

pairs: setup  ## the table of docs/pairs.md: real pairs, their answers, and over what these hold
	@$(BIN)/python -m routegame.eval.figures.pairs_table

speed: setup  ## how fast everything is, as ratios of CPU time; SECTIONS="solver ..." for some of it, BASELINE=REV beside it, PAGE=1 into docs/speed.md, CHECK=1 against it
	@PYTHONPATH=tests $(BIN)/python -m speed $(SECTIONS) $(if $(BASELINE),--baseline $(BASELINE)) \
	  $(if $(PAGE),--page docs/speed.md) $(if $(CHECK),--check docs/speed.md)

setup-speed:  ## how long make run takes from nothing, set-up and job apart, beside BASELINE=REV; half an hour
	@$(PYTHON) tests/study_setup.py $(or $(BASELINE),03d9de1)

examples: setup  ## learn with stable-baselines3, with one file of PyTorch, and with a learner of one's own
	@$(BIN)/python docs/examples/sb3_leader.py
	@$(BIN)/python docs/examples/cleanrl_follower.py
	@cd docs/examples && PYTHONPATH=. ../../$(BIN)/routegame bench --suite real --learners closing_in:ClosingIn evolution \
	  --seeds 2 --out ../../runs/closing-in --resume

examples-torchrl: setup  ## with TorchRL
	@$(BIN)/python docs/examples/torchrl_both_sides.py

examples-rllib: .venv-rllib/ready  ## with RLlib; this and the next make environments of their own
	@.venv-rllib/bin/python docs/examples/rllib_both_sides.py

examples-tianshou: .venv-tianshou/ready  ## with Tianshou
	@.venv-tianshou/bin/python docs/examples/tianshou_follower.py

peers: peers-benchmarl peers-rllib peers-skrl peers-by-name  ## other libraries' learners, judged exactly, into docs/results/peers.md; hours; SEEDS=3

peers-benchmarl: .venv-benchmarl/ready  ## of these, IPPO, MAPPO, IQL and QMIX of BenchMARL, on both sides
	@PYTHONPATH=tests .venv-benchmarl/bin/python -m peers benchmarl-ippo benchmarl-mappo benchmarl-iql benchmarl-qmix --seeds $(or $(SEEDS),3)

peers-rllib: .venv-rllib/ready  ## of these, PPO of RLlib, on both sides
	@PYTHONPATH=tests .venv-rllib/bin/python -W ignore -m peers rllib-ppo --seeds $(or $(SEEDS),3)

peers-skrl: .venv-skrl/ready  ## of these, IPPO of skrl, on both sides
	@PYTHONPATH=tests .venv-skrl/bin/python -m peers skrl-ippo --seeds $(or $(SEEDS),3)

peers-by-name: setup  ## of these, A2C, DQN, SAC and TRPO of stable-baselines3 and sb3-contrib, as providers, and TorchRL's IPPO, MAPPO, IQL and QMIX, into docs/results/libraries
	@$(foreach suite,reference needle steep,$(call board,$(suite),docs/results/libraries/$(suite),a2c dqn sac trpo ippo mappo iql qmix,$(or $(SEEDS),3)) &&) true

PEERS := benchmarl skrl supersuit tianshou rllib agilerl
test-peers: $(PEERS:%=test-peers-%)  ## the tests of adapters, in environments that have their libraries; test-peers-skrl and so on: one of them

ADAPTERS := tests/envs/adapters
.PHONY: $(PEERS:%=test-peers-%)
$(PEERS:%=test-peers-%): test-peers-%: .venv-%/ready
	@.venv-$*/bin/python -m pytest -o filterwarnings=default -W ignore $(ADAPTERS)/test_normalized.py $(ADAPTERS)/test_$*.py \
	  $(if $(filter benchmarl,$*),$(ADAPTERS)/test_torchrl.py)

.venv-%/ready: docs/examples/%.txt pyproject.toml
	@echo 'Setting up .venv-$*, once; this takes a minute or more.'
	@$(PYTHON) -m venv .venv-$*
	@.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --requirement $< --editable .
	@touch $@

CASES ?= 20000
SEED ?= 0
explorer-speed: setup  ## how long the explorer takes to answer a slider at eight models, by the browser's own trace: ten seconds
	@$(BIN)/python tests/study_explorer.py

fuzz: setup  ## strange commands, logs and run directories, none of which may end in a traceback; CASES=100000 for more
	@PYTHONPATH=tests $(BIN)/python -m fuzz $(CASES) --seed $(SEED)

clean:  ## remove the .venvs and caches; runs stay
	rm -rf .venv .venv-* .mypy_cache .pytest_cache .ruff_cache .hypothesis build src/*.egg-info
