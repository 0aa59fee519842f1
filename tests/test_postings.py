"""The index of shingles when documents have none."""

import numpy as np
import pytest

from transforms.story_horizon import _SEGMENT_DOCUMENTS, _Postings


@pytest.mark.parametrize("at_once", [True, False])
def test_documents_without_a_shingle_are_found_by_none(at_once):
    """A segment of nothing is none; the documents beside it are found."""
    postings = _Postings()
    if at_once:
        postings.add_all([(np.array([], dtype=np.uint32), 0)])
    else:
        for number in range(_SEGMENT_DOCUMENTS):
            postings.add([], number)
    assert list(postings.look_up([1, 2])) == []
    postings.add_all([(np.array([2], dtype=np.uint32), 7), (np.array([], dtype=np.uint32), 8)])
    assert list(postings.look_up([1, 2])) == [(2, [7])]
