#!/usr/bin/env bash
# Can a tiny policy learn to pick the named object, through the whole stack? Records, trains, evaluates, prints the times.
# Usage, from the repository's root: packages/bench/examples/learnability.sh [RECIPE] [EPISODES] [FOLDER] [FIRST_SEED]
set -euo pipefail
recipe=${1:-recipes/tabletop-openvla-tiny.yaml}
episodes=${2:-3000}
folder=${3:-learnability}
first=${4:-200}
pixelvla=(node --conditions=@pixelvla/source --import tsx apps/cli/src/bin.ts)

SECONDS=0
"${pixelvla[@]}" bench record "$folder/demos" --tasks pick --episodes "$episodes"
echo "recorded after ${SECONDS} s"
"${pixelvla[@]}" train "$recipe" --dataset "$folder/demos" --run "$folder/run"
echo "trained after ${SECONDS} s"
# The policy is asked on 200 unseen layouts (demonstrations have seeds from 100,000); the goal is 80 % on base within 15 minutes.
ask() {
  "${pixelvla[@]}" bench run --policy "$folder/run" --tasks pick --variants "$1" --episodes 200 --firstSeed "$first" --mask-source none --out "$folder/results-$1"
}
ask base
echo "evaluated after ${SECONDS} s"
for variant in unseen-pair five-objects duplicate; do ask "$variant"; done
