import QtQuick
import Wherry.Controls

ComboBox {
    id: control

    required property SettingRow row

    label: row.title
    model: row.choices
    currentIndex: row.choice
    onActivated: index => {
        row.app.settings.choose(row.key, index);
        currentIndex = Qt.binding(() => row.choice);
    }
}
