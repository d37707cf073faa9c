import QtQuick
import QtQuick.Layouts

// The name of a group of rows, a number beside it, and what can be done with all of them at the end.
//
//   text, count   count 0 is not shown
//   (children)    buttons at the end
Item {
    id: header

    property string text
    property int count: 0
    default property alias actions: slot.data

    implicitWidth: row.implicitWidth
    implicitHeight: 44
    Accessible.role: Accessible.Heading
    Accessible.name: text

    RowLayout {
        id: row

        anchors.fill: parent
        spacing: Theme.space2

        Label {
            text: header.text
            kind: Label.Small
            font.weight: Font.DemiBold
            color: Theme.inkMuted
            Accessible.ignored: true
        }
        CountBadge {
            count: header.count
            quiet: true
        }
        Item {
            Layout.fillWidth: true
        }
        RowLayout {
            id: slot

            spacing: Theme.space1
        }
    }
}
