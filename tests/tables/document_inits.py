"""Init functions as articles, forum answers and torch's documentation write them, with ``init`` left open.

Each makes the function that is given to ``model.apply`` or called on a model; ``init`` is torch.nn.init or refinit.
"""

import math
from collections.abc import Callable
from typing import Any

from torch import nn

Recipe = Callable[[Any], Callable[[nn.Module], None]]


def by_layer_type(init: Any) -> Callable[[nn.Module], None]:
    """An article on initialising a CNN: by layer type, biases if there are any."""

    def initialize_weights(m: nn.Module) -> None:
        if isinstance(m, nn.Conv2d):
            init.kaiming_uniform_(m.weight.data, nonlinearity="relu")
            if m.bias is not None:
                init.constant_(m.bias.data, 0)
        elif isinstance(m, nn.BatchNorm2d):
            init.constant_(m.weight.data, 1)
            init.constant_(m.bias.data, 0)
        elif isinstance(m, nn.Linear):
            init.kaiming_uniform_(m.weight.data)
            init.constant_(m.bias.data, 0)

    return initialize_weights


def linear_by_type(init: Any) -> Callable[[nn.Module], None]:
    """An article on standard methods: the rule of thumb for one layer type."""

    def init_weights(m: nn.Module) -> None:
        if type(m) is nn.Linear:
            init.xavier_normal_(m.weight)

    return init_weights


def rule_of_thumb(init: Any) -> Callable[[nn.Module], None]:
    """The same article: 1 / sqrt(inputs), uniform for layers and normal for kernels."""

    def init_weights(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            init.uniform_(m.weight, -1 / math.sqrt(5), 1 / math.sqrt(5))
        elif isinstance(m, nn.Conv2d):
            init.normal_(m.weight, 0, 1 / math.sqrt(5))

    return init_weights


def fan_in_relu(init: Any) -> Callable[[nn.Module], None]:
    """The same article: He's methods, mode and nonlinearity named."""

    def init_weights(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            init.kaiming_normal_(m.weight, mode="fan_in", nonlinearity="relu")
        elif isinstance(m, nn.Conv2d):
            init.kaiming_uniform_(m.weight, mode="fan_in", nonlinearity="relu")

    return init_weights


def forum_answer(init: Any) -> Callable[[nn.Module], None]:
    """A forum answer: parameters themselves, not their .data."""

    def weights_init(m: nn.Module) -> None:
        if isinstance(m, nn.Conv2d):
            init.xavier_uniform_(m.weight)
            if m.bias is not None:
                init.zeros_(m.bias)

    return weights_init


def reset_parameters(init: Any) -> Callable[[nn.Module], None]:
    """nn.Linear.reset_parameters as forums quote it, with the underscore helper."""

    def reset(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            init.kaiming_uniform_(m.weight, a=math.sqrt(5))
            if m.bias is not None:
                fan_in, _ = init._calculate_fan_in_and_fan_out(m.weight)
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(m.bias, -bound, bound)

    return reset


def reset_parameters_3(init: Any) -> Callable[[nn.Module], None]:
    """A question-and-answer page quotes it with another slope."""

    def reset(m: nn.Module) -> None:
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            init.kaiming_uniform_(m.weight, a=math.sqrt(3))
            fan_in, _ = init._calculate_fan_in_and_fan_out(m.weight)
            bound = 1 / math.sqrt(fan_in)
            init.uniform_(m.bias, -bound, bound)

    return reset


def vision_model(init: Any) -> Callable[[nn.Module], None]:
    """A reference page: _initialize_weights over self.modules()."""

    def _initialize_weights(m: nn.Module) -> None:
        if isinstance(m, nn.Conv2d):
            init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            if m.bias is not None:
                init.constant_(m.bias, 0)
        elif isinstance(m, nn.Linear):
            init.normal_(m.weight, 0, 0.01)
            init.constant_(m.bias, 0)

    return _initialize_weights


def conditional(init: Any) -> Callable[[nn.Module], None]:
    """The same page: conditional initialization."""

    def init_weights(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            init.xavier_uniform_(m.weight)
            m.bias.data.fill_(0.01)
        elif isinstance(m, nn.Conv2d):
            init.kaiming_normal_(m.weight, mode="fan_out")
            if m.bias is not None:
                init.constant_(m.bias, 0)

    return init_weights


def tanh_gain(init: Any) -> Callable[[nn.Module], None]:
    """The same page: a gain for the activation."""

    def init_weights(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            init.xavier_normal_(m.weight, gain=init.calculate_gain("tanh"))

    return init_weights


def resnet_style(init: Any) -> Callable[[nn.Module], None]:
    """The same page: ResNet-style."""

    def init_resnet(m: nn.Module) -> None:
        if isinstance(m, nn.Conv2d):
            init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
            init.constant_(m.weight, 1)
            init.constant_(m.bias, 0)

    return init_resnet


def transformer_style(init: Any) -> Callable[[nn.Module], None]:
    """The same page: Transformer-style."""

    def init_transformer(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            init.xavier_uniform_(m.weight)
            if m.bias is not None:
                init.constant_(m.bias, 0)
        elif isinstance(m, nn.Embedding):
            init.normal_(m.weight, mean=0, std=0.02)

    return init_transformer


def gan_style(init: Any) -> Callable[[nn.Module], None]:
    """The same page: GAN-style, by class name."""

    def init_gan(m: nn.Module) -> None:
        name = m.__class__.__name__
        if name.find("Conv") != -1:
            init.normal_(m.weight.data, 0.0, 0.02)
        elif name.find("BatchNorm") != -1:
            init.normal_(m.weight.data, 1.0, 0.02)
            init.constant_(m.bias.data, 0)

    return init_gan


def deprecated_name(init: Any) -> Callable[[nn.Module], None]:
    """The most read answer of all still writes xavier_uniform without the underscore."""

    def init_weights(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            init.xavier_uniform(m.weight)
            m.bias.data.fill_(0.01)

    return init_weights


RECIPES: tuple[Recipe, ...] = (
    *(
        by_layer_type,
        linear_by_type,
        rule_of_thumb,
        fan_in_relu,
        forum_answer,
        reset_parameters,
        reset_parameters_3,
    ),
    *(vision_model, conditional, tanh_gain, resnet_style, transformer_style, gan_style, deprecated_name),
)
