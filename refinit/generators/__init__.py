"""What users draw from: generators, defaults, seeds."""
