# make demo       the main job, on data that the package ships
# make test       all tests: in .venv, on every other tested Python that is here, and with the oldest dependencies
# make check      linters and types
# make notebooks  runs the notebooks again, and stores what they show
# make bench      against the floor and against others; make bench N=10_000_000
#
# Each sets up what it needs, once. make PYTHON=python3.12 ... names the interpreter that .venv is made with.

N ?= 1_000_000
export PYTHON
PYTEST = $(<D)/bin/python -m pytest -q -n auto

.NOTPARALLEL:
.PHONY: demo test check notebooks bench clean
.PRECIOUS: .venv-%/.test

demo: .venv/.package
	@.venv/bin/xrefgraph demo

test: .venv/.test
	$(PYTEST)
	@for version in $$(.ci/interpreters others); do $(MAKE) --no-print-directory test-$$version || exit; done
	@if .ci/interpreters 3.11 >/dev/null; then $(MAKE) --no-print-directory test-oldest; \
	    else echo "no Python 3.11 is here: not tested with the oldest dependencies"; fi

# A few random examples: what differs here is the interpreter and the dependencies, not the logic.
test-%: export XREFGRAPH_HYPOTHESIS = smoke
test-%: .venv-%/.test
	$(PYTEST)

# Old versions warn of changes that came long ago.
test-oldest: .venv-oldest/.test
	$(PYTEST) -W ignore::DeprecationWarning -W ignore::FutureWarning

check: .venv/.check
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

notebooks: .venv/.test
	.venv/bin/python -m notebooks

bench: .venv/.bench
	.venv/bin/python -m tests.benchmarks --events $(N)

clean:
	rm -rf .venv .venv-* .hypothesis .mypy_cache .pytest_cache .ruff_cache dist

.venv/.package: pyproject.toml
	@.ci/environment $@ main
.venv/.test .venv/.check .venv/.bench: pyproject.toml
	@.ci/environment $@ main $(subst .,,$(@F))
.venv-%/.test: pyproject.toml
	@.ci/environment $@ $* test
