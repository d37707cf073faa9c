pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Window
import Wherry.Controls

// Shows one page of samples at a time. `page`, `theme` and `rightToLeft` are set by main.
Window {
    id: window

    property string page
    property string theme: "light"
    property bool rightToLeft: false
    property bool quiet: false // nothing opens by itself
    readonly property QtObject look: Theme
    readonly property list<string> pages: ["Basics", "Devices", "Transfers", "Overlays", "Empty", "Open", "Icons"]

    width: 1280
    height: 800
    visible: true
    title: "Wherry gallery"
    color: Theme.ground
    onThemeChanged: Theme.mode = theme

    Loader {
        anchors.fill: parent
        anchors.margins: window.page === "Devices" ? 0 : Theme.space5
        onLoaded: if (!window.quiet) (item as SamplePage)?.present()
        source: window.page.length > 0 ? window.page + "Page.qml" : ""
        LayoutMirroring.enabled: window.rightToLeft
        LayoutMirroring.childrenInherit: true
    }
}
