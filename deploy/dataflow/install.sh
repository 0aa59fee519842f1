#!/bin/sh
# Install sahelwatch with its locked packages into a new folder: install.sh FOLDER
#
# FOLDER/bin/python runs it; FOLDER/launch.py is what the flex template's launcher starts; FOLDER/feeds.yaml is the
# catalogue it reads unless told otherwise. PYTHON names the interpreter (default: python3).
set -eu
[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
folder=$1
source=$(cd "$(dirname "$0")/../.." && pwd)

"${PYTHON:-python3}" -m venv "$folder"
pip() { "$folder/bin/python" -m pip --disable-pip-version-check --no-input "$@"; }
pip install --quiet --no-cache-dir --require-hashes -r "$source/deploy/requirements.txt"
# a copy, since building leaves files beside the sources, which may be read-only or somebody's working place
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp "$source/pyproject.toml" "$source/README.md" "$source/LICENSE" "$copy/"
cp -R "$source/pipeline" "$source/transforms" "$copy/"
pip install --quiet --no-cache-dir --no-deps "$copy"
pip check --quiet
cp "$source/deploy/dataflow/launch.py" "$source/pipeline/feeds.yaml" "$folder/"
