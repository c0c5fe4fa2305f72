"""The counter stream's fills of CUDA memory: which kernels fill it with which law, and with which arguments.

Imported only when a CUDA array comes. Everything is put on the array's stream, and nothing is waited for.
"""
