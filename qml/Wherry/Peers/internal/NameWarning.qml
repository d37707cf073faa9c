import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// Below the name of a device that calls itself what another one is called.
RowLayout {
    property alias text: words.text

    spacing: Theme.space1

    Icon {
        symbol: "warning"
        size: 14
        color: Theme.warn
    }
    Label {
        id: words

        Layout.fillWidth: true
        text: qsTr("Not the one you know")
        kind: Label.Small
        color: Theme.warn
        wrapMode: Text.Wrap
    }
}
