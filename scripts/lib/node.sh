# Sourced by every script: goes to the project's folder, installs its packages when they are missing or older than the
# lockfile, and puts the project's own Node first, whatever the machine has.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! command -v npm > /dev/null; then
  echo "Node.js with npm (20 or later) is missing. On Debian or Ubuntu: apt-get install nodejs npm" >&2
  exit 1
fi
if ! cmp -s package-lock.json node_modules/.installed-lock || [ ! -x node_modules/node/bin/node ]; then
  echo "Installing packages (npm ci) ..."
  # The engines warning speaks of the machine's Node, which only installs; the project brings its own.
  npm ci --loglevel=error
  cp package-lock.json node_modules/.installed-lock
fi
# ATLAS_NODE=system keeps the Node that is first in PATH: CI tests each version that the project allows.
if [ "${ATLAS_NODE:-}" = system ]; then PATH="$PATH:$PWD/node_modules/.bin"; else PATH="$PWD/node_modules/.bin:$PATH"; fi
export PATH
