import QtQuick
import Wherry.Controls

// Text, a number, or addresses with commas between them.
TextField {
    id: control

    required property SettingRow row
    property bool edited: false

    label: row.title
    placeholderText: row.kind === "addresses" ? qsTr("Every address of this device") : row.key === "profile.alias" ? row.app.deviceName : ""
    text: row.value
    invalid: row.error.length > 0
    inputMethodHints: row.kind === "number" ? Qt.ImhDigitsOnly : Qt.ImhNone
    onTextEdited: edited = true
    onEditingFinished: {
        const changed = edited && row.change(text);
        edited = false;
        if (changed)
            text = Qt.binding(() => row.value);
    }

    Connections {
        function onForgotten() {
            control.text = Qt.binding(() => control.row.value);
        }

        target: control.row
    }
}
