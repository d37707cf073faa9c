pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Wherry.Controls
import Wherry.Models

// Every file of an offer, to be searched, chosen from and renamed. The rows are made as they come into sight. With the keyboard the list is one
// stop: up and down, Space takes or leaves, F2 renames.
ColumnLayout {
    id: view

    property Offer offer
    readonly property OfferFilesModel files: offer ? offer.files : null
    readonly property bool wide: width >= 560
    readonly property bool scrolls: list.contentHeight > list.height

    // Those that are marked alone, or everything again; the keys are about the list.
    function showMarked(only: bool) {
        search.clear();
        list.currentIndex = -1;
        files.onlyMarked = only;
        list.currentIndex = 0;
        list.positionViewAtBeginning();
        list.forceActiveFocus(Qt.TabFocusReason);
    }

    spacing: Theme.space1
    onFilesChanged: search.clear()

    GridLayout {
        columns: view.wide ? 2 : 1
        columnSpacing: Theme.space3
        rowSpacing: 0

        RowLayout {
            spacing: Theme.space2

            CheckBox {
                Layout.leftMargin: -Theme.boxInset
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
                elide: Text.ElideRight
            }
            Button {
                visible: view.files !== null && view.files.marked > 0 && view.files.hasOthers
                text: view.files && view.files.onlyMarked ? qsTr("Show all", "files of an offer") : qsTr("Only marked", "shows the files of an offer that need a second look")
                symbol: view.files && view.files.onlyMarked ? "" : "filter"
                kind: Button.Quiet
                compact: true
                onClicked: view.showMarked(!view.files.onlyMarked)
            }
        }
        SearchField {
            id: search

            Layout.fillWidth: !view.wide
            Layout.preferredWidth: 240
            visible: view.files !== null && (view.files.count > 8 || text.length > 0 || view.files.onlyMarked)
            label: qsTr("Find a file")
            onTextChanged: {
                if (view.files)
                    view.files.search = text;
            }
            Keys.onReturnPressed: list.forceActiveFocus(Qt.TabFocusReason)
            Keys.onEnterPressed: list.forceActiveFocus(Qt.TabFocusReason)
        }
    }
    ListView {
        id: list

        objectName: "offerFiles"
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.leftMargin: -Theme.boxInset
        Layout.minimumHeight: 88
        implicitHeight: Math.min(contentHeight, 308)
        clip: true
        activeFocusOnTab: true
        boundsBehavior: Flickable.StopAtBounds
        highlightMoveDuration: 0
        model: view.files
        delegate: OfferFileRow {
            width: list.width - (bar.visible ? bar.width : 0)
            height: implicitHeight
            current: ListView.isCurrentItem && list.activeFocus
            onToggled: wanted => view.files.setChosen(index, wanted)
            onEditWanted: {
                list.currentIndex = index;
                begin(view.files.editName(index));
            }
            onNameGiven: name => view.offer.rename(index, name)
            onEditEnded: list.forceActiveFocus(Qt.TabFocusReason)
        }
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Files that are offered")
        Keys.onPressed: event => {
            const row = list.currentItem as OfferFileRow;
            if (!row || ![Qt.Key_F2, Qt.Key_Space, Qt.Key_Return, Qt.Key_Enter].includes(event.key))
                return;
            event.accepted = true; // Return answers the question only where it is asked
            if (event.key === Qt.Key_F2)
                row.editWanted();
            else if (event.key === Qt.Key_Space)
                row.toggled(!row.whole);
        }

        T.ScrollBar.vertical: ScrollBar {
            id: bar
        }
    }
    Separator {
        Layout.fillWidth: true
        Layout.topMargin: -Theme.space1
        visible: view.scrolls
    }
}
