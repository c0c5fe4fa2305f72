"""torch's own random fills of CPU tensors, done by refinit: the same bits from the same generator, in less time."""
