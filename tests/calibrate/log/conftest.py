"""A good log, which tests of reading spoil."""

import pytest
from log_rows import Rows, good_rows


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """Rows of a good log, as text; not to be changed."""
    return good_rows(tmp_path_factory.mktemp("log"))
