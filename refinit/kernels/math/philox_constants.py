"""The numbers of Philox4x32 (Salmon et al. 2011); plain Python, for who makes round keys without numba, too."""

#: Those of the paper's table 2.
MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
#: What is added to the key's words from round to round: the golden ratio and sqrt(3) - 1.
WEYL = 0x9E3779B9, 0xBB67AE85
ROUNDS = 10
