"""`python -m attar` is `attar`."""

import sys

from attar.cli.main import main

sys.exit(main())
