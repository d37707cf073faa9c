import QtQuick
import Wherry.Controls // what is painted in C++

// A code for a camera: dark on white in every theme, with the quiet zone that scanners want.
//
//   rows    strings of "1" (dark) and "0", one a row, without the quiet zone
//   label   accessible name: what scanning it does
Rectangle {
    id: code

    property list<string> rows
    property string label: qsTr("Code to scan", "accessible name of a QR code")
    readonly property real module: rows.length > 0 ? width / (rows.length + 8) : 0

    implicitWidth: 232
    implicitHeight: width
    radius: Theme.radius
    color: "#ffffff"
    border.width: Theme.dark ? 0 : 1
    border.color: Theme.line
    Accessible.role: Accessible.Graphic
    Accessible.name: label

    QrMatrix {
        anchors.centerIn: parent
        width: Math.round(parent.width - 8 * code.module)
        height: width
        rows: code.rows
    }
}
