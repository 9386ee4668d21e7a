"""Lets ``python -m layerwright.cli`` be the command line where its script is not on ``PATH``."""

import sys

from layerwright.cli.main import main

sys.exit(main())
