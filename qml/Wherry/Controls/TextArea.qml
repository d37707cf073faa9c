import QtQuick
import QtQuick.Templates as T

// Several lines of text; grows with them up to `maximumHeight`. Tab leaves it.
T.TextArea {
    id: control

    property string label

    implicitWidth: 240
    implicitHeight: Math.max(Theme.touch, contentHeight + topPadding + bottomPadding)
    padding: Theme.space3
    topInset: 2
    bottomInset: 2
    color: enabled ? Theme.ink : Theme.inkDisabled
    placeholderTextColor: Theme.inkFaint
    placeholderText: label
    selectionColor: Theme.accent
    selectedTextColor: Theme.inkOnAccent
    textFormat: TextEdit.PlainText
    wrapMode: TextEdit.Wrap
    selectByMouse: true
    activeFocusOnTab: true
    font.family: Theme.family
    font.pixelSize: Theme.bodySize
    Accessible.role: Accessible.EditableText
    Accessible.multiLine: true
    Accessible.name: label.length > 0 ? label : placeholderText
    KeyNavigation.priority: KeyNavigation.BeforeItem
    Keys.onTabPressed: event => moveFocus(event, true)
    Keys.onBacktabPressed: event => moveFocus(event, false)

    function moveFocus(event, forward: bool) {
        const next = nextItemInFocusChain(forward);
        if (next)
            next.forceActiveFocus(forward ? Qt.TabFocusReason : Qt.BacktabFocusReason);
        event.accepted = true;
    }

    Text {
        x: control.leftPadding
        y: control.topPadding
        width: control.width - control.leftPadding - control.rightPadding
        visible: control.length === 0 && control.preeditText.length === 0
        text: control.placeholderText
        textFormat: Text.PlainText
        font: control.font
        color: control.placeholderTextColor
        elide: Text.ElideRight
        horizontalAlignment: Text.AlignLeft
        Accessible.ignored: true
    }

    background: Rectangle {
        radius: Theme.radius
        color: control.enabled ? Theme.surface : Theme.sunken
        border.width: control.activeFocus ? 2 : 1
        border.color: control.activeFocus ? Theme.accentInk : control.enabled ? Theme.stroke : Theme.line
    }
}
