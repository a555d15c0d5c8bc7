"""A small real language model, for stages that read its insides."""

from tests.models.conftest import lm_folder

__all__ = ["lm_folder"]
