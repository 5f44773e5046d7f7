"""Recommends on requests for costly drugs, with proofs that can be followed and checked."""

__version__ = "0.1.0"
