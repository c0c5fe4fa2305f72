"""The step format of whole models, as objects and as JSON."""
