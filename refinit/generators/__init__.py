"""What users draw from: generators, defaults, seeds; ``GeneratorLike`` is the type of ``generator=``."""

from .generator_like import GeneratorLike as GeneratorLike
