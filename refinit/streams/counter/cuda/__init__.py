"""Every law on a CUDA target: which kernels fill it, and with which arguments.

Imported only when a CUDA array comes.  The streams make the checks and take what they need from their generators; then
everything here is put on the target's stream, and nothing is waited for.
"""
