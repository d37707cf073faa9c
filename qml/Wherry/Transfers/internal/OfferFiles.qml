pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// Every file of an offer, to be searched and chosen from. The rows are made as they come into sight.
ColumnLayout {
    id: view

    property OfferFilesModel files

    spacing: Theme.space2

    RowLayout {
        spacing: Theme.space2

        CheckBox {
            label: qsTr("Take everything")
            checkState: !view.files || view.files.noneChosen ? Qt.Unchecked : view.files.allChosen ? Qt.Checked : Qt.PartiallyChecked
            nextCheckState: () => {
                view.files.setAllChosen(!view.files.allChosen);
                return checkState;
            }
        }
        Label {
            Layout.fillWidth: true
            text: view.files ? view.files.chosenText : ""
        }
    }
    SearchField {
        Layout.fillWidth: true
        visible: view.files !== null && (view.files.count > 8 || text.length > 0)
        label: qsTr("Find a file")
        onTextChanged: {
            if (view.files)
                view.files.search = text;
        }
    }
    ListView {
        id: list

        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.minimumHeight: 88
        implicitHeight: Math.min(contentHeight, 264)
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        model: view.files
        delegate: OfferFileRow {
            width: list.width
            onToggled: wanted => view.files.setChosen(index, wanted)
        }
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Files that are offered")
    }
}
