"""Model Census: a true, current and complete record of the world's AI models."""

__version__ = "0.1.0"
