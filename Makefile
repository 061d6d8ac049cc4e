# fastgo: `make run` and `make test` do all the set-up that they need.
#
# The development environment is .venv; the wheel is built into dist/; tests run in
# clean environments under build/, one for each Python, into which only the wheel and
# the test tools are installed.

PYTHON      := $(shell scripts/find-python 3.11 3.12 3.13 3.14)
OTHERS      := 3.12 3.13
BIN         := .venv/bin
GO_PACKAGES := ./gocore/... ./pybind/... ./bench/...
SOURCES     := go.mod go.sum pyproject.toml README.md LICENSE \
               $(shell find gocore pybind python -type f -not -path '*/_lib/*' -not -name '*.pyc')
WHEEL       := build/wheel.stamp

.DEFAULT_GOAL := help
.PHONY: help run test lint fmt go-test wheel py-test smoke bench bench-concurrency soak fuzz clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: $(WHEEL) ## build the wheel, install it into .venv, serve the demo
	@$(BIN)/pip install --quiet --force-reinstall --no-deps dist/fastgo-*.whl
	@$(BIN)/python -m fastgo

test: lint go-test wheel py-test smoke ## everything that must hold before a change lands

# --- tools --------------------------------------------------------------------

.venv/.ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed, and not found" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --group dev
	@touch $@

lint: .venv/.ready ## check format, types and import of everything
	@test -z "$$(gofmt -l gocore pybind bench)" || { echo "not formatted:"; gofmt -l gocore pybind bench; exit 1; }
	go vet $(GO_PACKAGES)
	go tool staticcheck $(GO_PACKAGES)
	for system in darwin windows; do \
	  GOOS=$$system CGO_ENABLED=0 go vet $$(go list ./gocore/... | grep -Ev '/(native|task)') || exit 1; done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fmt: .venv/.ready ## format everything
	gofmt -w gocore pybind bench
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

# --- wheel --------------------------------------------------------------------

wheel: $(WHEEL) ## build the abi3 wheel into dist/

$(WHEEL): .venv/.ready $(SOURCES)
	rm -rf build/wheel dist/fastgo-*.whl
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pip wheel --quiet --no-deps --no-build-isolation -w build/wheel .
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/auditwheel repair --wheel-dir dist build/wheel/fastgo-*.whl
	$(BIN)/abi3audit --strict dist/fastgo-*.whl
	@touch $@

# --- tests --------------------------------------------------------------------

go-test: ## run the Go tests with the race detector
	go test -race -parallel 16 $(GO_PACKAGES)

# A clean environment with the wheel and the test tools alone.
build/venv-%/.ready: $(WHEEL)
	rm -rf $(@D)
	$$(scripts/find-python $*) -m venv $(@D)
	$(@D)/bin/pip install --quiet --upgrade 'pip>=25.1'
	$(@D)/bin/pip install --quiet --group test
	$(@D)/bin/pip install --quiet dist/fastgo-*.whl
	@touch $@

TESTED := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)

# Tests wait more than they compute, so one more process than there are cores.
PYTEST := -m pytest -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --dist worksteal

py-test: build/venv-$(TESTED)/.ready ## run all end-to-end tests against the installed wheel
	@scripts/require-compilers
	build/venv-$(TESTED)/bin/python $(PYTEST) $(ARGS)

smoke: $(foreach version,$(OTHERS),smoke-$(version)) ## run the smoke tests on the other Pythons

smoke-%: $(WHEEL)
	@if test -n "$$(scripts/find-python $*)"; then \
	  $(MAKE) --no-print-directory build/venv-$*/.ready && \
	  build/venv-$*/bin/python $(PYTEST) -m smoke tests; \
	else echo "Python $* is not here: its smoke tests are left out"; fi

soak: build/venv-$(TESTED)/.ready ## run the long tests at full size
	build/venv-$(TESTED)/bin/python -m pytest --soak --timeout 1800 tests $(ARGS)

FUZZ_TIME ?= 60s

fuzz: ## run every fuzz target for FUZZ_TIME
	@scripts/fuzz $(FUZZ_TIME)

bench: build/venv-$(TESTED)/.ready ## measure against peers; ARGS go to `python -m bench`
	@scripts/require-wrk
	build/venv-$(TESTED)/bin/pip install --quiet --group bench
	@scripts/install-compiled-peers build/venv-$(TESTED)/bin/pip
	build/venv-$(TESTED)/bin/python -m bench $(ARGS)

bench-concurrency: build/venv-$(TESTED)/.ready ## measure fastgo.concurrency against peers
	build/venv-$(TESTED)/bin/pip install --quiet --group bench
	build/venv-$(TESTED)/bin/python -m bench.concurrency $(ARGS)

clean: ## remove everything that was built
	rm -rf .venv build dist bench/bin bench/results python/fastgo/_lib .hypothesis .mypy_cache .ruff_cache .pytest_cache
	@$(MAKE) -s -C examples/native clean
