// Looks at a window and its picture as a designer would, and says what is wrong with them.
#pragma once

#include <QImage>
#include <QQuickItem>
#include <QQuickWindow>
#include <QStringList>

namespace wherry::tests {

/// The popup that nothing else can be used beside, or what covers the whole window; nullptr: there is none.
QQuickItem* modalContent(QQuickWindow& window);

/// One line for each text that is cut off where it should not be, spills out of its place, may be read as markup or
/// cannot be read on its ground (WCAG 2.1, 1.4.3); each item that reaches out of the window or of what clips it; each
/// two controls (scroll bars too) or texts that lie over one another; each control that is too small to be hit. Empty:
/// all is well. `picture`: of the window as it is. Where a modal popup is open, it alone is looked at.
///
/// Words from outside (names, paths) may be longer than their place: an ellipsis in the middle or at the start is
/// meant, one at the end is a fault.
QStringList layoutFaults(QQuickWindow& window, const QImage& picture);

} // namespace wherry::tests
