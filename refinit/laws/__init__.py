"""Laws, the fans and gains in them, and the arguments they are given by."""
