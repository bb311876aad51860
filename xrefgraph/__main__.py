"""``python -m xrefgraph``: the command line."""

from xrefgraph.cli import main

main()
