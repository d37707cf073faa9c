import QtQuick
import Wherry.Controls

Switch {
    id: control

    required property SettingRow row

    label: row.title
    checked: row.value === "true"
    onToggled: {
        row.change(checked ? "true" : "false");
        checked = Qt.binding(() => row.value === "true");
    }
}
