"""Laws stated a second time, from the papers; what a format and a stream make of them; p-values of sums and counts."""
