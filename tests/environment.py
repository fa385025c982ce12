"""A data directory of the tests' own, set before Django reads its settings (pyproject.toml loads this first).

The tests and the servers that they start share it, and with it the database server and the secrets.
"""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("LUMIKA_DATA_DIR", str(Path(tempfile.gettempdir()) / f"lumika-tests-{os.getuid()}"))
# So that a busy machine finds articles as a quiet one does; tests of this limit set their own.
os.environ.setdefault("LUMIKA_SEARCH_MILLISECONDS", "2000")
# A statement that goes astray, or waits for a lock for ever, is named by an error instead of holding up all tests.
os.environ.setdefault("PGOPTIONS", "-c statement_timeout=60s")
