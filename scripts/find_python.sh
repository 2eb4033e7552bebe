#!/bin/sh
# Prints a Python that the suite runs on: the one named by the first argument, else the first found on this machine.
suits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
named=$1
[ -n "$named" ] || set -- python3 python3.13 python3.12 python3.11
for candidate; do
  if "$candidate" -c "$suits" 2>/dev/null; then
    command -v "$candidate"
    exit 0
  fi
done
echo "error: no Python from 3.11 to 3.13 is found as ${named:-python3}: install one (Debian, Ubuntu: apt install" \
  "python3 python3-venv) or name yours, as in make setup PYTHON=/path/to/python3.12." >&2
exit 2
