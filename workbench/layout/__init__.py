"""Rule files in one layout: the same tokens and comments, in lines that read alike."""

from workbench.layout.file import lay_out

__all__ = ["lay_out"]
