"""`python -m bench`: every measurement, one after the other."""

import sys

from bench import diagnosis

sys.exit(diagnosis.main())
