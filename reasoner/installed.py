"""Where the rules are that come with the program."""

from __future__ import annotations

from pathlib import Path

__all__ = ["installed_rules", "rules_folder"]


def rules_folder() -> Path:
    """Return the rules that are installed with the program, or those of the checkout."""
    installed = installed_rules()
    checkout = installed.parent.parent / "rules"
    return checkout if checkout.is_dir() else installed


def installed_rules() -> Path:
    """Return where an installed program has its rules; a checkout has nothing there."""
    return Path(__file__).resolve().parent / "_rules"
