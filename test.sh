#!/usr/bin/env bash
# Builds everything and runs all tests.
#
#   ./test.sh                  all tests
#   ./test.sh --no-install     do not install missing servers; their tests are skipped with a reason (a failure when CI=true)
#   ./test.sh --filter NAME    only the test projects whose name contains NAME
#   ./test.sh --chaos MINUTES  nothing but the fault suite, at least so many minutes and 200 kills of each kind; CHINESECLIP_CHAOS_SEED repeats one
#   ./test.sh --fuzz MINUTES   nothing but the fuzzing of checkpoints, texts and pictures, for so many minutes of CPU time
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

install=true
filter=""
fuzz=""
chaos=""
while [ $# -gt 0 ]; do
  case "$1" in
    --no-install) install=false ;;
    --filter) filter="${2:?--filter needs a part of a test project name}"; shift ;;
    --fuzz) fuzz="${2:?--fuzz needs a number of CPU-minutes}"; shift ;;
    --chaos) chaos="${2:?--chaos needs a number of minutes}"; shift ;;
    *) echo "test.sh: unknown argument '$1'; known: --no-install, --filter NAME, --chaos MINUTES, --fuzz MINUTES" >&2; exit 2 ;;
  esac
  shift
done

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
# Build servers outlive the build and would hold the terminal of whoever waits for this script.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
configuration=Release

step() { printf '\n== %s\n' "$*"; }

# --- Fuzzing, when asked for: seed and counts are printed, inputs that fail are kept in TestResults/fuzz ------------
if [ -n "$fuzz" ]; then
  name=ChineseClip.Model.Tests
  dotnet build "tests/$name" -c "$configuration" -v quiet
  export CHINESECLIP_FUZZ_MINUTES="$fuzz" CHINESECLIP_FUZZ_RESULTS="$PWD/TestResults/fuzz"
  rm -rf "$CHINESECLIP_FUZZ_RESULTS"
  step "Fuzzing for $fuzz CPU-minutes"
  status=0
  "tests/$name/bin/$configuration/net10.0/$name" --progress off --ansi off --filter-method '*.FuzzTests.LongRun' </dev/null || status=$?
  cat "$CHINESECLIP_FUZZ_RESULTS/report.txt"
  exit "$status"
fi

# --- 1. What the tests need beside the SDK -------------------------------------------------------------------------
missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || missing+=(postgresql)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ]; then
  sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo -n)
  if $install && command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    step "Installing ${missing[*]}"
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "Missing: ${missing[*]}. Tests that need them are skipped with their reason (and fail when CI=true)." >&2
  fi
fi

# --- The fault suite, when asked for: its seed, kills, acknowledged writes and losses are printed as it goes ----------------
if [ -n "$chaos" ]; then
  name=ChineseClip.Cluster.Tests
  dotnet build "tests/$name" -c "$configuration" -v quiet
  export CHINESECLIP_CHAOS_MINUTES="$chaos" CHINESECLIP_CHAOS_SEED="${CHINESECLIP_CHAOS_SEED:-$((RANDOM * 32768 + RANDOM + 1))}"
  step "Faults for $chaos minutes, seed $CHINESECLIP_CHAOS_SEED"
  exec "tests/$name/bin/$configuration/net10.0/$name" --progress off --ansi off --output Detailed --max-threads 1 \
    --filter-trait Category=Chaos </dev/null
fi

# --- 2. Build and style ---------------------------------------------------------------------------------------------
step "Build ($configuration)"
dotnet build ChineseClip.Cluster.sln -c "$configuration" -v quiet

step "Code style"
dotnet format ChineseClip.Cluster.sln --verify-no-changes --no-restore --verbosity quiet

# --- 3. Tests: one process a project, so that a project's output stays together; one that hangs is a failure ----------
passed=0 failed=0 skipped=0 broken=()
for project in tests/*.Tests/*.csproj; do
  name=$(basename "$project" .csproj)
  [[ "$name" == *"$filter"* ]] || continue
  step "$name"
  program="tests/$name/bin/$configuration/net10.0/$name"
  log=$(mktemp)
  if ! timeout --kill-after=10 1500 "$program" --progress off --ansi off --results-directory "TestResults/$name" </dev/null 2>&1 | tee "$log"; then
    broken+=("$name")
  fi
  count() { sed -nE "s/^ *$1: *([0-9]+).*/\1/p" "$log" | tail -n 1 | grep . || echo 0; }
  passed=$((passed + $(count succeeded)))
  failed=$((failed + $(count failed)))
  skipped=$((skipped + $(count skipped)))
  rm -f "$log"
done

step "Summary"
[ ${#broken[@]} -eq 0 ] || printf 'failed: %s\n' "${broken[*]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ ${#broken[@]} -eq 0 ] && [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
