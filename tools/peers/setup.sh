#!/usr/bin/env bash
# Makes the Python environments of the peers: `npm run peers:setup [models|tf|lerobot …]` (all three by default).
# Python is used for goldens and comparisons only; nothing in the packages or their tests needs it.
set -euo pipefail
cd "$(dirname "$0")"

PYTHON=${PYTHON:-python3.11}
TORCH=torch==2.13.0
command -v "$PYTHON" >/dev/null || { echo "Making the peers' environments: found no $PYTHON. Install Python 3.11 or set PYTHON." >&2; exit 1; }

make() { # NAME VENV: skipped when its requirements have not changed since the last time
  local name=$1 venv=$2 stamp
  stamp=$(cat "requirements/$name.txt" setup.sh | sha256sum | cut -d" " -f1)
  if [[ -f $venv/.stamp && $(cat "$venv/.stamp") == "$stamp" ]]; then echo "$venv is up to date"; return; fi
  echo "Making $venv …"
  "$PYTHON" -m venv "$venv"
  # torch by itself and first: the CPU build. Everything else is installed without dependency resolution.
  if [[ $name != tf ]]; then "$venv/bin/pip" install -q --disable-pip-version-check "$TORCH"; fi
  "$venv/bin/pip" install -q --disable-pip-version-check --no-deps -r "requirements/$name.txt"
  if [[ $name != tf ]]; then "$venv/bin/python" patch_torchvision.py 2>/dev/null; fi
  echo "$stamp" >"$venv/.stamp"
}

for name in "${@:-models tf lerobot}"; do
  for one in $name; do
    case $one in
      models) make models .venv && .venv/bin/python -c "import torch, timm, transformers, peft; print('torch', torch.__version__, 'timm', timm.__version__, 'transformers', transformers.__version__, 'peft', peft.__version__)" ;;
      tf) make tf .venv-tf && .venv-tf/bin/python -c "import os; os.environ['TF_CPP_MIN_LOG_LEVEL']='3'; import tensorflow as tf; print('tensorflow', tf.__version__)" 2>/dev/null ;;
      lerobot) make lerobot .venv-lerobot && HF_HUB_OFFLINE=1 .venv-lerobot/bin/python -W ignore check_lerobot.py 2>/dev/null ;;
      *) echo "Making the peers' environments: found \"$one\", needs models, tf or lerobot." >&2; exit 2 ;;
    esac
  done
done
