import QtQuick
import QtQuick.Layouts
import Wherry.Models
import Wherry.Network
import Wherry.Peers
import Wherry.Settings
import Wherry.Transfers

// The pages, one above the other; each keeps what it shows while another is in front.
StackLayout {
    id: stack

    required property App app
    property bool wide: false
    property bool dragged: false
    // Height of what lies over the foot of the pages: they scroll clear of it.
    property int covered: 0
    // Width of what stands beside the list of the page in front.
    readonly property int aside: currentIndex === 0 ? devices.aside : 0

    signal transfersWanted
    signal devicesWanted

    PeersPage {
        id: devices

        covered: stack.covered
        app: stack.app
        wide: stack.wide
        dragged: stack.dragged
        onTransfersWanted: stack.transfersWanted()
    }
    TransfersPage {
        app: stack.app
        covered: stack.covered
        onSendWanted: stack.devicesWanted()
    }
    NetworkPage {
        covered: stack.covered
        app: stack.app
    }
    SettingsPage {
        covered: stack.covered
        app: stack.app
    }
}
