import QtQuick
import QtQuick.Templates as T

// A long list as a page: its rows in a column, centred and never wider than is good to read, made as they come into sight.
//
//   maximumWidth   that of every page unless told
//   covered        height of what lies over its end for a while: the last row can be scrolled clear of it
//   column         how wide rows, header and footer are to be: `width: list.column`
// A file with a header or footer in it cannot be bound (pragma ComponentBehavior): Qt 6.4 then makes neither, without a word that says so.
// The header stands above the first row also when its height or the window's width changes later, which a ListView by itself forgets.
ListView {
    id: list

    property int maximumWidth: Theme.pageWidth
    readonly property int side: Math.max(width < Theme.narrow ? Theme.space4 : Theme.space5, Math.floor((width - maximumWidth) / 2))
    readonly property int column: Math.max(0, width - 2 * side)
    readonly property real headerHeight: headerItem ? headerItem.height : 0
    property bool atTop: true
    property alias covered: foot.covered

    leftMargin: side
    rightMargin: side
    bottomMargin: Math.max(Theme.space5, foot.height)
    boundsBehavior: Flickable.StopAtBounds
    clip: true
    onAtYBeginningChanged: {
        if (moving || bar.pressed)
            atTop = atYBeginning;
    }
    onHeaderHeightChanged: settle()
    onSideChanged: settle()
    onCountChanged: settle()
    onHeightChanged: settle()

    function settle() {
        contentX = -side;
        if (!atTop)
            return;
        positionViewAtBeginning();
        contentY = originY - topMargin; // which the line before may forget
    }

    CoveredFoot {
        id: foot

        page: list
    }
    T.ScrollBar.vertical: ScrollBar {
        id: bar
    }
}
