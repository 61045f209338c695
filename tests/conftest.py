"""What all tests share."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
os.environ["KEFU_STORE"] = "none"  # no test leaves a store where it is run; those about stores name their own
os.environ.pop("COLUMNS", None)  # set where tests run side by side

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import jieba  # noqa: F401 - its own warnings are not ours to fail on
