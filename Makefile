# Outpost. `make help` lists the targets; each sets up what it needs.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-screen test-postgres test-browser slow test-slow sim sim-long disaster check bench bench-sync installer lock papers screens clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(INSTALLED) ## virtual environment, locked packages, system libraries

$(INSTALLED): requirements.lock pyproject.toml app/machine_check.py
	@test -n "$(PYTHON)" || { echo "Outpost needs Python 3.11 or newer: apt-get install python3 python3-venv"; exit 1; }
	$(PYTHON) app/machine_check.py --install
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(INSTALLED) ## the whole job on real parts: claims decided offline, printed, receipted; writes out/demo/
	$(PY) -m app demo --out out/demo

run: $(INSTALLED) ## the window, with a practice headquarters on this computer; kept under ~/.local/share/outpost-demo or OUTPOST_HOME
	@$(PYTHON) app/machine_check.py --install --screen
	$(PY) -m app run --practice

test: $(INSTALLED) ## all tests but the slow tiers: two at a time, then the stories by themselves, where waiting is measured
	QT_QPA_PLATFORM=offscreen $(PY) -m pytest --numprocesses 2 --dist loadfile --ignore tests/stories
	QT_QPA_PLATFORM=offscreen $(PY) -m pytest tests/stories

test-screen: $(INSTALLED) ## the stories and screens again, on a real X screen that nobody sees
	$(PYTHON) app/machine_check.py --install --screen --unseen
	QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1920x1080x24" $(PY) -m pytest tests/stories tests/views

test-postgres: $(INSTALLED) ## headquarters where money moves, again on the PostgreSQL that the system's packages bring
	@if $(PYTHON) app/machine_check.py --install --postgresql; \
	then $(PY) -m tests.headquarters.installed_postgres -m pytest tests/headquarters -k postgresql; \
	else echo "PostgreSQL can't be installed here; make test has used the embedded one"; fi

test-browser: $(INSTALLED) ## headquarters' web console in a real browser
	@if $(PYTHON) app/machine_check.py --install --browser; \
	then $(PY) -m pytest tests/headquarters/test_console_browser.py; \
	else echo "no browser can be installed here"; fi

slow: $(INSTALLED) ## the slow tiers: 10,000,000 comparisons of the rules' back ends, 300 power cuts, 200,000 people
	QT_QPA_PLATFORM=offscreen $(PY) -m pytest -m slow --timeout 3600 -s

test-slow: slow

sim: $(INSTALLED) ## simulated fleet: 300 seeds, 300 power cuts, the quick mutants; out/sim/summary.json
	$(PY) -m tests.fleet --seeds 300 --cuts 300 --mutants quick

sim-long: $(INSTALLED) ## the long tier: 5,000 seeds, 2,000 power cuts, every mutant
	$(PY) -m tests.fleet --seeds 5000 --cuts 2000 --mutants all

disaster: $(INSTALLED) ## 69 stations, 300 laptops, 16,000 cases, two months, reconciled to the fen; out/sim/disaster.json
	$(PY) -m tests.fleet.disaster

check: $(INSTALLED) ## lint, types, imports
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(INSTALLED) ## benchmarks: tables here, JSON in out/bench/
	$(PY) -m bench

bench-sync: $(INSTALLED) ## sync over a bad line, side by side with PouchDB (root, /dev/net/tun, node; some 20 minutes): out/bench/sync.json
	$(PY) -m bench.sync_link

installer: $(INSTALLED) ## a program to install, tried out: dist/outpost, a .deb on Linux, out/bench/installer.json
	$(PYTHON) app/machine_check.py --install --screen
	$(PY) build_installer.py

papers: $(INSTALLED) ## redraw the pictures under docs/papers/
	$(PY) -m tests.forms.pictures

screens: $(INSTALLED) ## redraw the pictures under docs/screens/ and check what is on them
	rm -f docs/screens/*.png
	OUTPOST_PICTURES=1 QT_QPA_PLATFORM=offscreen $(PY) -m pytest -p no:randomly tests/stories/test_pictures.py

lock: $(INSTALLED) ## resolve requirements.lock anew (versions and hashes, no addresses)
	$(VENV)/bin/uv pip compile pyproject.toml --extra hq --extra rules --extra sign --extra dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock

clean: ## remove the virtual environment and everything generated
	rm -rf $(VENV) out build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
