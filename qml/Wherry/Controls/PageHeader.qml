import QtQuick
import QtQuick.Layouts

// The head of a page: its name, a sentence below it, what can be done at the end, and the way back where there is one.
//
//   title, subtitle   plain text
//   canGoBack         shows the arrow
//   (children)        buttons at the end
// Signals: back().
Item {
    id: header

    property string title
    property string subtitle
    property bool canGoBack: false
    default property alias actions: slot.data

    signal back

    implicitWidth: 320
    implicitHeight: Math.max(64, words.implicitHeight + 2 * Theme.space3)
    Accessible.role: Accessible.Heading
    Accessible.name: title

    RowLayout {
        anchors.fill: parent
        spacing: Theme.space2

        IconButton {
            Layout.leftMargin: -Theme.space3
            visible: header.canGoBack
            symbol: "back"
            text: qsTr("Back", "leaves a page")
            onClicked: header.back()
        }
        ColumnLayout {
            id: words

            Layout.fillWidth: true
            spacing: 2

            Label {
                Layout.fillWidth: true
                text: header.title
                kind: Label.Headline
                Accessible.ignored: true
            }
            Label {
                Layout.fillWidth: true
                text: header.subtitle
                visible: text.length > 0
                muted: true
            }
        }
        RowLayout {
            id: slot

            spacing: Theme.space2
        }
    }
}
