"""Mutants: versions of a policy that nobody meant, and whether its tests notice.

rule files -> mutants (`operators`) -> stillborn (`orphans`), or equivalent by proof (`excuses`,
`reach`, `equivalence`) -> rows in which the rule derives anything else (`local`) -> what their
records then leave (`delta`) -> killed (`trial`), or surviving, with a row that is missing
(`witness`). `hunt` leads through it, `score` counts.
"""
