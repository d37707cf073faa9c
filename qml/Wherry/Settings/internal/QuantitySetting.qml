import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// An amount and its unit. "off" is a unit without an amount.
RowLayout {
    id: control

    required property SettingRow row
    readonly property string unit: row.units[units.currentIndex] ?? ""
    readonly property bool off: unit === "off"

    // A unit that was chosen while the field is empty waits for its amount.
    function apply() {
        if (off)
            row.change("off");
        else if (amount.text.trim().length > 0)
            row.change(amount.text.trim() + " " + unit);
    }
    function forget() {
        amount.text = Qt.binding(() => control.row.amount);
        units.currentIndex = Qt.binding(() => control.row.units.indexOf(control.row.unit));
    }

    spacing: Theme.space2

    TextField {
        id: amount

        property bool edited: false

        Layout.fillWidth: true
        Layout.minimumWidth: 72
        implicitWidth: 72
        label: qsTr("%1, amount", "accessible name of a field").arg(control.row.title)
        placeholderText: control.off ? "" : qsTr("Amount")
        enabled: !control.off
        text: control.row.amount
        invalid: control.row.error.length > 0
        inputMethodHints: Qt.ImhFormattedNumbersOnly
        onTextEdited: edited = true
        onEditingFinished: {
            const changed = edited;
            edited = false;
            if (changed)
                control.apply();
        }
    }
    ComboBox {
        id: units

        Layout.preferredWidth: 132
        label: qsTr("%1, unit", "accessible name of a field").arg(control.row.title)
        model: Array.from(control.row.units, unit => unit === "off" ? qsTr("no limit", "of a rate") : unit)
        currentIndex: control.row.units.indexOf(control.row.unit)
        onActivated: control.apply()
    }
    Connections {
        function onForgotten() {
            control.forget();
        }
        function onAmountChanged() {
            amount.text = Qt.binding(() => control.row.amount);
        }
        function onUnitChanged() {
            units.currentIndex = Qt.binding(() => control.row.units.indexOf(control.row.unit));
        }

        target: control.row
    }
}
