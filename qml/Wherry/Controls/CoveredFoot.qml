import QtQuick

// The room behind the end of a page while something lies over its foot: what is there can be scrolled clear of it. It goes again
// without moving anything that is in sight: what of it somebody has scrolled to stays until they scroll on.
QtObject {
    id: foot

    required property Flickable page
    // Height of what lies over it; 0: nothing.
    property int covered: 0
    property int kept: 0
    readonly property int height: Math.max(covered, kept)
    readonly property Connections scrolling: Connections {
        function onMovementEnded() {
            foot.settle();
        }

        target: foot.page
    }

    function settle() {
        const inSight = Math.ceil(page.contentY - page.originY + page.height - page.contentHeight);
        kept = Math.max(covered, Math.min(kept, inSight));
    }

    onCoveredChanged: {
        if (covered > kept)
            kept = covered;
        settle();
    }
}
