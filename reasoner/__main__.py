"""`python -m reasoner`: the same as the command `reasoner`."""

from reasoner.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
