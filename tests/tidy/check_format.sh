#!/bin/sh
# Says which sources clang-format would write otherwise.  usage: check_format.sh CLANG-FORMAT ROOT
set -eu
cd "$2"
find cli core journal plugins tests -name '*.[ch]pp' -print0 | xargs -0 -r -P "$(nproc)" -n 40 "$1" --dry-run --Werror
