"""verify: every function of torch.nn.init compared with torch bit for bit, and with its law by exact statistics.

`python -m verify` (installed: `refinit-verify`) is the main job; `--help` lists its options. The pieces: cases.py
and models.py (what is tried), reference.py (every law stated a second time), subjects/ (what can be tried), golden/
(hashes of streams), exact/ (null distributions), checks/, run.py, diagnose.py, report.py, faults.py (what must turn
it red).
"""
