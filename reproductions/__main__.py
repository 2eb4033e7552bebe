"""``python -m reproductions``."""

import os
import sys

# Read by the libraries when they are imported, which happens only after this. What the user has set stays.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("MPLBACKEND", "Agg")

from reproductions.cli import main

sys.exit(main())
