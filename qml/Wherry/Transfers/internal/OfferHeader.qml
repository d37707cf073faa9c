import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// Who offers: the name, the key as it can be recognised, whether the person has marked the device as trusted, and what it is about.
RowLayout {
    id: header

    property Offer offer
    property string title
    property string waitingText
    property bool canDeclineAll: false
    readonly property bool narrow: width < 420

    signal declineAll

    spacing: Theme.space3

    Avatar {
        Layout.alignment: Qt.AlignTop
        kind: header.offer ? header.offer.kind : ""
        words: header.offer ? header.offer.words : ""
        hue: header.offer ? header.offer.hue : 0
    }
    ColumnLayout {
        spacing: 2

        Label {
            Layout.fillWidth: true
            text: header.title
            kind: Label.Title
            wrapMode: Text.Wrap
            maximumLineCount: 3
            elide: Text.ElideRight
            Accessible.role: Accessible.Heading
        }
        Label {
            Layout.fillWidth: true
            text: header.offer ? header.narrow ? header.offer.label : header.offer.label + " · " + header.offer.contents : ""
            muted: true
            wrapMode: header.narrow && header.offer && header.offer.label.length < 70 ? Text.Wrap : Text.NoWrap // two lines at most
            elide: Text.ElideMiddle
        }
        Label {
            Layout.fillWidth: true
            visible: header.narrow
            text: header.offer ? header.offer.contents : ""
            muted: true
        }
        GridLayout {
            Layout.topMargin: Theme.space1
            columns: header.narrow ? 2 : 5
            columnSpacing: header.narrow ? Theme.space2 : Theme.space3
            rowSpacing: Theme.space1

            KeyMark {
                kind: header.narrow ? Label.Caption : Label.Small
                size: header.narrow ? 14 : 16
                words: header.offer ? header.offer.words : ""
                hue: header.offer ? header.offer.hue : 0
            }
            Rectangle {
                readonly property bool trusted: header.offer !== null && header.offer.trusted

                implicitWidth: mark.implicitWidth + 2 * Theme.space2
                implicitHeight: 24
                radius: height / 2
                color: trusted ? Theme.goodSoft : Theme.sunken

                RowLayout {
                    id: mark

                    anchors.centerIn: parent
                    spacing: Theme.space1

                    Icon {
                        visible: header.offer !== null && header.offer.trusted
                        symbol: "trust"
                        size: 14
                        color: Theme.good
                    }
                    Label {
                        text: header.offer && header.offer.trusted ? qsTr("Trusted") : header.narrow ? qsTr("Not trusted") : qsTr("Not trusted yet")
                        kind: Label.Caption
                        color: header.offer && header.offer.trusted ? Theme.good : Theme.inkMuted
                    }
                }
            }
            Item {
                Layout.fillWidth: true
                visible: !header.narrow
            }
            Label {
                visible: text.length > 0
                text: header.waitingText
                kind: Label.Caption
                color: Theme.accentInk
            }
            Button {
                visible: header.waitingText.length > 0
                text: qsTr("Decline all", "every offer that waits now")
                kind: Button.Quiet
                compact: true
                enabled: header.canDeclineAll
                onClicked: header.declineAll()
            }
        }
    }
}
