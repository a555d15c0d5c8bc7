"""A searchable set of sparse vectors: an inverted index with compressed lists."""

from attar.postings.analyzer import Analyzer, analyzer, languages
from attar.postings.bm25 import BM25
from attar.postings.reader import PostingsReader
from attar.postings.statistics import Statistics
from attar.postings.weights import SparseVector, WeightsReader
from attar.postings.writer import write_fields, write_postings, write_tokens, write_weights

__all__ = [
    "BM25",
    "Analyzer",
    "PostingsReader",
    "SparseVector",
    "Statistics",
    "WeightsReader",
    "analyzer",
    "languages",
    "write_fields",
    "write_postings",
    "write_tokens",
    "write_weights",
]
