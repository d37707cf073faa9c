import QtQuick
import QtQuick.Controls.Basic
import Wherry.Controls
import Wherry.Models

/// The window: its pages, wide or narrow.
ApplicationWindow {
    id: window

    required property App app

    width: 1000
    height: 680
    visible: true
    title: qsTr("Wherry")

    Label {
        anchors.centerIn: parent
        anchors.margins: Theme.grid
        text: window.app.version
        textFormat: Text.PlainText
    }
}
