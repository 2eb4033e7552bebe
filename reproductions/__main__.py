"""``python -m reproductions``."""

import os
import signal
import sys

# Read by the libraries when they are imported, which happens only after this. What the user has set stays.
# TensorFlow logs as errors that there is no GPU and that it rewrote a graph of its own.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("MPLBACKEND", "Agg")

from reproductions.shared.command_line.cli import main

status = main()
# Nothing is left to put in order: Ctrl-C ends what remains without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)
sys.exit(status)
