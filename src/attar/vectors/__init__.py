"""A searchable set of embeddings, kept and searched in its codes."""

from attar.vectors.vectors import Found, Metric, Vectors

__all__ = ["Found", "Metric", "Vectors"]
