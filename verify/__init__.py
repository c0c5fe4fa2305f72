"""verify: every function of torch.nn.init, on each stream, compared with the stream's bits and with its law.

`python -m verify` (installed: `refinit-verify`) is the main job; `--help` lists its options. The pieces: cases.py
and models.py (what is tried), reference.py (every law stated a second time), subjects/ (what can be tried), golden/
(hashes of streams), exact/ (null distributions), checks/, plan.py, run.py, diagnose.py, report.py, faults.py and
counter_faults.py (what must turn it red).
"""
