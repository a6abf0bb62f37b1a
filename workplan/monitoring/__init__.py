"""How far: the figures, each with the filter of the rows that it counts."""
