"""`python -m mchepi` is the command line."""

import sys

from mchepi.cli import main

if __name__ == "__main__":
    sys.exit(main())
