"""Numbers in fewer bits: recipes that compose, fit to a sample, encode, decode and score.

recipe = Hadamard() >> Uniform(bits=4, group=64)
fitted = recipe.fit(sample)
codes = fitted.encode(x)
scores = fitted.score(query, codes)
"""

from attar.codec.additive import AdditiveQuantizer
from attar.codec.base import Quantizer, Recipe, Transform
from attar.codec.center import Center
from attar.codec.encoded import Encoded
from attar.codec.entropy import Entropy
from attar.codec.fitted import Fitted
from attar.codec.float import Float
from attar.codec.hadamard import Hadamard
from attar.codec.lattice import Lattice
from attar.codec.lloydmax import LloydMax
from attar.codec.lowrank import LowRank
from attar.codec.outliers import Outliers
from attar.codec.parse import parse
from attar.codec.pca import PCA
from attar.codec.product import ProductQuantizer
from attar.codec.residualquantizer import ResidualQuantizer
from attar.codec.rotation import Rotation
from attar.codec.sign import Sign
from attar.codec.topk import TopK
from attar.codec.trellis import Trellis
from attar.codec.trellisfill import TrellisFill
from attar.codec.truncate import Truncate
from attar.codec.uniform import Uniform
from attar.codec.unit import Unit
from attar.codec.waterfill import Waterfill

__all__ = [
    "PCA",
    "AdditiveQuantizer",
    "Center",
    "Encoded",
    "Entropy",
    "Fitted",
    "Float",
    "Hadamard",
    "Lattice",
    "LloydMax",
    "LowRank",
    "Outliers",
    "ProductQuantizer",
    "Quantizer",
    "Recipe",
    "ResidualQuantizer",
    "Rotation",
    "Sign",
    "TopK",
    "Transform",
    "Trellis",
    "TrellisFill",
    "Truncate",
    "Uniform",
    "Unit",
    "Waterfill",
    "parse",
]
