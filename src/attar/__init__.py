"""Attar: compress what a retrieval-augmented language-model stack stores and moves."""

from attar._version import __version__
from attar.budget import Budget
from attar.errors import AttarError, BudgetError
from attar.report import Report

__all__ = ["AttarError", "Budget", "BudgetError", "Report", "__version__"]
