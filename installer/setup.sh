# shellcheck shell=bash
# Installs what is missing and builds. Sourced by installer/run.sh, tests/run.sh and .ci/run, which are bash with `set -euo pipefail`.
# Everything here talks on standard error only: standard output belongs to the program that is run afterwards.

unset CDPATH # with it cd prints where it went
WHERRY_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
WHERRY_NGTCP2=1.11
source "$WHERRY_ROOT/installer/debian_sources.sh"

say() { printf 'wherry set-up: %s\n' "$*" >&2; }
give_up() { say "$@"; exit 1; }

# Only one set-up at a time in this clone; a second one says that it waits. Descriptor 9 is the lock: no program started here may keep it.
lock_setup() {
    mkdir -p "$WHERRY_ROOT/build"
    command -v flock >/dev/null || return 0
    exec 9>"$WHERRY_ROOT/build/.setup-lock"
    flock -n 9 && return 0
    say "another shell is setting up this clone; waiting for it ..."
    flock 9
}

unlock_setup() { exec 9>&-; }

# packages_for SYSTEM GROUP... : the names in packages.SYSTEM of these groups, without those whose program is there already.
packages_for() {
    local system=$1 wanted group name program
    shift
    wanted=" $* "
    while read -r group name program; do
        case "$group" in *:*) [ "${group#*:}" = "$(uname -m)" ] || continue ;; esac
        group=${group%%:*}
        case "$wanted" in *" $group "*) ;; *) continue ;; esac
        if [ -z "$program" ] || ! command -v "$program" >/dev/null; then printf '%s\n' "$name"; fi
    done <"$WHERRY_ROOT/installer/packages.$system"
}

have_ngtcp2() { pkg-config --atleast-version="$WHERRY_NGTCP2" libngtcp2 libngtcp2_crypto_gnutls 2>/dev/null; }

# The names of the variables that say through which proxy the network is reached, with commas, as far as they are set: sudo drops them
# unless it is told.
proxy_variables() {
    local name names=
    for name in http_proxy https_proxy ftp_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY FTP_PROXY ALL_PROXY NO_PROXY; do
        if [ -n "${!name:-}" ]; then names=${names:+$names,}$name; fi
    done
    printf '%s' "$names"
}

is_root() { [ "$(id -u)" = 0 ]; }

as_root() {
    local proxies
    if is_root; then
        "$@"
        return
    fi
    proxies=$(proxy_variables)
    sudo ${proxies:+"--preserve-env=$proxies"} -- "$@"
}

# need_root COMMAND: what root would have to do instead.
need_root() {
    is_root || command -v sudo >/dev/null || give_up "packages are missing and this is neither root nor is there sudo. As root: $*"
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@" >&2 9>&-
}

# Says to Debian that no server may be started (invoke-rc.d(8)), while packages are installed that bring one.
WHERRY_POLICY=/usr/sbin/policy-rc.d
WHERRY_POLICY_MARK='# Made by the set-up of Wherry while it installs packages, process'

# The one that a set-up has left behind which was killed; that of one still at work stays, and so does anybody else's.
remove_old_policy() {
    local maker
    maker=$(sed -n "s|^$WHERRY_POLICY_MARK \([0-9][0-9]*\)\$|\1|p" "$WHERRY_POLICY" 2>/dev/null || true)
    if [ -z "$maker" ] || [ -d "/proc/$maker" ]; then return 0; fi
    say "removing $WHERRY_POLICY, which an earlier set-up has left behind"
    if is_root || command -v sudo >/dev/null; then as_root rm -f "$WHERRY_POLICY"; else say "... which root has to do"; fi
}

# A server that comes with a package that only a benchmark needs must not start because of that. In a shell of its own, whose end, whatever
# ends it, takes the policy away again.
apt_install_unstarted() (
    if [ ! -e "$WHERRY_POLICY" ]; then
        trap 'as_root rm -f "$WHERRY_POLICY"' EXIT
        trap 'exit 129' HUP
        trap 'exit 130' INT
        trap 'exit 143' TERM
        maker=$BASHPID
        printf '#!/bin/sh\n%s %s\nexit 101\n' "$WHERRY_POLICY_MARK" "$maker" | as_root tee "$WHERRY_POLICY" >/dev/null || exit 1
        as_root chmod 755 "$WHERRY_POLICY" || exit 1
    fi
    code=0
    apt_install "$@" || code=$?
    exit "$code"
)

apt_update() {
    as_root apt-get -o DPkg::Lock::Timeout=300 update >&2 9>&- || give_up "the package lists could not be fetched; is there a network? (apt-get update says why above)"
}

