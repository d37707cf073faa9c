#include "accessibility_walk.h"

#include <QAccessible>
#include <QSet>
#include <QTest>

namespace wherry::tests {

namespace {

constexpr int kMostSteps = 500; // more stops than any page has: the walk ends even where the focus never comes round

bool isShown(const QQuickItem& item) {
    return item.isVisible() && item.isEnabled() && item.width() > 0 && item.height() > 0 && item.opacity() > 0;
}

/// Something that a person can press, tick or write in. Scroll bars have keys of their own in what they scroll.
bool canBeOperated(const QQuickItem& item) {
    if (item.inherits("QQuickScrollBar")) return false;
    return item.inherits("QQuickAbstractButton") || item.inherits("QQuickTextInput") ||
           item.inherits("QQuickTextEdit") || item.inherits("QQuickComboBox") || item.activeFocusOnTab();
}

void collect(QQuickItem& item, QList<QQuickItem*>& found) {
    if (!item.isVisible() || !item.isEnabled()) return;
    if (canBeOperated(item) && isShown(item)) found << &item;
    for (QQuickItem* child : item.childItems()) collect(*child, found);
}

QSet<QQuickItem*> reachedByTab(QQuickWindow& window) {
    QSet<QQuickItem*> reached;
    QQuickItem* first = window.activeFocusItem();
    for (int step = 0; step < kMostSteps; ++step) {
        QTest::keyClick(&window, Qt::Key_Tab);
        QQuickItem* now = window.activeFocusItem();
        if (now == nullptr || (now == first && step > 0)) break;
        if (step == 0) first = now;
        if (step > 0 && reached.contains(now)) break;
        reached.insert(now);
    }
    return reached;
}

QString nameOf(const QQuickItem& item) {
    QString name = QString::fromLatin1(item.metaObject()->className()).section(QLatin1String("_QMLTYPE"), 0, 0);
    const QPointF at = item.mapToScene(QPointF());
    return QStringLiteral("%1 at %2,%3").arg(name).arg(at.x()).arg(at.y());
}

} // namespace

QStringList accessibilityFaults(QQuickWindow& window, QQuickItem* scope) {
    QList<QQuickItem*> operable;
    collect(scope != nullptr ? *scope : *window.contentItem(), operable);
    const QSet<QQuickItem*> reached = reachedByTab(window);
    QStringList faults;
    for (QQuickItem* item : operable) {
        const bool isRoot = item == window.contentItem();
        if (isRoot) continue;
        QAccessibleInterface* face = QAccessible::queryAccessibleInterface(item);
        const bool named = face != nullptr && !face->text(QAccessible::Name).trimmed().isEmpty();
        if (face == nullptr || face->role() == QAccessible::NoRole || face->role() == QAccessible::Client)
            faults << nameOf(*item) + " has no role";
        if (!named) faults << nameOf(*item) + " has no name";
        const bool passedBy =
            item->property("focusPolicy").isValid() && item->property("focusPolicy").toInt() == Qt::NoFocus;
        const bool inList = item->property("interactive").isValid() && !item->property("interactive").toBool();
        if (!reached.contains(item) && !(passedBy && inList))
            faults << nameOf(*item) + (named ? " (" + face->text(QAccessible::Name) + ")" : QString()) +
                          " is not reached by Tab";
    }
    return faults;
}

} // namespace wherry::tests
