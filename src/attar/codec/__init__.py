"""Numbers in fewer bits: recipes that compose, fit to a sample, encode, decode and score.

recipe = Hadamard() >> Uniform(bits=4, group=64)
fitted = recipe.fit(sample)
codes = fitted.encode(x)
scores = fitted.score(query, codes)
"""

from attar.codec.base import Quantizer, Recipe, Transform
from attar.codec.center import Center
from attar.codec.encoded import Encoded
from attar.codec.entropy import Entropy
from attar.codec.fitted import Fitted
from attar.codec.float import Float
from attar.codec.hadamard import Hadamard
from attar.codec.lloydmax import LloydMax
from attar.codec.parse import parse
from attar.codec.pca import PCA
from attar.codec.truncate import Truncate
from attar.codec.uniform import Uniform
from attar.codec.unit import Unit
from attar.codec.waterfill import Waterfill

__all__ = [
    "PCA",
    "Center",
    "Encoded",
    "Entropy",
    "Fitted",
    "Float",
    "Hadamard",
    "LloydMax",
    "Quantizer",
    "Recipe",
    "Transform",
    "Truncate",
    "Uniform",
    "Unit",
    "Waterfill",
    "parse",
]
