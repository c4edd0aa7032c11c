#!/bin/sh
# Says where the catalogue of faults and the lab's cases differ.  usage: check_faults.sh ROOT
set -eu
"$1/tests/lab/run-cases" --faults | diff -u "$1/tests/lab/FAULTS.md" -
