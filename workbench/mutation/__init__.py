"""Mutants: versions of a policy that nobody meant, and whether its tests notice.

rule files -> mutants (`operators`) -> rows that reach them (`reach`) -> killed, stillborn,
equivalent by proof (`equivalence`), or surviving (`hunt`)
"""
