r"""The test kit: cases as data, for our own plugins and for vendors'.

>>> from kefu.testing import transcript
>>> [row["role"] for row in transcript("s1 10:00:00 customer 在吗\ns1 10:00:09 agent:a1 在的")]
['customer', 'agent']
"""

from kefu.testing.cases import Case, check, load_cases
from kefu.testing.transcript import transcript

__all__ = ["Case", "check", "load_cases", "transcript"]
