"""A module that looks at the variables of the process when it is imported."""

import os

HOME = os.environ.get("TINY_HOME")
ALL = dict(os.environ)
