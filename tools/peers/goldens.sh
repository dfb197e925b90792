#!/usr/bin/env bash
# Writes every golden again: `npm run peers:goldens [NAME …]` runs tools/peers/golden_NAME.py (all of them by default).
set -euo pipefail
cd "$(dirname "$0")"
[[ -x .venv/bin/python ]] || { echo "Making the goldens: found no tools/peers/.venv. Run npm run peers:setup." >&2; exit 1; }
if [[ $# -gt 0 ]]; then scripts=("${@//-/_}"); scripts=("${scripts[@]/#/golden_}"); scripts=("${scripts[@]/%/.py}"); else scripts=(golden_*.py); fi
for script in "${scripts[@]}"; do
  echo "$script"
  OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 .venv/bin/python -W ignore "$script"
done
.venv/bin/python goldens_page.py
cd ../.. && npx prettier --log-level warn --write tools/peers/GOLDENS.md
