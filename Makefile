# Everything a developer types. A bare checkout is enough: each target sets itself up first.
#   make run        the whole stack on this machine; Ctrl-C stops it
#   make demo       the same, playing a clinic's day by itself and checking the result
#                   (either with BACKEND=gcp: on Google's emulator and stand-ins)
#   make test       every test this machine can run
#   make firestore  a sixth of the fault suites on Google's emulator; FAULT_SHARE=1 for all, an hour
#   make page       build the staff page when its sources changed (run and test do it too)
#   make screens    a picture of every tab of the staff page into docs/screens
#   make soak       ten minutes of load, faults and kills, then the accounts: make soak ARGS="--seed 7"
#   make fuzz       the interface and the parsers under requests of every shape, ten minutes; FUZZ_SEED=2 for others
#   make bench      every figure of speed and cost, a quarter of an hour: make bench ARGS="--quick --only webhook"
#   make check      formatting, linting, types
#   make terraform  infra/terraform: format, validity, its tests, a plan (says what could not be run)
#   make doctor     what is wrong with a deployment's configuration, all of it at once
#   make sbom       bills of materials (CycloneDX) into sbom/, licences into docs/licences.md
#   make audit      known holes in what is installed, where PyPI and npm can be asked
#   make token      a bearer token: make token PRACTICE=demo ROLE=reception
#   make reset      clear the local state
#   make lock       compile the requirement files again

PYTHON ?= python3
PRACTICE ?= demo
ROLE ?= owner
BIN := .venv/bin
RUNNING := infra/local/setup_venv.py run
TESTING := infra/local/setup_venv.py test
PAGE := infra/local/build_page.py

.DEFAULT_GOAL := help
.PHONY: help run demo test firestore page screens soak fuzz bench check terraform doctor sbom audit token reset \
  lock venv-run venv-test venv-terraform

help:
	@sed -n '2,$$ { /^#/!q; s/^#  *//p; }' Makefile

venv-run:
	@$(PYTHON) $(RUNNING)

venv-test:
	@$(PYTHON) $(TESTING)

# Only where there is a Terraform to use it.
venv-terraform:
	@! command -v terraform >/dev/null || $(PYTHON) $(TESTING:test=terraform)

# The stack ends with make, even when make is killed outright: $$PPID is make's own pid.
run: venv-run page
	@exec $(BIN)/python -m infra.local run $(ARGS) --parent-pid $$PPID

demo: venv-run
	@exec $(BIN)/python -m infra.local demo --parent-pid $$PPID

page:
	@$(PYTHON) $(PAGE)

test: venv-test venv-terraform page
	@$(PYTHON) $(PAGE) test
	@$(BIN)/python -m pytest -n auto -rs $(ARGS)

screens: venv-test page
	@$(BIN)/python -m tests.browser.screens $(ARGS)

# The two days of a whole stack have their own stores.
firestore: venv-test
	@TEST_STORE=firestore REQUIRE_EMULATOR=1 FAULT_SHARE=$${FAULT_SHARE:-6} $(BIN)/python -m pytest -n auto -q tests/faults \
	  --ignore=tests/faults/test_killed_day.py --ignore=tests/faults/test_day_on_google.py $(ARGS)

soak: venv-test
	@exec $(BIN)/python -m tests.soak $(ARGS)

fuzz: venv-test
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-150} FUZZ_SEQUENCES=$${FUZZ_SEQUENCES:-150} FUZZ_PARSED=$${FUZZ_PARSED:-20000} \
	  FUZZ_LINES=$${FUZZ_LINES:-1000000} $(BIN)/python -m pytest -q tests/fuzz $(ARGS)

bench: venv-test
	@$(BIN)/python -m tests.benchmarks $(ARGS)

check: venv-test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/bandit -q -c pyproject.toml -r functions shared infra
	@$(BIN)/mypy shared functions infra
	@$(PYTHON) $(PAGE) check

terraform: venv-test venv-terraform
	@$(BIN)/python -m infra.terraform_check $(ARGS)

sbom audit: venv-test page
	@$(PYTHON) $(TESTING:test=supply-chain)
	@$(BIN)/python -m infra.supply_chain $@

doctor: venv-run
	@$(BIN)/python -m infra.doctor $(ARGS)

token: venv-run
	@$(BIN)/python -m infra.local token --practice $(PRACTICE) --role $(ROLE)

reset: venv-run
	@$(BIN)/python -m infra.local reset

UV_VERSION := 0.13.9
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes

lock: venv-test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(COMPILE) pyproject.toml -o requirements.txt >/dev/null
	$(COMPILE) --extra test pyproject.toml -c requirements.txt -o tests/requirements.txt >/dev/null
	$(COMPILE) --group terraform -o infra/terraform/requirements.txt >/dev/null
	$(COMPILE) --group supply-chain -o infra/supply_chain/requirements.txt >/dev/null
