import QtQuick
import QtQuick.Templates as T

// A list of things to do; hold MenuItem and MenuSeparator. popup() or open() as of T.Menu.
T.Menu {
    id: control

    implicitWidth: Math.max(200, contentWidth + leftPadding + rightPadding)
    implicitHeight: contentHeight + topPadding + bottomPadding
    padding: Theme.space1
    margins: Theme.space2
    overlap: 1
    delegate: MenuItem {}

    contentItem: ListView {
        implicitHeight: contentHeight
        implicitWidth: {
            let widest = 0;
            for (let i = 0; i < control.count; ++i)
                widest = Math.max(widest, control.itemAt(i)?.implicitWidth ?? 0);
            return widest;
        }
        model: control.contentModel
        currentIndex: control.currentIndex
        interactive: contentHeight > height
        clip: interactive

        T.ScrollBar.vertical: ScrollBar {}
    }
    background: PopupBackground {}
    enter: Transition { NumberAnimation { property: "opacity"; from: 0; to: 1; duration: Theme.quick } }
    exit: Transition { NumberAnimation { property: "opacity"; from: 1; to: 0; duration: Theme.quick } }
}