# debian_missing GROUP...: packages of these groups that are not installed. ngtcp2 goes by its version, elsewhere.
debian_missing() {
    local installed name
    # dpkg-query fails when one name is unknown; what it prints for the others counts.
    installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' $(packages_for debian "$@") 'libclang-rt-*-dev' 2>/dev/null || true)
    for name in $(packages_for debian "$@" | sort -u); do
        case "$name" in
            libngtcp2-*) continue ;;
            libclang-rt-dev) # packaged per version: libclang-rt-14-dev beside clang 14
                grep -q '^libclang-rt-.* installed$' <<<"$installed" || clang_runtime_package ;;
            *) grep -qxF "$name installed" <<<"$installed" || printf '%s\n' "$name" ;;
        esac
    done
}

clang_runtime_package() {
    local major
    major=$(apt-cache depends clang 2>/dev/null | sed -n 's/^.*Depends: clang-\([0-9]*\)$/\1/p' | sed 1q)
    printf '%s\n' "libclang-rt-${major:+$major-}dev"
}

candidate_of() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" {print $2}'; }
candidate_is_new_enough() {
    local candidate
    candidate=$(candidate_of libngtcp2-dev)
    [ -n "$candidate" ] && dpkg --compare-versions "$candidate" ge "$WHERRY_NGTCP2"
}

# Debian 12 has an ngtcp2 that is too old; its backports suite has a good one. Same mirror and key as this system's own main archive.
debian_add_backports() {
    local codename=$1 main_uri table stanza
    local target=/etc/apt/sources.list.d/wherry-backports.sources
    main_uri=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
        awk -F'|' -v codename="$codename" '$1 == "Debian" && $2 == "Debian" && $3 == codename && $4 == "main" && $5 !~ /^cdrom:/ {print $5; exit}')
    [ -n "$main_uri" ] || give_up "this system's package sources have no Debian $codename main archive to find the backports by"
    table=$(debian_sources_table /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list)
    stanza=$(debian_backports_stanza "$codename" "$main_uri" "$table") || give_up "cannot find the source of the main archive under /etc/apt"
    say "adding $codename-backports to the package sources ($target) for a newer ngtcp2"
    printf '# Added by the set-up of Wherry, for ngtcp2 %s or later.\n%s\n' "$WHERRY_NGTCP2" "$stanza" | as_root tee "$target" >/dev/null
    as_root chmod 644 "$target"
    if ! as_root apt-get -o DPkg::Lock::Timeout=300 update >&2 9>&-; then
        as_root rm -f "$target"
        give_up "the mirror of this system gives no $codename-backports (see above); ngtcp2 $WHERRY_NGTCP2 or later has to be installed by hand"
    fi
}

# What a person has to type; the lists may never have been fetched, and then only the release says what it has.
debian_advice() {
    local codename=$1 advice='apt-get update' suite=
    shift
    if [ $# -gt 0 ]; then advice+=" && apt-get install $*"; fi
    if have_ngtcp2; then
        printf '%s' "$advice"
        return
    fi
    if ! candidate_is_new_enough && { [ -n "$(candidate_of libngtcp2-dev)" ] || [ "$codename" = bookworm ]; }; then suite=$codename-backports; fi
    advice+=" && apt-get install ${suite:+-t $suite }libngtcp2-dev libngtcp2-crypto-gnutls-dev"
    printf '%s' "$advice${suite:+ (with $suite among the package sources)}"
}

debian_install_ngtcp2() {
    local codename=$1 from=()
    if ! candidate_is_new_enough; then
        if [ -z "$(apt-cache madison libngtcp2-dev 2>/dev/null | grep "$codename-backports" || true)" ]; then debian_add_backports "$codename"; fi
        from=(-t "$codename-backports")
    fi
    apt_install "${from[@]}" libngtcp2-dev libngtcp2-crypto-gnutls-dev ||
        give_up "ngtcp2 $WHERRY_NGTCP2 or later could not be installed (see above)"
    have_ngtcp2 || give_up "ngtcp2 is still older than $WHERRY_NGTCP2; this release of the system has no newer one"
}

setup_debian() {
    local codename=$1 missing install=apt_install
    shift
    case " $* " in *" bench "*) install=apt_install_unstarted ;; esac
    remove_old_policy
    missing=$(debian_missing "$@")
    if [ -z "$missing" ] && have_ngtcp2; then return 0; fi
    need_root "$(debian_advice "$codename" $missing)"
    say "installing what is missing: $(echo $missing) $(have_ngtcp2 || echo ngtcp2)"
    apt_update
    missing=$(debian_missing "$@") # names of versioned packages are only known now
    if [ -n "$missing" ]; then "$install" $missing || give_up "packages could not be installed (see above)"; fi
    have_ngtcp2 || debian_install_ngtcp2 "$codename"
}

