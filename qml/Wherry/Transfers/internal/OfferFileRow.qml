import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// One file or folder of an offer: taken or not, under the name that it gets here. A name that stands in the field when something else gets the
// keyboard counts: only Escape drops it.
Rectangle {
    id: row

    required property int index
    required property string name
    required property bool isFolder
    required property string sizeText
    required property string landsAs
    required property bool renamed
    required property bool chosen
    required property bool partly
    required property bool cannotLand
    required property string note
    required property bool alert
    required property string mark
    required property int depth
    property bool current: false
    property bool editing: false
    readonly property bool narrow: width < 420
    readonly property bool whole: chosen && !partly
    readonly property color words: chosen ? Theme.inkMuted : Theme.inkFaint

    signal toggled(bool wanted)
    signal editWanted
    signal nameGiven(string name)
    signal editEnded

    // The name as it can be edited, without what stands behind its last dot marked.
    function begin(name: string) {
        editing = true;
        field.text = name;
        field.forceActiveFocus(Qt.OtherFocusReason);
        const dot = isFolder ? -1 : name.lastIndexOf(".");
        field.select(0, dot > 0 ? dot : name.length);
    }

    implicitHeight: Math.max(Theme.touch, content.implicitHeight + 2 * Theme.space1)
    radius: Theme.radiusSmall
    color: current || pointer.hovered ? Theme.hover : "transparent"
    Accessible.role: Accessible.ListItem
    Accessible.name: landsAs.length > 0 ? landsAs : name
    Accessible.description: note.length > 0 && sizeText.length > 0 ? note + ", " + sizeText : note + sizeText

    HoverHandler {
        id: pointer
    }
    FocusRing {
        shown: row.current && !row.editing
        gap: -2
        radius: parent.radius
    }
    RowLayout {
        id: content

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.space2

        CheckBox {
            label: qsTr("Take %1").arg(row.name)
            checkState: row.partly ? Qt.PartiallyChecked : row.chosen ? Qt.Checked : Qt.Unchecked
            focusPolicy: Qt.NoFocus // the list has keys for it
            nextCheckState: () => {
                row.toggled(!row.whole);
                return checkState;
            }
        }
        Icon {
            Layout.leftMargin: row.narrow ? 0 : Math.min(row.depth, 4) * Theme.space4
            symbol: row.mark.length > 0 ? row.mark : row.isFolder ? "folder" : "file"
            color: row.alert ? Theme.warn : row.words
        }
        ColumnLayout {
            visible: !row.editing
            spacing: 0

            Label {
                Layout.fillWidth: true
                text: row.renamed && row.landsAs.length > 0 ? row.landsAs : row.name
                color: row.chosen ? Theme.ink : Theme.inkFaint
                elide: Text.ElideMiddle
                Accessible.ignored: true
            }
            Label {
                Layout.fillWidth: true
                visible: text.length > 0
                text: row.narrow && row.sizeText.length > 0 ? (row.note.length > 0 ? row.note + " ·\u00a0" : "") + row.sizeText : row.note
                kind: Label.Caption
                color: row.alert || row.cannotLand ? Theme.warn : row.renamed && row.chosen ? Theme.accentInk : row.words
                wrapMode: Text.Wrap
                maximumLineCount: 3
                elide: Text.ElideRight
                Accessible.ignored: true
            }
        }
        TextField {
            id: field

            Layout.fillWidth: true
            visible: row.editing
            enabled: row.editing // what is hidden takes no keys when the list gets them back
            label: qsTr("New name for %1").arg(row.name)
            maximumLength: 255
            onActiveFocusChanged: {
                if (!activeFocus && row.editing)
                    commit();
            }
            Keys.onReturnPressed: finish()
            Keys.onEnterPressed: finish()
            Keys.onTabPressed: event => pass(event)
            Keys.onBacktabPressed: event => pass(event)
            Keys.onEscapePressed: {
                leave();
                row.editEnded();
            }

            function commit() {
                const name = text;
                row.editing = false;
                row.nameGiven(name);
            }

            // The keyboard stays in the list.
            function finish() {
                const name = text;
                leave();
                row.nameGiven(name);
                row.editEnded();
            }

            // The keyboard goes on from here, as from any other field.
            function pass(event: var) {
                const name = text;
                leave();
                row.nameGiven(name);
                event.accepted = false;
            }

            function leave() {
                row.editing = false; // before the focus goes: what is lost with it was said already, or is dropped
                focus = false; // the list would give it back otherwise
            }
        }
        Label {
            visible: !row.editing && !row.narrow
            text: row.sizeText
            kind: Label.Small
            color: row.words
        }
        IconButton {
            focusPolicy: Qt.NoFocus
            quiet: !row.current
            prominent: row.editing
            symbol: row.editing ? "check" : "edit"
            size: row.editing ? 20 : 16
            text: row.editing ? qsTr("Use this name") : qsTr("Rename %1").arg(row.name)
            onClicked: {
                if (row.editing)
                    field.finish();
                else
                    row.editWanted();
            }
        }
    }
}
