"""How fast xrefgraph is, beside a floor and beside others: ``python -m tests.benchmarks --help``.

``events`` makes the data, ``contestants`` and ``lookups`` are what is measured, ``processes`` runs
each of them in a process of its own, ``rounds`` repeats them, ``report`` writes the tables.
No file here is collected by pytest.
"""
