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
    readonly property list<string> pages: ["Basics", "Devices", "Transfers", "Overlays", "Empty", "Icons"]

    width: 1280
    height: 800
    visible: true
    title: "Wherry gallery"
    color: Theme.ground
    onThemeChanged: Theme.mode = theme

    Loader {
        anchors.fill: parent
        anchors.margins: window.page === "Devices" ? 0 : Theme.space5
        source: window.page.length > 0 ? window.page + "Page.qml" : ""
        LayoutMirroring.enabled: window.rightToLeft
        LayoutMirroring.childrenInherit: true
    }
}
