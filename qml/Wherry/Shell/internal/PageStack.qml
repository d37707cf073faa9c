import QtQuick
import QtQuick.Layouts
import Wherry.Models
import Wherry.Peers
import Wherry.Transfers

// The pages, one above the other; each keeps what it shows while another is in front.
StackLayout {
    id: stack

    required property App app
    property bool wide: false

    signal transfersWanted

    PeersPage {
        app: stack.app
        wide: stack.wide
        onTransfersWanted: stack.transfersWanted()
    }
    TransfersPage {
        app: stack.app
    }
}
