"""Modules that one function makes, and their recordings."""

import torch

from refinit.models.record.record import record


class Module(torch.nn.Module):
    """A module with what ``fill`` makes of it."""

    def __init__(self, fill):
        super().__init__()
        fill(self)


def recorded(fill):
    return record(lambda: Module(fill), check=False)


def words(recipe):
    return [getattr(step, "function", None) or step.name for step in recipe.steps]


def parameter(*shape, **options):
    return torch.nn.Parameter(torch.empty(*shape, **options))
