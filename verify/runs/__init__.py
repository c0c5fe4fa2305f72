"""Plans of cases, their shares of the error budget, and running them."""
