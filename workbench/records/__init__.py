"""Records made from the rules: what a case could say that a rule would read."""
