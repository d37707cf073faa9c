#!/usr/bin/env python3
"""Writes engine/transfer/name_fold_tables.cpp from Python's unicodedata: canonical decompositions, combining classes and case folding,
as ranges where they are regular. Run it again to move to a newer Unicode version:
    python3 tools/make_fold_tables.py > engine/transfer/name_fold_tables.cpp
"""
import sys
import unicodedata

LAST = 0x110000


def characters():
    return (c for c in range(LAST) if not 0xD800 <= c <= 0xDFFF and not 0xAC00 <= c <= 0xD7A3)


def decompositions():
    """(code point, first, second or 0, 1 if the pair composes again)"""
    rows = []
    for c in characters():
        text = unicodedata.decomposition(chr(c))
        if not text or text.startswith("<"):
            continue
        parts = [int(p, 16) for p in text.split()]
        composes = len(parts) == 2 and unicodedata.normalize("NFC", "".join(map(chr, parts))) == chr(c)
        rows.append((c, parts[0], parts[1] if len(parts) == 2 else 0, int(composes)))
    return rows


def combining_ranges():
    rows = []
    for c in characters():
        cls = unicodedata.combining(chr(c))
        if not cls:
            continue
        if rows and rows[-1][1] == c - 1 and rows[-1][2] == cls:
            rows[-1][1] = c
        else:
            rows.append([c, c, cls])
    return rows


def foldings():
    """Ranges (first, last, step, delta) of one-to-one foldings and a list of the others."""
    ranges, longer = [], []
    for c in characters():
        folded = chr(c).casefold()
        if folded == chr(c):
            continue
        if len(folded) > 1:
            longer.append((c, [ord(f) for f in folded]))
            continue
        delta = ord(folded) - c
        last = ranges[-1] if ranges else None
        if last and last[3] == delta and (c - last[1] in (1, 2)) and (last[0] == last[1] or c - last[1] == last[2]):
            last[2] = c - last[1]
            last[1] = c
        else:
            ranges.append([c, c, 1, delta])
    return ranges, longer


def table(kind, name, cells):
    print(f"const {kind} {name}[] = {{")
    line = "   "
    for cell in cells:
        if len(line) + len(cell) + 2 > 118:
            print(line)
            line = "   "
        line += f" {cell},"
    print(line)
    print("};")
    print(f"const size_t {name}Count = std::size({name});\n")


def main():
    ranges, longer = foldings()
    print(f"// Made by tools/make_fold_tables.py from Unicode {unicodedata.unidata_version}; do not edit.")
    print('#include "transfer/name_fold_tables.h"\n\n#include <iterator>\n')
    print("namespace wherry::transfer::fold {\n")
    print("// clang-format off")
    rows = decompositions()
    table("Decomposition", "kDecompositions", [f"{{{c:#x},{a:#x},{b:#x},{f}}}" for c, a, b, f in rows])
    pairs = sorted((a, b, i) for i, (_, a, b, composes) in enumerate(rows) if composes)
    table("uint16_t", "kCompositionOrder", [str(i) for _, _, i in pairs])
    table("CombiningRange", "kCombining", [f"{{{a:#x},{b:#x},{k}}}" for a, b, k in combining_ranges()])
    table("FoldRange", "kFolds", [f"{{{a:#x},{b:#x},{s},{d}}}" for a, b, s, d in ranges])
    table("LongFold", "kLongFolds",
          ["{%#x,{%s}}" % (c, ",".join(f"{f:#x}" for f in (to + [0, 0])[:3])) for c, to in longer])
    print("// clang-format on\n")
    print("} // namespace wherry::transfer::fold")


if __name__ == "__main__":
    sys.exit(main())
