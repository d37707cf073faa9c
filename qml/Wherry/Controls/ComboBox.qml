pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T

// One of a few. `model`, `textRole`, `valueRole`, `currentIndex` as of T.ComboBox.
//
//   label   accessible name
// Signals: activated(index).
T.ComboBox {
    id: control

    property string label

    implicitWidth: 240
    implicitHeight: Theme.touch
    topInset: 2
    bottomInset: 2
    leftPadding: mirrored ? 40 : Theme.space3
    rightPadding: mirrored ? Theme.space3 : 40
    focusPolicy: Qt.StrongFocus
    font.family: Theme.family
    font.pixelSize: Theme.bodySize
    Accessible.role: Accessible.ComboBox
    Accessible.name: label
    Accessible.description: displayText
    Keys.onReturnPressed: popup.open()
    Keys.onEnterPressed: popup.open()

    contentItem: Text {
        text: control.displayText
        textFormat: Text.PlainText
        font: control.font
        color: control.enabled ? Theme.ink : Theme.inkDisabled
        elide: Text.ElideRight
        verticalAlignment: Text.AlignVCenter
        horizontalAlignment: Text.AlignLeft
        Accessible.ignored: true
    }
    indicator: Icon {
        x: control.mirrored ? Theme.space3 : control.width - width - Theme.space3
        y: (control.height - height) / 2
        size: 18
        symbol: "chevron-down"
        color: control.enabled ? Theme.inkMuted : Theme.inkDisabled
    }
    background: Rectangle {
        radius: Theme.radius
        color: !control.enabled ? Theme.sunken : control.hovered && !control.popup.visible ? Theme.hover : Theme.surface
        border.width: control.popup.visible ? 2 : 1
        border.color: control.popup.visible ? Theme.accentInk : control.enabled ? Theme.stroke : Theme.line

        FocusRing {
            shown: control.visualFocus
            radius: parent.radius + 4
        }
    }
    delegate: MenuItem {
        required property var model
        required property int index

        width: ListView.view ? ListView.view.width : control.width
        text: model[control.textRole] ?? model.modelData ?? ""
        highlighted: control.highlightedIndex === index
        checked: control.currentIndex === index
        checkable: true
        hoverEnabled: control.hoverEnabled
    }
    popup: T.Popup {
        y: control.height
        width: control.width
        height: Math.min(contentItem.implicitHeight + 2 * padding, 360)
        padding: Theme.space1
        margins: Theme.space2

        contentItem: ListView {
            clip: true
            implicitHeight: contentHeight
            model: control.delegateModel
            currentIndex: control.highlightedIndex
            boundsBehavior: Flickable.StopAtBounds

            T.ScrollBar.vertical: ScrollBar {}
        }
        background: PopupBackground {}
        enter: Transition { NumberAnimation { property: "opacity"; from: 0; to: 1; duration: Theme.quick } }
        exit: Transition { NumberAnimation { property: "opacity"; from: 1; to: 0; duration: Theme.quick } }
    }
}
