"""How each kind of text is cut into rows: one file a kind."""

from attar.context.kinds.divide import divide
from attar.context.kinds.row import Row, append

__all__ = ["Row", "append", "divide"]
