# shellcheck shell=bash
# Reads this system's own list of package sources (sources.list(5)). Sourced by setup.sh.

# debian_sources_table FILE...: one line per enabled binary source with the component main, as URI, tab, suite, tab, Signed-By. The last is
# a path, or an embedded key in one line with its line breaks as \n, or empty.
debian_sources_table() {
    local file
    for file in "$@"; do
        [ -f "$file" ] || continue
        case "$file" in
            *.sources) awk "$DEBIAN_SOURCES_DEB822" "$file" ;;
            *.list) awk "$DEBIAN_SOURCES_ONE_LINE" "$file" ;;
        esac
    done
}

# deb [ option=value ... ] URI SUITE COMPONENT...
DEBIAN_SOURCES_ONE_LINE='
{ sub(/#.*/, "") }
$1 == "deb" {
    line = $0
    signed = ""
    if (match(line, /\[[^]]*\]/)) {
        count = split(substr(line, RSTART + 1, RLENGTH - 2), options, /[ \t]+/)
        for (i = 1; i <= count; i++) if (tolower(options[i]) ~ /^signed-by=/) signed = substr(options[i], 11)
        line = substr(line, 1, RSTART - 1) substr(line, RSTART + RLENGTH)
    }
    count = split(line, words, /[ \t]+/)
    for (i = 4; i <= count; i++) if (words[i] == "main") { printf "%s\t%s\t%s\n", words[2], words[3], signed; break }
}'

# Stanzas of "Field: value" lines; lines that begin with a space continue the field (deb822(5)).
DEBIAN_SOURCES_DEB822='
function flush(   i, j, uris, suites, countUris, countSuites) {
    if ((" " field["types"] " ") ~ / deb / && tolower(field["enabled"]) !~ /^(no|false|0|off|without|disable)$/ &&
        (" " field["components"] " ") ~ / main /) {
        countUris = split(field["uris"], uris, /[ \t]+/)
        countSuites = split(field["suites"], suites, /[ \t]+/)
        for (i = 1; i <= countUris; i++)
            for (j = 1; j <= countSuites; j++) printf "%s\t%s\t%s\n", uris[i], suites[j], field["signed-by"]
    }
    split("", field)
    name = ""
}
/^#/ { next }
/^[ \t]*$/ { flush(); next }
/^[ \t]/ {
    if (name == "signed-by") field[name] = field[name] "\\n" $0
    else { gsub(/^[ \t]+|[ \t]+$/, ""); field[name] = field[name] (field[name] == "" ? "" : " ") $0 }
    next
}
{
    name = tolower(substr($0, 1, index($0, ":") - 1))
    value = substr($0, index($0, ":") + 1)
    gsub(/^[ \t]+|[ \t]+$/, "", value)
    field[name] = value
}
END { flush() }'

# debian_backports_stanza CODENAME MAIN_URI TABLE: the source of the backports suite from the same mirror, signed by the same key.
# MAIN_URI is where the Debian main archive itself comes from; sources of others, even with the same suite name, are not looked at.
# Fails when TABLE has no such line.
debian_backports_stanza() {
    local codename=$1 main_uri=${2%/} table=$3 uri suite signed
    while IFS=$'\t' read -r uri suite signed; do
        [ "${uri%/}" = "$main_uri" ] || continue
        case "$suite" in "$codename" | stable | oldstable | oldoldstable) ;; *) continue ;; esac
        printf 'Types: deb\nURIs: %s\nSuites: %s-backports\nComponents: main\n' "$uri" "$codename"
        [ -z "$signed" ] || printf 'Signed-By: %b\n' "$signed"
        return 0
    done <<<"$table"
    return 1
}
