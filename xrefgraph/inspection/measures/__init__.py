"""A graph as a whole: what there is of everything, and what is out of the ordinary."""
