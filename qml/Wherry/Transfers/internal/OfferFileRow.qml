import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// One file or folder of an offer.
Item {
    id: row

    required property int index
    required property string name
    required property string folder
    required property bool isFolder
    required property string sizeText
    required property string warning
    required property string landsAs
    required property bool cannotLand
    required property bool chosen

    signal toggled(bool wanted)

    implicitHeight: Theme.touch

    RowLayout {
        anchors.fill: parent
        spacing: Theme.space2

        CheckBox {
            label: qsTr("Take %1").arg(row.name)
            checked: row.chosen
            onToggled: row.toggled(checked)
        }
        Icon {
            symbol: row.warning.length > 0 ? "warning" : row.isFolder ? "folder" : "file"
            color: row.warning.length > 0 ? Theme.warn : Theme.inkMuted
        }
        ColumnLayout {
            spacing: 0

            Label {
                Layout.fillWidth: true
                text: row.name
                elide: Text.ElideMiddle
            }
            Label {
                Layout.fillWidth: true
                visible: text.length > 0
                text: row.warning.length > 0 ? row.warning : row.cannotLand ? qsTr("This disk cannot hold this name: it is left out") : row.landsAs.length > 0 ? qsTr("Will be called %1 here").arg(row.landsAs) : row.folder
                kind: Label.Caption
                color: row.warning.length > 0 ? Theme.warn : Theme.inkMuted
                elide: Text.ElideMiddle
            }
        }
        Label {
            text: row.sizeText
            kind: Label.Small
            muted: true
        }
    }
}
