import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// One setting: what it is in words, the control that its kind wants, what is wrong with what was typed, and the way back to the default.
Item {
    id: row

    required property App app
    required property int index
    required property string key
    required property string title
    required property string explanation
    required property string kind
    required property string value
    required property string amount
    required property string unit
    required property var units
    required property var choices
    required property int choice
    required property string allowed
    required property string defaultText
    required property bool isDefault
    required property bool live
    required property bool pending
    required property bool passing
    required property string error
    readonly property bool ranged: kind === "number" || kind === "duration" || kind === "rate"
    readonly property bool changed: !isDefault || error.length > 0
    readonly property bool stacked: width < 620 && kind !== "switch" // beside a control the words need room

    // What was typed wrongly is to be forgotten.
    signal forgotten

    function change(text: string): bool {
        return app.settings.change(key, text);
    }

    implicitHeight: grid.implicitHeight + 2 * Theme.space3

    Separator {
        width: parent.width
        visible: row.index > 0
    }
    GridLayout {
        id: grid

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        columns: row.stacked ? 1 : 2
        columnSpacing: Theme.space5
        rowSpacing: Theme.space2

        ColumnLayout {
            Layout.fillWidth: true
            Layout.alignment: Qt.AlignTop
            spacing: 3

            Label {
                Layout.fillWidth: true
                text: row.title
                kind: Label.Strong
                wrapMode: Text.Wrap
            }
            Label {
                Layout.fillWidth: true
                text: row.explanation
                kind: Label.Small
                muted: true
                wrapMode: Text.Wrap
            }
            Label {
                Layout.fillWidth: true
                visible: row.passing || row.pending || !row.live
                text: row.passing ? qsTr("Set when Wherry was started; not saved") : row.pending ? qsTr("Saved; in force after a restart") : qsTr("A change takes a restart")
                kind: Label.Caption
                color: row.pending || row.passing ? Theme.warn : Theme.inkFaint
                wrapMode: Text.Wrap
            }
        }
        ColumnLayout {
            Layout.alignment: Qt.AlignTop
            Layout.fillWidth: row.stacked
            Layout.preferredWidth: row.kind === "switch" ? implicitWidth : 304 + Theme.touch + Theme.space1
            spacing: Theme.space1

            RowLayout {
                Layout.fillWidth: true
                layoutDirection: row.stacked ? Qt.LeftToRight : Qt.RightToLeft // controls end where the card does
                spacing: Theme.space1

                Loader {
                    Layout.fillWidth: row.kind !== "switch"
                    Component.onCompleted: {
                        const files = {"switch": "SwitchSetting", "choice": "ChoiceSetting", "folder": "FolderSetting", "rate": "QuantitySetting", "duration": "QuantitySetting"};
                        setSource((files[row.kind] ?? "TextSetting") + ".qml", {row: row});
                    }
                }
                IconButton {
                    id: reset

                    readonly property bool wanted: row.changed || activeFocus // not from under the keyboard

                    visible: wanted || row.width >= 620 || row.kind !== "switch"
                    opacity: wanted ? 1 : 0 // it keeps its place: fields stand below each other
                    enabled: wanted
                    symbol: "undo"
                    size: 18
                    text: qsTr("Back to the default: %1").arg(row.defaultText)
                    onClicked: {
                        row.app.settings.reset(row.key);
                        row.forgotten();
                    }
                }
            }
            Label {
                Layout.fillWidth: true
                Layout.leftMargin: row.stacked ? 0 : Theme.touch + Theme.space1
                visible: text.length > 0
                text: row.error.length > 0 ? qsTr("Not saved. %1", "a setting, and why").arg(row.error) : row.ranged ? qsTr("Allowed: %1").arg(row.allowed) : ""
                kind: Label.Caption
                color: row.error.length > 0 ? Theme.danger : Theme.inkFaint
                wrapMode: Text.Wrap
                Accessible.role: row.error.length > 0 ? Accessible.AlertMessage : Accessible.StaticText
                Accessible.name: text
            }
        }
    }
}
