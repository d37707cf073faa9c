import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// What shows on a touch, a hover or a Tab: an open list, a tooltip, rings around each kind of control.
SamplePage {
    id: page

    onPresent: {
        themes.popup.open();
    }

    ComboBox {
        id: themes

        width: 260
        label: "Theme"
        currentIndex: 1
        model: ["Like the system", "Light", "Dark", "Black"]
    }
    Button {
        x: 0
        y: 300
        text: "With a tooltip"

        ToolTip {
            delay: 0
            visible: themes.popup.visible
            text: "On the same network, nothing in between"
        }
    }
    ColumnLayout {
        x: page.width > 700 ? 400 : 0
        y: page.width > 700 ? 0 : 380
        width: Math.min(page.width, 360)
        spacing: Theme.space4

        Card {
            Layout.fillWidth: true
            tinted: true
            Label { text: "A tinted card" }
        }
        Spinner { size: 40 }
        Slider { Layout.fillWidth: true; label: "Limit"; value: 0.4 }
        RadioButton { text: "Keep both"; checked: true }
        RadioButton { text: "Replace the older one" }
    }
}
