"""`python -m bench`: every measurement, one after the other."""

import sys

from bench import cell, diagnosis

sys.exit(max([diagnosis.main(), cell.main()]))
