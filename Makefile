# Lumika's commands. `make` alone lists them.

VENV = .venv
BENCH_VENV = .venv-bench
PYTHON = $(VENV)/bin/python
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check --require-hashes
OLDEST_PYTHON = 3.11
LOCK = $(PYTHON) -m uv --no-config --system-certs pip compile --quiet --universal --python-version $(OLDEST_PYTHON) \
	--no-python-downloads --generate-hashes --no-header

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check bench faults lock screenshots

help: ## List these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F '|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: $(VENV)/base.stamp ## Serve Lumika with demo data on PORT (8000); its database starts by itself
	@$(PYTHON) manage.py serve --demo $(ARGS)

test: check ## Check, then run all tests; ARGS="tests/conversations -k approve" runs some
	@$(PYTHON) -m tests $(ARGS)

check: $(VENV)/dev.stamp ## What must hold before the tests: lint, format, types, imports, migrations, requirements
	@echo "Checking"
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --quiet --check . || { echo "Run: $(VENV)/bin/ruff format ."; exit 1; }
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(PYTHON) manage.py check
	@$(PYTHON) manage.py makemigrations --check --dry-run
	@$(PYTHON) -m pip install --quiet --dry-run --no-index --disable-pip-version-check -r requirements/dev.in \
		|| { echo "requirements/*.txt do not fit requirements/*.in. Run: make lock"; exit 1; }

bench: $(BENCH_VENV)/bench.stamp ## Measure Lumika against other stacks; ARGS go to the benchmarks
	@$(BENCH_VENV)/bin/python -m benchmarks $(ARGS)

faults: $(VENV)/dev.stamp ## Kill, freeze and cut off everything, and show that nothing was lost; ARGS=--help
	@$(PYTHON) -m tests.faults $(ARGS)

screenshots: $(VENV)/dev.stamp ## Photograph every page of the demo into screenshots/
	@$(PYTHON) -m tests.browser.screenshots

lock: $(VENV)/dev.stamp ## Write the locked requirements anew, for every Python; ARGS=--upgrade takes newer versions
	$(LOCK) $(ARGS) --output-file requirements/base.txt requirements/base.in
	$(LOCK) $(ARGS) --constraint requirements/base.txt --output-file requirements/dev.txt requirements/dev.in
	$(LOCK) $(ARGS) --output-file benchmarks/requirements.txt benchmarks/requirements.in

# A stamp is as old as the last installation; a newer lock file makes a new one. Where the Python of an environment is
# gone, or another one by now, or its making was broken off, the environment is made anew.

$(foreach venv,$(VENV) $(BENCH_VENV),$(shell $(venv)/bin/python -c 'import pip' 2>/dev/null \
	|| rm -f $(venv)/*.stamp $(venv)/bin/python))

$(VENV)/base.stamp: requirements/base.txt | $(VENV)/bin/python
	@echo "Installing $<"
	@$(PYTHON) $(PIP_INSTALL) -r $<
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt | $(VENV)/bin/python
	@echo "Installing $<"
	@$(PYTHON) $(PIP_INSTALL) -r $<
	@touch $@ $(VENV)/base.stamp

$(BENCH_VENV)/bench.stamp: benchmarks/requirements.txt | $(BENCH_VENV)/bin/python
	@echo "Installing $<"
	@$(BENCH_VENV)/bin/python $(PIP_INSTALL) -r $<
	@touch $@

# The Python that `python3` names, or else the newest one, of those that can make environments.

$(VENV)/bin/python $(BENCH_VENV)/bin/python:
	@set -e; \
	found=; barred=; \
	for python in python3 python3.14 python3.13 python3.12 python3.11; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		if $$python -c 'import ensurepip, ssl, venv' 2>/dev/null; then found=$$python; break; fi; \
		barred="$$barred $$python"; \
	done; \
	if [ -z "$$found$$barred" ]; then \
		echo "Lumika needs Python $(OLDEST_PYTHON) or newer, and none is on the PATH."; exit 1; \
	fi; \
	if [ -z "$$found" ]; then \
		echo "No Python here can make virtual environments, not even$$barred." \
			"On Debian and Ubuntu: apt-get install python3-venv"; exit 1; \
	fi; \
	directory=$$(dirname $$(dirname $@)); \
	echo "Making $$directory with $$($$found --version)"; \
	$$found -m venv --clear $$directory; \
	echo '*' > $$directory/.gitignore
