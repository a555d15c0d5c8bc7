"""Question to answer: search, squeeze, generate, with numbered sources and what it took."""

from attar.answer.answer import Answer, Source
from attar.answer.ask import AnswerStream, ask, ask_stream
from attar.answer.relevance import Relevance

__all__ = ["Answer", "AnswerStream", "Relevance", "Source", "ask", "ask_stream"]
