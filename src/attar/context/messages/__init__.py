"""The turns of a chat as a list: squeezed to a budget that counts all that a reader is given."""

from attar.context.messages.counted import ChatCount
from attar.context.messages.squeeze import SqueezedMessages, squeeze_messages

__all__ = ["ChatCount", "SqueezedMessages", "squeeze_messages"]
