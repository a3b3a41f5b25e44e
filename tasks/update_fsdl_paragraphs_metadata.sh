#!/usr/bin/env bash
# After a new export of the labels: write its hash into data/raw/fsdl_handwriting/metadata.toml. Works from any folder.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
command="$root/.venv/bin/fsdl_update_metadata"
[ -x "$command" ] || command="$(command -v fsdl_update_metadata)" || {
    echo "fsdl_update_metadata is not installed: run \`make demo\` in $root, or \`pip install fsdl_handwriting_data\`." >&2
    exit 1
}
exec "$command" "$root/data/raw/fsdl_handwriting" "$@"
