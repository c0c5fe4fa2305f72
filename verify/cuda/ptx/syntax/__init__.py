"""PTX text to a model of it: modules, kernels, variables, instructions and their types."""
