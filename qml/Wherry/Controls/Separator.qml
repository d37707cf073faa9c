import QtQuick

// A hairline; `vertical` stands it up.
Rectangle {
    property bool vertical: false

    implicitWidth: vertical ? 1 : 100
    implicitHeight: vertical ? 100 : 1
    color: Theme.line
    Accessible.ignored: true
}
