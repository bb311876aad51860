"""The same verbs in a shell: ``xrefgraph demo``, ``resolve``, ``show`` and ``compare``.

It is an application, so it prints, and it alone may say where the log goes. Exit codes: 0; 1 for a failure;
2 for wrong usage; 130 for Ctrl-C. An error is one line on stderr.
"""

from xrefgraph.cli.program import main

__all__ = ["main"]
