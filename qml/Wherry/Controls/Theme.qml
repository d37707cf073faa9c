pragma Singleton

import QtQuick
import Wherry.Controls // Appearance: what a file of a module imports by itself are the QML types alone

// Every colour, metric and duration of the app. Nothing outside of this file names a colour or a size of type.
//
//   mode            "system", "light", "dark" or "black"; bound by the shell to the setting of that name
//   reducedMotion   true makes every duration nought
//   dark, black     what the mode comes to
//
// The accent is damson: LocalSend is teal and Syncthing blue, and green, amber, red and blue are taken here by what they mean (arrived,
// mind this, gone wrong, for your information). Damson is the one hue left that never reads as a state, so that a damson button only ever
// says "this is the next step". The greys lean the same way, like paper by daylight and like plum skin at night.
QtObject {
    id: theme

    property string mode: "system"
    property bool reducedMotion: false

    readonly property bool black: mode === "black"
    readonly property bool dark: mode === "dark" || black || (mode !== "light" && Appearance.dark)

    // Grounds, from the back to the front. `sunken` is a well (a field, a track), `raised` lies above everything (menus, dialogs).
    readonly property color ground: black ? "#000000" : dark ? "#171417" : "#faf8f6"
    readonly property color surface: black ? "#0e0c0e" : dark ? "#211d21" : "#ffffff"
    readonly property color raised: black ? "#171417" : dark ? "#2a252a" : "#ffffff"
    readonly property color sunken: black ? "#171517" : dark ? "#110f11" : "#f2eeeb"
    readonly property color hover: black ? "#1c191c" : dark ? "#2d282d" : "#f4f0ed"
    readonly property color pressed: black ? "#262126" : dark ? "#393339" : "#eae4e0"

    readonly property color track: black ? "#2b262b" : dark ? "#3a343a" : "#e8e2de"
    readonly property color inverse: dark ? "#ece5e9" : "#2f282d"
    readonly property color inkInverse: dark ? "#211b20" : "#f8f4f6"
    readonly property color accentInverse: dark ? "#86295f" : "#f2b3dc"

    // Ink on any ground. `inkMuted` for second lines, `inkFaint` for hints and units: still AA on every ground.
    readonly property color ink: dark ? "#f3eef1" : "#211b20"
    readonly property color inkMuted: dark ? "#c0b6bd" : "#5d555b"
    readonly property color inkFaint: dark ? "#a79da4" : "#6a6167"
    readonly property color inkDisabled: dark ? "#7a7177" : "#9d949a"

    // Lines. `line` only divides; `stroke` is the edge of something to operate (3:1 to its ground).
    readonly property color line: black ? "#2b262b" : dark ? "#383238" : "#e7e1dd"
    readonly property color stroke: dark ? "#8b8087" : "#887e84"

    readonly property color accent: dark ? "#b04c92" : "#8f2f6e"
    readonly property color accentHover: dark ? "#a44386" : "#7d2660"
    readonly property color accentPressed: dark ? "#933977" : "#6a1d51"
    readonly property color inkOnAccent: "#ffffff"
    readonly property color accentInk: dark ? "#efa9d7" : "#86295f"
    readonly property color accentSoft: dark ? "#3b2234" : "#f8e9f2"
    readonly property color accentSoftHover: dark ? "#472a3f" : "#f2dcea"

    // What the colours mean. The strong one is text and icons, the soft one lies behind it.
    readonly property color good: dark ? "#7fd4a5" : "#1d6e45"
    readonly property color goodSoft: dark ? "#193222" : "#e3f2e9"
    readonly property color warn: dark ? "#ecc16a" : "#7a5200"
    readonly property color warnSoft: dark ? "#352a11" : "#fbf0d9"
    readonly property color danger: dark ? "#ff9990" : "#b3261e"
    readonly property color dangerSoft: dark ? "#431f1d" : "#fbe9e7"
    readonly property color dangerFill: dark ? "#c7453b" : "#b3261e"
    readonly property color dangerFillHover: dark ? "#b83a31" : "#9c1f18"
    readonly property color info: dark ? "#a3c9f2" : "#2a5c8f"
    readonly property color infoSoft: dark ? "#1b2b3d" : "#e7eff8"

    readonly property color scrim: dark ? "#b3000000" : "#66201a1f"
    readonly property color shadow: "#1a1018"

    // The grid of 8, with 4 for what belongs together.
    readonly property int grid: 8
    readonly property int space1: 4
    readonly property int space2: 8
    readonly property int space3: 12
    readonly property int space4: 16
    readonly property int space5: 24
    readonly property int space6: 32
    readonly property int space7: 48

    readonly property int radiusSmall: 6
    readonly property int radius: 10
    readonly property int radiusLarge: 16

    readonly property int touch: 44
    readonly property int controlHeight: 40
    readonly property int icon: 20
    readonly property int iconLarge: 24

    // How far what is seen of a control lies inside of it. Where it stands at an edge that words keep too, its margin there is minus this.
    readonly property int quietInset: space3 // words of a quiet button, icon of an icon button
    readonly property int boxInset: 11 // a box to tick, without words

    // Widths at which the shell changes: below `narrow` one column, from `wide` on list and detail.
    readonly property int narrow: 600
    readonly property int wide: 960
    readonly property int readable: 640
    readonly property int pageWidth: 760 // of every page's column, so that its head stays where it is from page to page

    // Type. The family is bundled; its figures all have one width, so that rates and sizes do not dance.
    readonly property string family: Appearance.family
    readonly property int captionSize: 12
    readonly property int smallSize: 13
    readonly property int bodySize: 14
    readonly property int leadSize: 16
    readonly property int titleSize: 18
    readonly property int headlineSize: 24
    readonly property int displaySize: 32

    readonly property int quick: reducedMotion ? 0 : 90
    readonly property int calm: reducedMotion ? 0 : 180
    readonly property int slow: reducedMotion ? 0 : 320

    // Hues of key-derived colours, all read against every ground at 3:1 and more (they carry a shape, never text).
    readonly property list<color> keyColours: dark
        ? ["#e5737f", "#e28a55", "#d2a23c", "#9fb24a", "#5fb873", "#45b5a2", "#4fafd0", "#7f9fe8", "#a58ceb", "#cc80d8", "#e077ae", "#b3a196"]
        : ["#b8323f", "#b04d12", "#8d6500", "#5c7000", "#217a3c", "#00776a", "#0a6f94", "#3a5cc0", "#6a48c4", "#93379f", "#ad2f72", "#6f5b4e"]
    function keyColour(index: int): color {
        return keyColours[Math.abs(index) % keyColours.length];
    }

    // What this theme promises, for the test of contrast: text at 4.5 : 1, edges and large shapes at 3 : 1 (WCAG 2.1, 1.4.3 and 1.4.11).
    readonly property var promises: {
        const grounds = ["ground", "surface", "raised", "sunken", "hover"];
        const onAll = ["ink", "inkMuted", "inkFaint", "accentInk", "good", "warn", "danger", "info"];
        const pairs = [];
        for (const back of grounds)
            for (const front of onAll)
                pairs.push([front, back, 4.5]);
        for (const back of ["ground", "surface", "raised"])
            for (const edge of ["stroke", "accent"])
                pairs.push([edge, back, 3]);
        for (const meaning of ["good", "warn", "danger", "info"])
            pairs.push([meaning, meaning + "Soft", 4.5], ["ink", meaning + "Soft", 4.5]);
        for (const fill of ["accent", "accentHover", "accentPressed", "dangerFill", "dangerFillHover"])
            pairs.push(["inkOnAccent", fill, 4.5]);
        pairs.push(["ink", "pressed", 4.5], ["accentInk", "accentSoft", 4.5], ["accentInk", "accentSoftHover", 4.5], ["ink", "accentSoft", 4.5],
                   ["inkMuted", "accentSoft", 4.5], ["inkInverse", "inverse", 4.5], ["accentInverse", "inverse", 4.5], ["ink", "accentSoftHover", 4.5]);
        return pairs;
    }
}
