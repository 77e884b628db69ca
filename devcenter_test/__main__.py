"""`python -m devcenter_test` from a clone, without installing anything."""

import sys

from devcenter_test.command import main

if __name__ == "__main__":
    sys.exit(main())
