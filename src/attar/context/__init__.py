"""The text of a prompt: exact budgets, protected text, and where every kept span came from."""

from attar.context.context import Context, Task
from attar.context.cut import Cut
from attar.context.distinct import Distinct
from attar.context.ehpc import EvaluatorHeads
from attar.context.exit import Exit
from attar.context.extract import Extract
from attar.context.gemfilter import GemFilter
from attar.context.longcodezip import LongCodeZip
from attar.context.messages import ChatCount, SqueezedMessages, squeeze_messages
from attar.context.metatokens import MetaTokens, expand
from attar.context.order import Order
from attar.context.protect import Marks
from attar.context.prune import Prune, recover
from attar.context.quota import Quota
from attar.context.rank import Rank
from attar.context.recomp import Recomp
from attar.context.sentinel import Sentinel
from attar.context.span import Passage, Span
from attar.context.squeeze import squeeze
from attar.context.squeezed import Squeezed
from attar.context.stage import Chain, Stage, parse
from attar.context.stream import squeeze_file
from attar.context.tfidf import TfidfFilter
from attar.context.truncate import Truncate
from attar.context.upr import QuestionLikelihood

__all__ = [
    "Chain",
    "ChatCount",
    "Context",
    "Cut",
    "Distinct",
    "EvaluatorHeads",
    "Exit",
    "Extract",
    "GemFilter",
    "LongCodeZip",
    "Marks",
    "MetaTokens",
    "Order",
    "Passage",
    "Prune",
    "QuestionLikelihood",
    "Quota",
    "Rank",
    "Recomp",
    "Sentinel",
    "Span",
    "Squeezed",
    "SqueezedMessages",
    "Stage",
    "Task",
    "TfidfFilter",
    "Truncate",
    "expand",
    "parse",
    "recover",
    "squeeze",
    "squeeze_file",
    "squeeze_messages",
]
