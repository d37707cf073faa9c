import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// A question, or a small task, over the page. Centred; on a narrow window it takes the width and its buttons stack.
//
//   title, message            plain text; message may be empty
//   acceptText, rejectText    words on the buttons; empty leaves the button out
//   destructive               the accept button is red
//   acceptEnabled             false until the answer may be given (an arm delay, a form that is not filled)
//   defaultAnswer             Dialog.Accept, Dialog.Reject or Dialog.None: what Return does and which button the keyboard is on at first
//   escapeRejects             false: Escape does nothing
//   closesOnAccept            false: accepted() is only told; whoever hears it closes the dialog when it is time
//   titled                    false: the content says the title in its own way
//   preferredWidth            480 unless told
//   firstFocus                item that gets the keyboard instead of the default button
//   footerItems               quiet buttons at the start of the row of buttons
//   (children)                the content, in a column as wide as the dialog, which scrolls where the window is too low for it
//   stretched                 true where something in the content scrolls by itself; give that Layout.fillHeight and a Layout.minimumHeight.
//                             Such a dialog fills a narrow window
// Signals: accepted(), rejected(); open() and close() as of Popup.
T.Dialog {
    id: control

    enum Answer { None, Accept, Reject }

    property string message
    property string acceptText
    property string rejectText: qsTr("Cancel", "button of a dialog")
    property bool destructive: false
    property bool acceptEnabled: true
    property int defaultAnswer: Dialog.Accept
    property bool escapeRejects: true
    property bool closesOnAccept: true
    property bool titled: true
    property int preferredWidth: 480
    property Item firstFocus: null
    property bool stretched: false
    property alias footerItems: extras.data
    default property alias body: scroller.content
    readonly property bool narrow: width < 420
    // One that has much to show takes the whole of a narrow window, rather than all but a strip.
    readonly property bool filling: stretched && parent !== null && parent.width < Theme.narrow
    readonly property int edge: filling ? 0 : Theme.space4

    function answer(which: int) {
        if (which === Dialog.Accept && acceptButton.visible && acceptEnabled)
            say();
        else if (which === Dialog.Reject && rejectButton.visible)
            reject();
    }

    function say() {
        if (closesOnAccept)
            accept();
        else
            accepted();
    }

    function settleFocus() {
        if (firstFocus)
            firstFocus.forceActiveFocus(Qt.PopupFocusReason);
        else if (defaultAnswer === Dialog.Accept && acceptButton.visible && acceptEnabled)
            acceptButton.forceActiveFocus(Qt.TabFocusReason);
        else if (rejectButton.visible)
            rejectButton.forceActiveFocus(Qt.TabFocusReason);
    }

    parent: T.Overlay.overlay
    anchors.centerIn: parent
    width: parent ? Math.min(preferredWidth, parent.width - 2 * edge) : preferredWidth
    height: !parent ? implicitHeight : filling ? parent.height - 2 * edge : Math.min(implicitHeight, parent.height - 2 * edge)
    implicitHeight: topPadding + bottomPadding + contentHeight
    contentHeight: column.implicitHeight
    padding: Theme.space5
    modal: true
    focus: true
    closePolicy: escapeRejects ? T.Popup.CloseOnEscape : T.Popup.NoAutoClose
    onOpened: settleFocus()

    T.Overlay.modal: Rectangle {
        color: Theme.scrim
        Behavior on opacity { NumberAnimation { duration: Theme.calm } }
    }
    enter: Transition {
        NumberAnimation { property: "opacity"; from: 0; to: 1; duration: Theme.calm; easing.type: Easing.OutCubic }
        NumberAnimation { property: "scale"; from: Theme.reducedMotion ? 1 : 0.97; to: 1; duration: Theme.calm; easing.type: Easing.OutCubic }
    }
    exit: Transition { NumberAnimation { property: "opacity"; from: 1; to: 0; duration: Theme.quick } }

    background: Item {
        Shadow { visible: !control.filling }
        Rectangle {
            anchors.fill: parent
            radius: control.filling ? 0 : Theme.radiusLarge
            color: Theme.raised
            border.width: Theme.dark && !control.filling ? 1 : 0
            border.color: Theme.line
        }
    }

    // What lies in the content has names, so that it is made at once and not when it is first asked for.
    // qmllint disable deferred-property-id
    contentItem: FocusScope {
        // qmllint enable deferred-property-id
        focus: true
        Accessible.role: Accessible.Dialog
        Accessible.name: control.title
        Accessible.description: control.message
        Keys.onReturnPressed: control.answer(control.defaultAnswer)
        Keys.onEnterPressed: control.answer(control.defaultAnswer)

        Separator {
            y: scroller.y + scroller.height - height
            z: 1
            width: parent.width
            visible: scroller.visible && !scroller.atYEnd // there is more below
        }
        ColumnLayout {
            id: column

            anchors.fill: parent
            spacing: Theme.space4

            Label {
                Layout.fillWidth: true
                text: control.title
                kind: Label.Title
                wrapMode: Text.Wrap
                visible: control.titled && text.length > 0
                Accessible.role: Accessible.Heading
            }
            Label {
                Layout.fillWidth: true
                Layout.topMargin: -Theme.space2
                text: control.message
                muted: true
                wrapMode: Text.Wrap
                visible: text.length > 0
            }
            ScrollColumn {
                id: scroller

                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.margins: -margins
                visible: scroller.column.children.length > 0
                margins: 12 // room for the rings of what has the focus, and for the scroll bar
                maximumWidth: control.width
                stretched: control.stretched
                spacing: Theme.space3
            }
            GridLayout {
                Layout.fillWidth: true
                Layout.topMargin: scroller.visible ? 6 : 0 // what is above has no air of its own, as a line of words has
                visible: control.rejectText.length > 0 || control.acceptText.length > 0 || extras.children.length > 0
                columns: control.narrow ? 1 : 4
                columnSpacing: Theme.space3
                rowSpacing: Theme.space1

                RowLayout {
                    id: extras

                    Layout.fillWidth: control.narrow
                    Layout.row: control.narrow ? 2 : 0
                    Layout.column: 0
                    Layout.leftMargin: -Theme.quietInset
                    visible: children.length > 0
                    spacing: Theme.space2
                }
                Item {
                    Layout.row: 0
                    Layout.column: 1
                    Layout.fillWidth: true
                    visible: !control.narrow
                }
                Button {
                    id: rejectButton

                    Layout.fillWidth: control.narrow
                    Layout.row: control.narrow ? 1 : 0
                    Layout.column: control.narrow ? 0 : 2
                    text: control.rejectText
                    visible: text.length > 0
                    onClicked: control.reject()
                }
                Button {
                    id: acceptButton

                    Layout.fillWidth: control.narrow
                    Layout.row: 0
                    Layout.column: control.narrow ? 0 : 3
                    text: control.acceptText
                    visible: text.length > 0
                    enabled: control.acceptEnabled
                    kind: control.destructive ? Button.Danger : Button.Primary
                    onClicked: control.say()
                }
            }
        }
    }
}
