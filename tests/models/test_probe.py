"""The last rows of the attention, against all of it."""

from pathlib import Path

import numpy as np
import pytest

from attar.errors import ModelError
from attar.models.lm_local import LocalLanguageModel
from attar.models.probe import last_attentions


@pytest.fixture(scope="module")
def lm(lm_folder: Path) -> LocalLanguageModel:
    return LocalLanguageModel.open(lm_folder)


IDS = [7, 3, 99, 250, 41, 8, 8, 120, 77, 5]


@pytest.mark.parametrize(("last", "depth"), [(1, None), (1, 1), (4, 2), (9, 1)])
def test_the_rows_are_those_of_the_whole(lm: LocalLanguageModel, last: int, depth: int) -> None:
    whole = lm.attentions(IDS)[:depth, :, -last:]
    found = lm.last_attentions(IDS, last, depth)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, whole, atol=1e-5)


def test_chunks_do_not_matter(lm: LocalLanguageModel) -> None:
    one = last_attentions(lm.module, IDS, 2, 2, chunk=3)
    np.testing.assert_allclose(one, last_attentions(lm.module, IDS, 2, 2, chunk=100), atol=1e-5)


def test_the_model_is_as_it_was(lm: LocalLanguageModel) -> None:
    before, usual = lm.logits(IDS), lm.module.config._attn_implementation
    lm.last_attentions(IDS, 1, 1)
    assert lm.module.config._attn_implementation == usual
    np.testing.assert_array_equal(lm.logits(IDS), before)


@pytest.mark.parametrize(("ids", "last"), [([], 1), ([5], 1), (IDS, 10), (IDS, 0), ([1] * 97, 1)])
def test_what_cannot_look_back_is_refused(lm: LocalLanguageModel, ids: list, last: int) -> None:
    with pytest.raises(ModelError):
        lm.last_attentions(ids, last)
