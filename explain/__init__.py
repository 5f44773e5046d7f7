"""Explains a decision: from the worlds to a proof, and from the proof to what a person reads."""
