"""The author's workbench: test, measure, prove and compare the rules of a policy.

Everything here asks the same question as a case does, of other worlds: a test is a case with
what must follow, a property is what no world may do, a difference is a world in which two
versions disagree, a mutant is a version nobody meant.
"""
