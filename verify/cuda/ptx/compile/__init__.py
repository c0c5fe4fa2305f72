"""A kernel of PTX to code of this CPU."""
