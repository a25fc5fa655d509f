#!/usr/bin/env bash
# Installs from Debian what the tests' real components need, and only what is missing. Root only.
#   scripts/deps.sh           install
#   scripts/deps.sh --list    name what is missing, change nothing
set -euo pipefail

packages=(
  python3-venv                # .venv
  chromium libnss3-tools      # browser tests, and trusting the local certificate authority in them
  firefox-esr                 # the same conference in the other browser
  libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui fonts-liberation2  # office papers
  redis-server postgresql     # several web processes, the production database
  janus sip-tester            # the larger video engine, which also speaks SIP; sipp, a room codec for the tests
  coturn nftables             # the relay, and networks in which UDP does not get through
)

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -eq 0 ]; then
  [ "${1:-}" = --list ] || echo "Đủ các gói Debian / all Debian packages are installed."
  exit 0
fi
if [ "${1:-}" = --list ]; then
  echo "${missing[*]}"
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Cần quyền root để cài / root is needed to install: ${missing[*]}" >&2
  exit 1
fi

echo "Cài các gói Debian / installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# RUNLEVEL=1 keeps the packages from starting their services: the tests start servers of their own, on loopback.
install=(env RUNLEVEL=1 apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold)
apt-get update -q >/dev/null || echo "apt-get update không thành công, dùng danh mục cũ / failed, going on with the old lists" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! "${install[@]}" "${missing[@]}" >"$log" 2>&1; then
  tail -n 25 "$log" >&2
  exit 1
fi
echo "Đã cài xong / installed."
