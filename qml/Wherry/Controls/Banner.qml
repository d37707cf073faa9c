import QtQuick
import QtQuick.Layouts

// A sentence about the page that stays until it is dealt with.
//
//   kind         Banner.Info, Good, Warn or Danger
//   text         what is the matter; detail: what that means
//   actionText   a button; empty leaves it out
//   closable     a cross
// Signals: action(), closed().
Rectangle {
    id: banner

    enum Kind { Info, Good, Warn, Danger }

    property int kind: Banner.Info
    property string text
    property string detail
    property string actionText
    property bool closable: false
    readonly property color strong: [Theme.info, Theme.good, Theme.warn, Theme.danger][kind]

    signal action
    signal closed

    implicitWidth: 320
    implicitHeight: row.implicitHeight + 2 * Theme.space1
    radius: Theme.radius
    color: [Theme.infoSoft, Theme.goodSoft, Theme.warnSoft, Theme.dangerSoft][kind]
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text
    Accessible.description: detail

    GridLayout {
        id: row

        readonly property bool stacked: banner.width < 440 && banner.actionText.length > 0

        anchors.fill: parent
        anchors.margins: Theme.space1
        anchors.leftMargin: Theme.space3
        anchors.rightMargin: Theme.space3
        columnSpacing: Theme.space3
        rowSpacing: 0

        Icon {
            Layout.alignment: Qt.AlignTop
            Layout.topMargin: Theme.space3
            symbol: ["info", "check-circle", "warning", "error"][banner.kind]
            color: banner.strong
        }
        ColumnLayout {
            Layout.column: 1
            Layout.fillWidth: true
            Layout.topMargin: Theme.space3
            Layout.bottomMargin: row.stacked ? 0 : Theme.space3
            spacing: 2

            Label {
                Layout.fillWidth: true
                text: banner.text
                kind: Label.Strong
                wrapMode: Text.Wrap
                Accessible.ignored: true
            }
            Label {
                Layout.fillWidth: true
                text: banner.detail
                visible: text.length > 0
                kind: Label.Small
                wrapMode: Text.Wrap
                Accessible.ignored: true
            }
        }
        Button {
            Layout.row: row.stacked ? 1 : 0
            Layout.column: row.stacked ? 1 : 2
            Layout.leftMargin: row.stacked ? -Theme.space3 : 0
            text: banner.actionText
            visible: text.length > 0
            kind: Button.Quiet
            onClicked: banner.action()
        }
        IconButton {
            Layout.row: 0
            Layout.column: 3
            Layout.rightMargin: -Theme.space2
            visible: banner.closable
            symbol: "close"
            size: 16
            text: qsTr("Dismiss", "closes a notice")
            onClicked: banner.closed()
        }
    }
}
