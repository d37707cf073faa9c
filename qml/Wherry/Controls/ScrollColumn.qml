import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// A page that scrolls: its children in a column, centred and never wider than is good to read. Follows the keyboard's focus.
//
//   maximumWidth   640 unless told
//   margins        at the sides and ends
//   stretched      the column is exactly as high as the page: for content that scrolls by itself
//   covered        height of what lies over its end for a while: what is there can be scrolled clear of it
Flickable {
    id: page

    property int maximumWidth: Theme.readable
    property int margins: width < 600 ? Theme.space4 : Theme.space5
    property bool stretched: false
    property alias covered: foot.covered
    property alias spacing: column.spacing
    property alias column: column
    default property alias content: column.data

    implicitHeight: column.implicitHeight + 2 * margins
    contentHeight: column.height + 2 * margins
    bottomMargin: foot.height
    interactive: contentHeight + bottomMargin > height
    boundsBehavior: Flickable.StopAtBounds
    clip: interactive

    readonly property Item focused: Window.window ? Window.window.activeFocusItem : null

    onFocusedChanged: reveal(focused)

    // Scrolls just as far as the item with the keyboard's focus needs.
    function reveal(item: Item) {
        for (let at = item; at !== column; at = at.parent)
            if (!at)
                return;
        const top = item.mapToItem(contentItem, 0, 0).y - margins;
        contentY = Math.max(0, Math.min(Math.max(contentY, top + item.height + 2 * margins - height + covered), top, contentHeight));
    }

    CoveredFoot {
        id: foot

        page: page
    }

    T.ScrollBar.vertical: ScrollBar {}

    ColumnLayout {
        id: column

        x: (page.width - width) / 2
        y: page.margins
        width: Math.min(page.maximumWidth, page.width - 2 * page.margins)
        height: page.stretched ? page.height - 2 * page.margins : implicitHeight
        spacing: Theme.space4
    }
}
