// Walks the items of a window as somebody without a mouse and somebody without a screen would, and says what they could
// not do.
#pragma once

#include <QQuickItem>
#include <QQuickWindow>
#include <QStringList>

namespace wherry::tests {

/// One line for each item that can be operated but has no role, no name, is never reached by Tab and back, or does not
/// show that it has the focus; empty: all is
/// well. Leaves the keyboard's focus where the walk ended. `scope`: the walk is of what lies in it (a page, an open
/// dialog's content); the window's content unless told.
QStringList accessibilityFaults(QQuickWindow& window, QQuickItem* scope = nullptr);

} // namespace wherry::tests
