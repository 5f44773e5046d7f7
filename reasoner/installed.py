"""Where the rules are that come with the program."""

from __future__ import annotations

from pathlib import Path

__all__ = ["rules_folder"]


def rules_folder() -> Path:
    """Return the rules that are installed with the program, or those of the checkout."""
    here = Path(__file__).resolve().parent
    checkout = here.parent / "rules"
    return checkout if checkout.is_dir() else here / "_rules"
