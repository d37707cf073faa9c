import QtQuick

// A number on something: how many wait. Nought hides it, more than 99 reads "99+".
Rectangle {
    id: badge

    property int count: 0
    property bool quiet: false

    visible: count > 0
    implicitWidth: Math.max(implicitHeight, words.implicitWidth + 10)
    implicitHeight: 18
    radius: height / 2
    color: quiet ? Theme.pressed : Theme.accent
    Accessible.ignored: true

    Text {
        id: words

        anchors.centerIn: parent
        text: badge.count > 99 ? "99+" : badge.count
        textFormat: Text.PlainText
        color: badge.quiet ? Theme.inkMuted : Theme.inkOnAccent
        font.family: Theme.family
        font.pixelSize: 11
        font.weight: Font.DemiBold
    }
}
