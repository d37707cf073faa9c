import QtQuick
import QtQuick.Layouts

// A visible label above a control, a hint or what is wrong below it.
//
//   label, hint, error   error takes the place of the hint
//   (children)           the control; give it the same label for the screen reader
ColumnLayout {
    id: field

    property string label
    property string hint
    property string error
    default property alias content: slot.data

    spacing: Theme.space1

    Label {
        Layout.fillWidth: true
        text: field.label
        visible: text.length > 0
        kind: Label.Strong
    }
    ColumnLayout {
        id: slot

        Layout.fillWidth: true
        spacing: 0
    }
    Label {
        Layout.fillWidth: true
        text: field.error.length > 0 ? field.error : field.hint
        visible: text.length > 0
        kind: Label.Caption
        wrapMode: Text.Wrap
        color: field.error.length > 0 ? Theme.danger : Theme.inkMuted
        Accessible.role: field.error.length > 0 ? Accessible.AlertMessage : Accessible.StaticText
        Accessible.name: text
    }
}
