"""A searchable set of embeddings, kept and searched in its codes."""

from attar.vectors.search import Metric
from attar.vectors.vectors import Found, Vectors

__all__ = ["Found", "Metric", "Vectors"]
