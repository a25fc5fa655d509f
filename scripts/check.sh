#!/usr/bin/env bash
# Style, types, architecture. The tools run side by side; each one's output comes in one piece, and none hides another.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

python=${PYTHON:-python3}
npm=("$python" scripts/bootstrap.py npm run --silent)
outputs=$(mktemp -d)
trap 'rm -rf "$outputs"' EXIT
began=$SECONDS
declare -A running

"$python" scripts/bootstrap.py develop || exit 1
"${npm[@]}" keys || exit 1  # two of the tools read what this one writes

begin() {  # NAME COMMAND …
  local name=$1
  shift
  ("$@" >"$outputs/$name" 2>&1) &
  running[$name]=$!
}

begin svelte-check "${npm[@]}" check
begin eslint "${npm[@]}" lint
begin mypy .venv/bin/python -m mypy
begin lint-imports .venv/bin/lint-imports
begin ruff .venv/bin/python -m ruff check .
begin ruff-format .venv/bin/python -m ruff format --check .

failed=()
for name in ruff ruff-format lint-imports mypy eslint svelte-check; do
  verdict=ok
  wait "${running[$name]}" || { verdict=failed && failed+=("$name"); }
  echo "— $name: $verdict"
  [ "$verdict" = ok ] || cat "$outputs/$name"
done

if [ ${#failed[@]} -gt 0 ]; then
  echo "Không đạt / failed: ${failed[*]}" >&2
  exit 1
fi
echo "Đạt cả / all passed ($((SECONDS - began)) s)."
