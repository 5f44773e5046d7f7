"""Proofs as data that a program can check: their format, and a checker that shares no builder."""
