import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// A folder by its path or by choosing.
RowLayout {
    id: control

    required property SettingRow row

    spacing: Theme.space2

    TextField {
        id: path

        property bool edited: false

        Layout.fillWidth: true
        Layout.minimumWidth: 72
        label: control.row.title
        placeholderText: control.row.app.receiving.folder
        text: control.row.value
        invalid: control.row.error.length > 0
        onTextEdited: edited = true
        onEditingFinished: {
            const changed = edited && control.row.change(text);
            edited = false;
            if (changed)
                text = Qt.binding(() => control.row.value);
        }
    }
    IconButton {
        symbol: "folder"
        text: qsTr("Choose: %1", "opens a dialog for a folder").arg(control.row.title)
        onClicked: picker.open()
    }
    FilePicker {
        id: picker

        folders: true
        title: control.row.title
        currentFolder: control.row.app.receiving.folderUrl
        onPicked: urls => control.row.app.settings.chooseFolder(control.row.key, urls[0])
    }
    Connections {
        function onForgotten() {
            path.text = Qt.binding(() => control.row.value);
        }

        target: control.row
    }
}
