# make demo       the main job, on data that the package ships
# make test       all tests: in .venv, on every other tested Python that is here, and with the oldest dependencies
# make check      linters, types, and the documents
# make docs       the documents alone: docs/_build/html/index.html
# make notebooks  runs the notebooks again, and stores what they show; and the picture of the README
# make bench      against the floor and against others; make bench N=10_000_000
#
# Each sets up what it needs, once. make PYTHON=python3.12 ... names the interpreter that .venv is made with.

N ?= 1_000_000
export PYTHON
PYTEST = $(<D)/bin/python -m pytest -q -n auto

.NOTPARALLEL:
.PHONY: demo test check docs notebooks bench clean
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
	@$(MAKE) --no-print-directory docs

# Read anew each time (-E), and every warning is an error: a link to nowhere, a picture that is not drawn.
docs: .venv/.docs
	.venv/bin/python -m sphinx --builder html --fail-on-warning --keep-going --nitpicky -E --quiet docs docs/_build/html

notebooks: .venv/.test
	.venv/bin/python -m notebooks
	.venv/bin/python docs/pictures/why.py

bench: .venv/.bench
	.venv/bin/python -m tests.benchmarks --events $(N)

clean:
	rm -rf .venv .venv-* .hypothesis .mypy_cache .pytest_cache .ruff_cache dist docs/_build docs/notebooks docs/reference/api

.venv/.package: pyproject.toml
	@.ci/environment $@ main
.venv/.test .venv/.check .venv/.docs .venv/.bench: pyproject.toml
	@.ci/environment $@ main $(subst .,,$(@F))
.venv-%/.test: pyproject.toml
	@.ci/environment $@ $* test
