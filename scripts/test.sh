#!/usr/bin/env bash
# All tests. Runs every part even when one before it failed, then sums up.
# HOPSO_STRICT=1 counts a test that did not run as a failure.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

python=${PYTHON:-python3}
reports=var/test
failed=()

missing=$(scripts/deps.sh --list 2>/dev/null) || missing=""
if [ -n "$missing" ]; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    scripts/deps.sh || echo "Không cài được / could not install: $missing" >&2
  else
    echo "Thiếu các gói Debian, các bài kiểm thử cần chúng sẽ không chạy / missing, tests that need them will not run:"
    echo "  $missing"
  fi
fi

"$python" scripts/bootstrap.py develop || exit 1
rm -rf "$reports"
mkdir -p "$reports"

# Vitest, half a minute, runs beside the first tests of pytest and is shown after them: where those wait, it works.
"$python" scripts/bootstrap.py npm run --silent test -- --reporter=default --reporter=junit \
  --outputFile.junit="../$reports/vitest.xml" >"$reports/vitest.txt" 2>&1 &
vitest=$!
# Two at a time: all browser tests in one worker, the others wherever there is time (see tests/conftest.py).
echo "— pytest"
.venv/bin/python -m pytest -n 2 --junit-xml="$reports/pytest.xml" "$@" || failed+=(pytest)
echo "— vitest"
wait "$vitest" || failed+=(vitest)
cat "$reports/vitest.txt"

"$python" scripts/summary.py "$reports" || failed+=(summary)
[ ${#failed[@]} -eq 0 ]
