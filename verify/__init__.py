"""verify: every function of torch.nn.init, on each stream, compared with the stream's bits and with its law.

`python -m verify` (installed: `refinit-verify`) is the main job; `--help` lists its options. From the bottom: cases/
(what is tried), laws/ (every law stated a second time, and what formats and streams make of it), subjects/ (what can be
tried; catalogue.py has them by name), checks/ (one file for each question), diagnosis/ (what a failure looks like, and
how to see it again), runs/, reports/ and faults/ (what must turn it red). golden/ has hashes of streams and results of
the C library, cuda/ looks at CUDA kernels without a GPU.
"""
