"""The parts of the report: markup, sections, and the cases that open in place."""
