"""What comes of recording one constructor, judged by a construction from a seed of its own."""

from __future__ import annotations

import math

SEED = 20_261_201
#: Elements of a model that is constructed.
LARGEST = 100_000_000


def verdict(make, largest: int = LARGEST) -> dict[str, object]:
    """What comes of one constructor."""
    import refinit
    from refinit.models.record.checking import check

    try:
        recipe = refinit.record(make, check=False)
    except NotImplementedError as error:
        if "cannot record this constructor" not in str(error) and not constructs(make):
            return {"verdict": "not constructible", "reason": str(error)[:300]}
        return {"verdict": "refused", "reason": str(error)[:600]}
    except Exception as error:  # noqa: BLE001 - a library's own, unless it constructs
        reason = f"{type(error).__name__}: {error}"[:300]
        return {"verdict": "wrong" if constructs(make) else "not constructible", "reason": reason}
    elements = sum(math.prod(getattr(entry, "shape", ())) for entry in recipe.state.values())
    if elements > largest:
        return {"verdict": "too large", "reason": f"{elements} elements"}
    try:
        check(make, recipe)  # as record does
    except NotImplementedError as error:
        return {"verdict": "refused", "reason": str(error)[:600], "by": "check"}
    return {**judged(make, recipe), "steps": len(recipe.steps), "elements": elements}


def constructs(make) -> bool:
    """Whether the constructor succeeds by itself."""
    try:
        make()
    except Exception:  # noqa: BLE001 - a library's own
        return False
    return True


def judged(make, recipe) -> dict[str, object]:
    """One more construction, from another seed: the recipe says beforehand which names may differ."""
    import numpy as np
    import torch

    import refinit

    torch.manual_seed(SEED)
    state, moved = make().state_dict(), torch.get_rng_state().numpy()
    generator = refinit.Generator().manual_seed(SEED)
    weights = refinit.replay(recipe, generator=generator)
    wrong, distances = [], [0.0]
    for name, tensor in state.items():
        theirs = tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy()
        ours = np.ascontiguousarray(weights[name]).reshape(-1).view(np.uint8)
        if tuple(tensor.shape) == weights[name].shape and np.array_equal(theirs, ours):
            continue
        if name not in weights.inexact:
            wrong.append(name)
        else:
            distances.append(distance(tensor.detach().to(torch.complex128).numpy(), weights[name]))
    if wrong or weights.keys() != state.keys() or not np.array_equal(moved, generator.get_state()):
        return {"verdict": "wrong", "reason": ", ".join(wrong[:5])}
    return {"verdict": "inexact" if weights.inexact else "exact", "distance": max(distances)}


def distance(theirs, ours) -> float:
    """The largest difference, as a share of the largest value."""
    return float(abs(theirs - ours.astype("complex128")).max() / abs(theirs).max())
