"""What differs between two versions of a policy, in words, in its criteria, in its evidence.

versions -> changes in words
         -> criteria: both in one program, over all worlds: proved, or a world
         -> evidence: the same up to renaming and order, or records that tell them apart
         -> witnesses: cases, really decided by both versions
"""
