import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// One row of a list: something before the words, two lines of words, something behind them.
//
//   title, subtitle   plain text from anywhere; subtitle may be empty
//   leading           items before the words (an Avatar, an Icon, a CheckBox)
//   details           items below the words, like a KeyMark, in a row of their own
//   (children)        items behind the words (badges, buttons); they keep their own size, trailingSpacing apart
//   selected          the one whose detail is shown
//   boxed             a sheet of its own on the ground, for lists that lie in no Card
//   interactive       false: nothing happens on click, and Tab passes by
//   description       what a screen reader says besides the title; the subtitle unless told
// Signals: clicked(), doubleClicked().
T.ItemDelegate {
    id: control

    property string title
    property string subtitle
    property string description: subtitle
    property bool selected: false
    property bool boxed: false
    property bool interactive: true
    property int titleKind: Label.Strong
    property int trailingSpacing: Theme.space2
    property alias leading: leadingSlot.data
    property alias details: detailsSlot.data
    default property alias trailing: trailingSlot.data

    implicitWidth: 320
    implicitHeight: Math.max(subtitle.length > 0 || detailsSlot.visible ? 64 : 52, implicitContentHeight + topPadding + bottomPadding)
    leftPadding: boxed ? Theme.space4 : Theme.space3
    rightPadding: boxed ? Theme.space4 : Theme.space3
    topPadding: boxed ? Theme.space3 : Theme.space2
    bottomPadding: topPadding
    spacing: Theme.space3
    focusPolicy: interactive ? Qt.StrongFocus : Qt.NoFocus
    hoverEnabled: interactive
    Accessible.role: interactive ? Accessible.ListItem : Accessible.StaticText
    Accessible.name: title
    Accessible.description: description
    Accessible.selected: selected
    Accessible.onPressAction: control.clicked()
    Keys.onReturnPressed: control.clicked()
    Keys.onEnterPressed: control.clicked()

    // The slots have names, so that the content is made at once and not when it is first asked for.
    // qmllint disable deferred-property-id
    contentItem: RowLayout {
        // qmllint enable deferred-property-id
        spacing: control.spacing

        RowLayout {
            id: leadingSlot

            visible: children.length > 0
            spacing: control.spacing
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.alignment: Qt.AlignVCenter
            spacing: 3

            Label {
                Layout.fillWidth: true
                text: control.title
                kind: control.titleKind
                elide: Text.ElideMiddle
                Accessible.ignored: true
            }
            Label {
                Layout.fillWidth: true
                text: control.subtitle
                visible: text.length > 0
                kind: Label.Small
                muted: true
                Accessible.ignored: true
            }
            RowLayout {
                id: detailsSlot

                Layout.fillWidth: true
                visible: children.length > 0
                spacing: Theme.space2
            }
        }
        RowLayout {
            id: trailingSlot

            visible: children.length > 0
            spacing: control.trailingSpacing
        }
    }

    background: Rectangle {
        radius: control.boxed ? Theme.radiusLarge - 2 : Theme.radius
        color: control.selected ? (control.hovered ? Theme.accentSoftHover : Theme.accentSoft) : control.down && control.interactive ? Theme.pressed : control.hovered ? Theme.hover : control.boxed ? Theme.surface : "transparent"
        border.width: control.boxed && !control.selected ? 1 : 0
        border.color: Theme.line

        Behavior on color { ColorAnimation { duration: Theme.quick } }
        FocusRing {
            shown: control.visualFocus
            gap: -2
            radius: parent.radius
        }
    }
}
