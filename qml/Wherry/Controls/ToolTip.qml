import QtQuick
import QtQuick.Templates as T

// A few words about what the pointer or the keyboard is on. Place it inside of the control and bind `visible`.
T.ToolTip {
    id: control

    implicitWidth: Math.min(320, contentWidth + leftPadding + rightPadding)
    implicitHeight: contentHeight + topPadding + bottomPadding
    x: parent ? (parent.width - implicitWidth) / 2 : 0
    y: -implicitHeight - 4
    margins: Theme.space2
    leftPadding: 10
    rightPadding: 10
    topPadding: 6
    bottomPadding: 6
    delay: 500
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutsideParent | T.Popup.CloseOnReleaseOutsideParent

    contentItem: Text {
        text: control.text
        textFormat: Text.PlainText
        wrapMode: Text.Wrap
        color: Theme.inkInverse
        font.family: Theme.family
        font.pixelSize: Theme.captionSize
    }
    background: Rectangle {
        radius: Theme.radiusSmall
        color: Theme.inverse
    }
    enter: Transition { NumberAnimation { property: "opacity"; from: 0; to: 1; duration: Theme.quick } }
    exit: Transition { NumberAnimation { property: "opacity"; from: 1; to: 0; duration: Theme.quick } }
}