# Elsewhere the person installs: names differ between releases, and a script that guesses does harm.
setup_elsewhere() {
    local system=$1 command=$2
    shift 2
    if command -v cmake >/dev/null && command -v ninja >/dev/null && command -v protoc >/dev/null && command -v pkg-config >/dev/null &&
        pkg-config --exists gnutls libsodium liblz4 && have_ngtcp2; then
        return 0
    fi
    say "something is missing. This installs it:"
    give_up "  $command $(echo $(packages_for "$system" "$@"))"
}

# setup_packages GROUP...: build, test, bench
setup_packages() {
    local id= like= codename=
    if [ -r /etc/os-release ]; then
        id=$(. /etc/os-release && echo "${ID:-}")
        like=$(. /etc/os-release && echo "${ID_LIKE:-}")
        codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    fi
    case " $id $like " in
        *" debian "*) setup_debian "$codename" "$@" ;;
        *" fedora "*) setup_elsewhere fedora "sudo dnf install" "$@" ;;
        *" arch "*) setup_elsewhere arch "sudo pacman -S --needed" "$@" ;;
        *) if [ "$(uname -s)" = Darwin ]; then setup_elsewhere brew "brew install" "$@"; else
            setup_elsewhere debian "this system is not known here; Debian calls them:" "$@"; fi ;;
    esac
}

# cgroup_memory_left [LIST [MOUNT]]: kilobytes that the control groups of this shell leave to it (cgroups(7), version 1 and 2): the least
# of what each of them may use beyond what its processes hold already. Nothing where none has a limit.
cgroup_memory_left() {
    local list=${1:-/proc/self/cgroup} mount=${2:-/sys/fs/cgroup} hierarchy controllers path
    local folder limit_file held_name limit held left least=
    [ -r "$list" ] || return 0
    while IFS=: read -r hierarchy controllers path; do
        case "$hierarchy,$controllers," in
            0,,) folder=$mount limit_file=memory.max held_name=anon ;;
            *,memory,*) folder=$mount/memory limit_file=memory.limit_in_bytes held_name=total_rss ;;
            *) continue ;;
        esac
        path=${path%/}
        while :; do # a container sees its own group as the top
            limit=$(cat "$folder$path/$limit_file" 2>/dev/null || true)
            case "$limit" in
                '' | *[!0-9]*) ;; # "max"
                *)
                    held=$(awk -v name="$held_name" '$1 == name {print $2}' "$folder$path/memory.stat" 2>/dev/null || true)
                    left=$(((limit - ${held:-0}) / 1024))
                    if [ "$left" -lt 0 ]; then left=0; fi
                    if [ -z "$least" ] || [ "$left" -lt "$least" ]; then least=$left; fi
                    ;;
            esac
            [ -n "$path" ] || break
            path=${path%/*}
        done
    done <"$list"
    [ -z "$least" ] || echo "$least"
}

# One compiler takes up to 700 MB with Qt and protobuf headers.
build_jobs() {
    local jobs memory
    jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
    for memory in $(awk '/^MemAvailable:/ {print $2}' /proc/meminfo 2>/dev/null || true) $(cgroup_memory_left); do
        if [ $((memory / 700000)) -lt "$jobs" ]; then jobs=$((memory / 700000)); fi
    done
    if [ "$jobs" -lt 1 ]; then jobs=1; fi
    echo "$jobs"
}

configure() {
    (cd "$WHERRY_ROOT" && cmake --preset "$1") >&2 9>&- || give_up "the build could not be configured (see above)"
}

# build PRESET TARGET...: configures when that has not been done (ninja does it again when a CMake file changes) and builds.
build() {
    local preset=$1 directory="$WHERRY_ROOT/build/$1"
    shift
    if [ -f "$directory/CMakeCache.txt" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$WHERRY_ROOT" "$directory/CMakeCache.txt"; then
        say "build/$preset belongs to another place; making it anew"
        rm -rf "$directory"
    fi
    if [ ! -f "$directory/build.ninja" ]; then configure "$preset"; fi
    ninja -C "$directory" -j "$(build_jobs)" "$@" >&2 9>&- || give_up "the build failed (see above)"
}
