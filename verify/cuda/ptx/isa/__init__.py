"""The instructions of the PTX ISA, each lowered to LLVM IR."""
