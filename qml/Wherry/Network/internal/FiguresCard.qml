pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// Figures under a title; gone while there are none.
ColumnLayout {
    id: group

    required property string title
    required property FiguresModel figures

    visible: figures.count > 0
    spacing: 0

    SectionHeader {
        Layout.fillWidth: true
        text: group.title
    }
    Card {
        Layout.fillWidth: true
        topPadding: Theme.space1
        bottomPadding: Theme.space1

        Column {
            anchors.left: parent.left
            anchors.right: parent.right

            Repeater {
                model: group.figures

                Item {
                    id: row

                    required property int index
                    required property string title
                    required property string value
                    required property string detail

                    width: parent?.width ?? 0
                    implicitHeight: words.implicitHeight + 2 * Theme.space3
                    Accessible.role: Accessible.StaticText
                    Accessible.name: row.value.length > 0 ? qsTr("%1: %2", "a figure and its value").arg(row.title).arg(row.value) : row.title
                    Accessible.description: row.detail

                    Separator {
                        width: parent.width
                        visible: row.index > 0
                    }
                    ColumnLayout {
                        id: words

                        anchors.left: parent.left
                        anchors.right: parent.right
                        anchors.verticalCenter: parent.verticalCenter
                        spacing: 3

                        RowLayout {
                            Layout.fillWidth: true
                            spacing: Theme.space4

                            Label {
                                Layout.fillWidth: true
                                text: row.title
                                kind: Label.Strong
                                wrapMode: Text.Wrap
                                Accessible.ignored: true
                            }
                            Label {
                                Layout.alignment: Qt.AlignTop
                                visible: text.length > 0
                                text: row.value
                                Accessible.ignored: true
                            }
                        }
                        Label {
                            Layout.fillWidth: true
                            visible: text.length > 0
                            text: row.detail
                            kind: Label.Small
                            muted: true
                            wrapMode: Text.Wrap
                            Accessible.ignored: true
                        }
                    }
                }
            }
        }
    }
}
