"""Verification cases: each function solves one case through HeatProblem and returns what was compared with what.

The tests assert the comparisons at their gates, ``docs/validation/make.py`` prints and draws them.
"""
