"""How suspicious each identifier of a graph is: the evidence that it joins different people."""
