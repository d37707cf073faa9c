import QtQuick
import QtQuick.Templates as T

// One line of text.
//
//   label     accessible name, and the placeholder where none is given; a visible label belongs to Field
//   invalid   red edge; say what is wrong in Field.error
//   symbol    an icon before the text
//   suffix    a unit behind it; the label says it as well
// Signals: those of TextInput (accepted, textEdited).
T.TextField {
    id: control

    property string label
    property bool invalid: false
    property string symbol
    property string suffix

    implicitWidth: 240
    implicitHeight: Theme.touch
    leftPadding: mirrored ? suffixSpace : symbolSpace
    rightPadding: mirrored ? symbolSpace : suffixSpace
    readonly property bool mirrored: LayoutMirroring.enabled
    readonly property int symbolSpace: symbol.length > 0 ? Theme.space3 + 28 : Theme.space3
    readonly property int suffixSpace: unit.visible ? Theme.space3 + unit.implicitWidth + Theme.space2 : Theme.space3
    topInset: 2
    bottomInset: 2
    verticalAlignment: Text.AlignVCenter
    color: enabled ? Theme.ink : Theme.inkDisabled
    placeholderTextColor: Theme.inkFaint
    placeholderText: label
    selectionColor: Theme.accent
    selectedTextColor: Theme.inkOnAccent
    selectByMouse: true
    activeFocusOnTab: true
    font.family: Theme.family
    font.pixelSize: Theme.bodySize
    Accessible.role: Accessible.EditableText
    Accessible.name: label.length > 0 ? label : placeholderText

    Text {
        x: control.leftPadding
        width: control.width - control.leftPadding - control.rightPadding
        height: control.height
        visible: control.length === 0 && control.preeditText.length === 0
        text: control.placeholderText
        textFormat: Text.PlainText
        font: control.font
        color: control.placeholderTextColor
        elide: Text.ElideRight
        horizontalAlignment: Text.AlignLeft
        verticalAlignment: control.verticalAlignment
        Accessible.ignored: true
    }
    Icon {
        x: control.mirrored ? control.width - width - Theme.space3 : Theme.space3
        anchors.verticalCenter: parent.verticalCenter
        symbol: control.symbol
        visible: control.symbol.length > 0
        color: Theme.inkFaint
    }

    Label {
        id: unit

        x: control.mirrored ? Theme.space3 : control.width - width - Theme.space3
        anchors.verticalCenter: parent.verticalCenter
        visible: text.length > 0
        text: control.suffix
        kind: Label.Small
        muted: true
        Accessible.ignored: true
    }

    background: Rectangle {
        radius: Theme.radius
        color: control.enabled ? Theme.surface : Theme.sunken
        border.width: control.activeFocus || control.invalid ? 2 : 1
        border.color: control.invalid ? Theme.danger : control.activeFocus ? Theme.accentInk : control.enabled ? Theme.stroke : Theme.line
    }
}
