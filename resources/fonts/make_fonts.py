#!/usr/bin/env python3
"""Makes the bundled typeface from Inter (needs fontTools).

    make_fonts.py FOLDER_WITH_INTER_OTF_FILES

Subset to Latin, Greek, Cyrillic and the signs the app uses. Figures of one width become the default ones, because Qt 6.4 cannot ask a font
for its tabular figures (6.7 can). The result has a name of its own, so that it never mixes with an Inter installed on the system.
"""
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "calt", "liga", "case"]
RANGES = [
    (0x20, 0x7E), (0xA0, 0x24F), (0x259, 0x259), (0x2B0, 0x2DD), (0x300, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF), (0x2000, 0x209F),
    (0x20A0, 0x20BF), (0x2100, 0x23CF), (0x25A0, 0x25FF), (0x2700, 0x27BF),
]
FIGURES = range(ord("0"), ord("9") + 1)


def tabular_figures(font):
    """Glyph name of a proportional figure -> that of the one with the common width."""
    gsub, mapping = font["GSUB"].table, {}
    for record in gsub.FeatureList.FeatureRecord:
        if record.FeatureTag != "tnum":
            continue
        for index in record.Feature.LookupListIndex:
            for table in gsub.LookupList.Lookup[index].SubTable:
                mapping.update(getattr(getattr(table, "ExtSubTable", table), "mapping", {}))
    return mapping


def rename(font, weight):
    for name in font["name"].names:
        if name.nameID in (1, 3, 4, 6, 16):
            name.string = name.toUnicode().replace("Inter-", "WherrySans-").replace("Inter", "Wherry Sans")
    cff = font["CFF "].cff
    cff.fontNames = ["WherrySans-" + weight]
    for key in ("FullName", "FamilyName"):
        if hasattr(cff.topDictIndex[0], key):
            setattr(cff.topDictIndex[0], key, getattr(cff.topDictIndex[0], key).replace("Inter", "Wherry Sans"))


for weight in ("Regular", "Medium", "SemiBold"):
    font = TTFont(f"{sys.argv[1]}/Inter-{weight}.otf")
    tabular = tabular_figures(font)
    for table in font["cmap"].tables:
        for code in FIGURES:
            if table.isUnicode() and table.cmap.get(code) in tabular:
                table.cmap[code] = tabular[table.cmap[code]]
    options = subset.Options(layout_features=FEATURES, name_IDs=["*"], notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    subsetter.subset(font)
    rename(font, weight)
    font.save(f"WherrySans-{weight}.otf")
