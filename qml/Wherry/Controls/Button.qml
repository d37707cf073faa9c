import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// A button with words on it, and perhaps an icon before them.
//
//   kind     Button.Plain (outlined), Primary (the one next step of a page), Quiet (text only), Danger (cannot be taken back)
//   grave    quiet, and in no colour that invites; red under the pointer
//   symbol   name of an icon, or empty
//   inverse  quiet, on the dark ground of a toast
//   compact  32 px high, for dense rows with a mouse; never the only way on touch
// Signals: clicked(); Return, Enter and Space press it.
T.Button {
    id: control

    enum Kind { Plain, Primary, Quiet, Danger }

    property int kind: Button.Plain
    property string symbol
    property bool compact: false
    property bool inverse: false
    property bool grave: false
    readonly property bool filled: kind === Button.Primary || kind === Button.Danger
    readonly property color inkColour: !enabled ? Theme.inkDisabled : inverse ? Theme.accentInverse : filled ? Theme.inkOnAccent : grave ? (hovered || down ? Theme.danger : Theme.inkMuted) : kind === Button.Quiet ? Theme.accentInk : Theme.ink

    implicitWidth: Math.max(Theme.touch, implicitContentWidth + leftPadding + rightPadding)
    implicitHeight: compact ? 32 : Theme.touch
    topInset: compact ? 0 : (Theme.touch - Theme.controlHeight) / 2
    bottomInset: topInset
    leftPadding: kind === Button.Quiet || compact ? Theme.quietInset : Theme.space4 + 2
    rightPadding: leftPadding
    spacing: Theme.space2
    focusPolicy: Qt.StrongFocus
    opacity: 1
    font.family: Theme.family
    font.pixelSize: Theme.bodySize
    font.weight: Font.Medium
    Accessible.role: Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: control.clicked()
    Keys.onEnterPressed: control.clicked()

    contentItem: RowLayout {
        spacing: 0

        Item {
            Layout.fillWidth: true
        }
        Icon {
            Layout.rightMargin: control.spacing
            symbol: control.symbol
            visible: control.symbol.length > 0
            size: control.compact ? 16 : 18
            color: control.inkColour
        }
        Text {
            Layout.fillWidth: true
            Layout.maximumWidth: Math.ceil(implicitWidth)
            text: control.text
            textFormat: Text.PlainText
            font: control.font
            color: control.inkColour
            elide: Text.ElideRight
            horizontalAlignment: Text.AlignLeft
            Accessible.ignored: true
        }
        Item {
            Layout.fillWidth: true
        }
    }

    background: Rectangle {
        radius: control.compact ? Theme.radiusSmall + 2 : Theme.radius
        color: {
            if (control.inverse)
                return control.down || control.hovered ? Qt.rgba(0.5, 0.5, 0.5, 0.25) : "transparent";
            if (control.kind === Button.Quiet)
                return control.down ? (control.grave ? Theme.dangerSoft : Theme.accentSoftHover) : control.hovered ? (control.grave ? Theme.dangerSoft : Theme.accentSoft) : "transparent";
            if (!control.enabled)
                return control.filled ? Theme.pressed : "transparent";
            if (control.kind === Button.Primary)
                return control.down ? Theme.accentPressed : control.hovered ? Theme.accentHover : Theme.accent;
            if (control.kind === Button.Danger)
                return control.hovered || control.down ? Theme.dangerFillHover : Theme.dangerFill;
            return control.down ? Theme.pressed : control.hovered ? Theme.hover : Theme.surface;
        }
        border.width: control.kind === Button.Plain ? 1 : 0
        border.color: control.enabled ? Theme.stroke : Theme.line

        Behavior on color { ColorAnimation { duration: Theme.quick } }

        FocusRing {
            shown: control.visualFocus
            radius: parent.radius + 4
        }
    }
}
