import QtQuick

// A page with something that opens: `present` is when to open it.
Item {
    signal present
}
