"""Makes ``python -m layerwright.cli`` the command line, for when its script is not on ``PATH``."""

import sys

from layerwright.cli.main import main

sys.exit(main())
