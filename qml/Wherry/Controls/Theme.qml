pragma Singleton

import QtQuick

/// Every metric and colour.
QtObject {
    readonly property int grid: 8
}
