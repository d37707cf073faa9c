import QtQuick

// A field that filters what lies below it: Escape and the cross empty it.
// Signals: those of TextField; cleared().
TextField {
    id: field

    signal cleared

    label: qsTr("Search", "placeholder and name of a search field")
    symbol: "search"
    rightPadding: mirrored ? symbolSpace : Theme.touch
    leftPadding: mirrored ? Theme.touch : symbolSpace
    inputMethodHints: Qt.ImhNoPredictiveText
    Keys.priority: Keys.AfterItem
    Keys.onReturnPressed: {} // a search is never the answer of the dialog it stands in
    Keys.onEnterPressed: {}
    Keys.onEscapePressed: event => {
        event.accepted = length > 0;
        empty();
    }

    function empty() {
        clear();
        cleared();
    }

    IconButton {
        anchors.verticalCenter: parent.verticalCenter
        x: field.mirrored ? 0 : parent.width - width
        visible: field.length > 0
        symbol: "close"
        size: 16
        text: qsTr("Clear", "empties a search field")
        onClicked: field.empty()
    }
}
