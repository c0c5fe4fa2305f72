"""Models of the articles and forum threads that ask for torch's default initialisation, for either ``nn``.

The constructors are the documents' own, their gaps closed; ``forward``, which draws nothing, is left out.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def tutorial_cnn(nn: Any) -> Any:
    """An article on initialising layers: convolutions, batch norms, dense layers, all by default."""

    class CNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(in_channels=1, out_channels=10, kernel_size=5, stride=1)
            self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
            self.conv2_bn = nn.BatchNorm2d(20)
            self.dense1 = nn.Linear(in_features=320, out_features=50)
            self.dense1_bn = nn.BatchNorm1d(50)
            self.dense2 = nn.Linear(50, 10)

    return CNN()


def article_net(nn: Any) -> Any:
    """An article on standard methods: two dense layers by He's, all else by default."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(3, 6, 5)
            self.pool = nn.MaxPool2d(2, 2)
            self.conv2 = nn.Conv2d(6, 16, 5)
            self.fc1 = nn.Linear(16 * 5 * 5, 120)
            self.fc2 = nn.Linear(120, 84)
            self.fc3 = nn.Linear(84, 10)
            nn.init.kaiming_normal_(self.fc1.weight, mode="fan_in", nonlinearity="relu")
            nn.init.kaiming_normal_(self.fc2.weight, mode="fan_in", nonlinearity="relu")

    return Net()


def forum_dqn(nn: Any) -> Any:
    """A forum thread on what the default is: a module that is initialised where it is made."""

    def init_weights(m: Any) -> None:
        if type(m) is nn.Linear:
            nn.init.xavier_normal_(m.weight, gain=1.0)

    class DQN(nn.Module):
        def __init__(self, input_shape: int, n_actions: int) -> None:
            super().__init__()
            widths = [input_shape, 32, 64, 128, 128, n_actions]
            self.fc = nn.Sequential(*(nn.Linear(*pair) for pair in pairwise(widths)))
            self.fc.apply(init_weights)

    return DQN(4, 2)


def general_rule(nn: Any) -> Any:
    """A question-and-answer page: y = 1/sqrt(n), n the inputs, written to ``.data``."""

    def weights_init_uniform_rule(m: Any) -> None:
        if m.__class__.__name__.find("Linear") != -1:
            y = 1.0 / math.sqrt(m.in_features)
            m.weight.data.uniform_(-y, y)
            m.bias.data.fill_(0)

    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)).apply(weights_init_uniform_rule)


def general_normal(nn: Any) -> Any:
    """The same page: the normal law of that standard deviation."""

    def weights_init_normal(m: Any) -> None:
        if m.__class__.__name__.find("Linear") != -1:
            m.weight.data.normal_(0.0, 1 / math.sqrt(m.in_features))
            m.bias.data.fill_(0)

    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)).apply(weights_init_normal)


def single_layer(nn: Any) -> Any:
    """The same page: one layer by a function, and then by what it has in ``.data``."""
    conv1 = nn.Conv2d(4, 4, kernel_size=5)
    nn.init.xavier_uniform_(conv1.weight)
    conv1.bias.data.fill_(0.01)
    return conv1


MODELS: tuple[Callable[[Any], Any], ...] = (
    tutorial_cnn,
    article_net,
    forum_dqn,
    general_rule,
    general_normal,
    single_layer,
)
