"""`python -m tests.as_windows`."""

import sys

from tests.as_windows import main

sys.exit(main())
