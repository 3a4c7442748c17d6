"""`python -m bench`: every measurement, one after the other."""

import sys

from bench import cell, diagnosis, makespan, planning

sys.exit(max([diagnosis.main(), makespan.main(), planning.main(), cell.main()]))
