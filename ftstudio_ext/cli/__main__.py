"""`python -m ftstudio_ext.cli`."""

import sys

from .main import main

sys.exit(main())
