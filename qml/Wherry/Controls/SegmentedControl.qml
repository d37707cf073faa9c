pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// Two to four ways to look at a page, side by side.
//
//   model          words, one a segment
//   currentIndex   the chosen one
//   label          accessible name of the whole
//   counts         numbers behind the words; may be shorter or empty
// Signals: activated(index). Left and Right move among the segments.
T.Control {
    id: control

    property list<string> model
    property list<int> counts
    property int currentIndex: 0
    property string label

    property real widest: 0 // of the segments

    signal activated(int index)

    implicitWidth: row.implicitWidth + 8
    implicitHeight: Theme.touch
    Accessible.role: Accessible.PageTabList
    Accessible.name: label

    function choose(index: int) {
        if (index < 0 || index >= model.length)
            return;
        currentIndex = index;
        activated(index);
    }

    function step(by: int) {
        choose(currentIndex + (mirrored ? -by : by));
        segments.itemAt(currentIndex).forceActiveFocus(Qt.TabFocusReason);
    }

    background: Rectangle {
        y: 2
        width: control.width
        height: Theme.controlHeight
        radius: Theme.radius
        color: Theme.sunken
    }

    RowLayout {
        id: row

        anchors.fill: parent
        anchors.leftMargin: 4
        anchors.rightMargin: 4
        spacing: 2

        Repeater {
            id: segments

            model: control.model // never shrinks

            T.AbstractButton {
                id: segment

                required property string modelData
                required property int index
                readonly property bool chosen: control.currentIndex === index
                readonly property int count: control.counts[index] ?? 0

                Layout.fillWidth: true
                Layout.preferredWidth: control.widest // all alike
                Layout.minimumWidth: implicitWidth
                Layout.fillHeight: true
                implicitWidth: face.implicitWidth + 2 * Theme.space4
                focusPolicy: Qt.StrongFocus
                Accessible.role: Accessible.PageTab
                Accessible.name: count > 0 ? qsTr("%1, %2", "a tab and how many it holds").arg(modelData).arg(count) : modelData
                Accessible.selected: chosen
                onImplicitWidthChanged: control.widest = Math.max(control.widest, implicitWidth)
                onClicked: control.choose(index)
                Keys.onLeftPressed: control.step(-1)
                Keys.onRightPressed: control.step(1)
                Keys.onReturnPressed: control.choose(index)

                background: Item {
                    Rectangle {
                        anchors.fill: parent
                        anchors.topMargin: 6
                        anchors.bottomMargin: 6
                        radius: Theme.radius - 3
                        color: segment.chosen ? (Theme.dark ? Theme.pressed : Theme.surface) : segment.hovered ? Theme.hover : "transparent"
                        border.width: segment.chosen && !Theme.dark ? 1 : 0
                        border.color: Theme.line

                        FocusRing {
                            shown: segment.visualFocus
                            gap: 0
                            radius: parent.radius + 2
                        }
                    }
                }

                RowLayout {
                    id: face

                    anchors.centerIn: parent
                    spacing: 6

                    Label {
                        text: segment.modelData
                        kind: Label.Strong
                        color: segment.chosen ? Theme.ink : Theme.inkMuted
                        Accessible.ignored: true
                    }
                    CountBadge {
                        count: segment.count
                        quiet: !segment.chosen
                    }
                }
            }
        }
    }
}
