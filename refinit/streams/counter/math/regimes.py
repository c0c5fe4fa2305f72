"""The four regimes of the truncated normal: their names, and how many numbers describe a law in each.

``truncation/parameters.py`` chooses a law's regime and prepares its block of parameters, numbers of the arithmetic type
(float32 for the half types too); ``quantile.py`` and ``fitted.py`` take a block as ``(head, coefficients)``, tuples:

========  ===========================================================================================================
all       lowest, highest: the smallest and the largest value allowed, of the element type, finite; then
inner     mean, std, 2 P / N, 2 pa + P / N, 2 qb + P / N: probabilities inside, below, above [lo, hi]; no coefficients
central   the same; no coefficients
tail      lo, std / (2 alpha), (1 - r) / N, r + (1 - r) / 2 N, k, m, n, coefficients; r = Q(beta) / Q(alpha)
narrow    lo, hi - lo, coefficients
========  ===========================================================================================================

with N = 2^32 (2^53) words, [alpha, beta] = ([lo, hi] - mean) / std.  An interval that lies mostly below its mean is a
mirror image: hi stands for lo, std and hi - lo are negative, the value falls as the word grows, and all but its sign
is as for the mirrored law.

Plain Python: a warm process reads it without numba.  It lies here because the cache of compiled code hashes this
folder.
"""

#: How many parameters the other laws by position have (``positions.py``, ``box_muller.py``).
COUNTS = {"uniform": 4, "normal": 2}
#: How many numbers a head has.
HEADS = {"inner": 7, "central": 7, "tail": 9, "narrow": 4}
#: The regimes whose polynomial is fitted to the law at hand; the others use the normal law's own.
FITTED = ("tail", "narrow")
#: What is drawn element by element: two laws, and these regimes.
BY_POSITION = (*COUNTS, *HEADS)
#: How many coefficients such a polynomial has, for the bits of the arithmetic type.
COEFFICIENTS = {32: 13, 64: 22}
