"""How each kind of text is cut into rows: one file a kind."""

from attar.context.kinds.divide import divide
from attar.context.kinds.row import Row

__all__ = ["Row", "divide"]
