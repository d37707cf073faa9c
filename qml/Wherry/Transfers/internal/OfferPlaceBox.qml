import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// Where an offer lands, what becomes of names that are taken there, and why it cannot land there.
Rectangle {
    id: box

    property Offer offer
    readonly property bool wide: width >= 560
    // A folder with a long way to it has the width of the box to itself.
    readonly property bool oneLine: wide && folder.implicitWidth < width - 480

    implicitHeight: grid.implicitHeight + 2 * Theme.space2
    radius: Theme.radius
    color: Theme.sunken

    GridLayout {
        id: grid

        anchors.fill: parent
        anchors.margins: Theme.space2
        anchors.leftMargin: Theme.space3
        columns: box.oneLine ? 2 : 1
        columnSpacing: Theme.space4
        rowSpacing: Theme.space1

        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.space3

            Icon {
                symbol: "folder"
                color: Theme.inkMuted
            }
            ColumnLayout {
                spacing: 0

                Label {
                    Layout.fillWidth: true
                    text: box.offer ? qsTr("Save in · %1 free", "label of a folder, and bytes on its disk").arg(box.offer.freeText) : ""
                    kind: Label.Caption
                    color: box.offer && !box.offer.fits ? Theme.danger : Theme.inkMuted
                }
                Label {
                    id: folder

                    Layout.fillWidth: true
                    text: box.offer ? box.offer.folder : ""
                    wrapMode: Text.Wrap
                    maximumLineCount: 2
                    elide: Text.ElideRight
                    Accessible.name: box.offer ? qsTr("Goes to %1").arg(box.offer.folder) : ""
                }
            }
            Button {
                text: qsTr("Change…", "chooses another folder")
                kind: Button.Quiet
                Accessible.name: qsTr("Choose another folder for this offer")
                onClicked: picker.open()
            }
        }
        RowLayout {
            Layout.fillWidth: !box.oneLine
            Layout.leftMargin: box.oneLine || !box.wide ? 0 : Theme.icon + Theme.space3
            spacing: Theme.space2

            Label {
                Layout.fillWidth: !box.oneLine
                text: qsTr("If a name is taken:")
                kind: Label.Small
                muted: true
                Accessible.ignored: true
            }
            ComboBox {
                Layout.preferredWidth: 156
                label: qsTr("What happens when a name is taken")
                model: box.offer ? box.offer.conflicts : []
                currentIndex: box.offer ? box.offer.conflict : 0
                onActivated: index => {
                    if (box.offer)
                        box.offer.conflict = index;
                }
            }
        }
        Label {
            Layout.fillWidth: true
            Layout.columnSpan: grid.columns
            Layout.leftMargin: box.wide ? Theme.icon + Theme.space3 : 0
            visible: text.length > 0 && !trouble.visible
            text: box.offer ? box.offer.namesText : ""
            kind: Label.Small
            color: box.offer && box.offer.conflict !== 0 ? Theme.warn : Theme.inkMuted // where both are kept nothing is lost
            wrapMode: Text.Wrap
        }
        RowLayout {
            id: trouble

            Layout.columnSpan: grid.columns
            visible: box.offer !== null && box.offer.problem.length > 0
            spacing: Theme.space3

            Icon {
                Layout.leftMargin: (Theme.icon - size) / 2
                Layout.rightMargin: Layout.leftMargin
                symbol: "error"
                size: 16
                color: Theme.danger
            }
            Label {
                Layout.fillWidth: true
                text: box.offer ? box.offer.problem : ""
                kind: Label.Small
                color: Theme.danger
                wrapMode: Text.Wrap
                Accessible.role: Accessible.AlertMessage
            }
        }
    }
    FilePicker {
        id: picker

        folders: true
        title: qsTr("Where this offer goes")
        currentFolder: box.offer ? box.offer.folderUrl : ""
        onPicked: urls => {
            if (box.offer)
                box.offer.setFolder(urls[0]);
        }
    }
}
