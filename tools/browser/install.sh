#!/usr/bin/env bash
# Makes sure a Chromium is there for the browser tests and prints its path. Nothing is downloaded where one is found.
# On Debian and Ubuntu it comes from the distribution's own packages; elsewhere set CHROMIUM to a Chrome or Chromium.
set -euo pipefail

find_chromium() {
  if [[ -n "${CHROMIUM:-}" && -x "${CHROMIUM}" ]]; then echo "${CHROMIUM}"; return; fi
  local name
  for name in chromium chromium-browser google-chrome-stable google-chrome; do
    if command -v "${name}"; then return; fi
  done
  return 1
}

if ! find_chromium; then
  if ! command -v apt-get >/dev/null; then
    echo "No Chromium was found and there is no apt-get here. Install one and set CHROMIUM to its path." >&2
    exit 1
  fi
  sudo=""
  if [[ "$(id -u)" != 0 ]]; then sudo="sudo"; fi
  ${sudo} apt-get update -qq >&2
  ${sudo} apt-get install -y -qq --no-install-recommends chromium >&2
  find_chromium
fi
