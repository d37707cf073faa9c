#include "accessibility_walk.h"

#include <QAccessible>
#include <QPointer>
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

/// A ring, or a cursor in what is written.
bool showsFocus(const QQuickItem& item) {
    if (item.inherits("QQuickTextInput") || item.inherits("QQuickTextEdit")) return true;
    for (const QQuickItem* child : item.childItems()) {
        const bool ring = QByteArray(child->metaObject()->className()).startsWith("FocusRing");
        if ((ring && child->isVisible() && child->opacity() > 0) || (!canBeOperated(*child) && showsFocus(*child)))
            return true;
    }
    return false;
}

QSet<QQuickItem*> reachedBy(Qt::Key key, QQuickWindow& window, QSet<QQuickItem*>& unseen) {
    QSet<QQuickItem*> reached;
    QQuickItem* first = window.activeFocusItem();
    for (int step = 0; step < kMostSteps; ++step) {
        QTest::keyClick(&window, key, key == Qt::Key_Backtab ? Qt::ShiftModifier : Qt::NoModifier);
        QQuickItem* now = window.activeFocusItem();
        if (now == nullptr || (now == first && step > 0)) break;
        if (step == 0) first = now;
        if (step > 0 && reached.contains(now)) break;
        if (canBeOperated(*now) && !showsFocus(*now)) unseen.insert(now);
        reached.insert(now);
        for (QQuickItem* above = now->parentItem(); above != nullptr; above = above->parentItem())
            if (above->inherits("QQuickListView") && above->activeFocusOnTab()) reached.insert(above); // by its row
    }
    return reached;
}

QString nameOf(const QQuickItem& item) {
    QString name = QString::fromLatin1(item.metaObject()->className()).section(QLatin1String("_QMLTYPE"), 0, 0);
    const QPointF at = item.mapToScene(QPointF());
    return QStringLiteral("%1 at %2,%3").arg(name).arg(at.x()).arg(at.y());
}

/// In a list that is one stop for the keyboard, and has keys for what is in its rows.
bool isOfAStop(const QQuickItem& item, const QSet<QQuickItem*>& reached) {
    for (QQuickItem* above = item.parentItem(); above != nullptr; above = above->parentItem())
        if (above->inherits("QQuickListView") && reached.contains(above)) return true;
    return false;
}

} // namespace

QStringList accessibilityFaults(QQuickWindow& window, QQuickItem* scope) {
    QList<QQuickItem*> operable;
    collect(scope != nullptr ? *scope : *window.contentItem(), operable);
    const QPointer<QQuickItem> begun = window.activeFocusItem();
    QSet<QQuickItem*> unseen;
    const QSet<QQuickItem*> reached = reachedBy(Qt::Key_Tab, window, unseen);
    const QSet<QQuickItem*> reachedBack = reachedBy(Qt::Key_Backtab, window, unseen);
    QStringList faults;
    for (QQuickItem* item : operable) {
        const bool isRoot = item == window.contentItem();
        const bool wentWithTheFocus =
            item == begun && !isShown(*item); // a field over a row, which closes as one leaves it
        if (isRoot || wentWithTheFocus) continue;
        QAccessibleInterface* face = QAccessible::queryAccessibleInterface(item);
        const bool named = face != nullptr && !face->text(QAccessible::Name).trimmed().isEmpty();
        if (face == nullptr || face->role() == QAccessible::NoRole || face->role() == QAccessible::Client)
            faults << nameOf(*item) + " has no role";
        if (!named) faults << nameOf(*item) + " has no name";
        const bool passedBy =
            item->property("focusPolicy").isValid() && item->property("focusPolicy").toInt() == Qt::NoFocus;
        const bool inList = item->property("interactive").isValid() && !item->property("interactive").toBool();
        if (!reached.contains(item) && !(passedBy && (inList || isOfAStop(*item, reached))))
            faults << nameOf(*item) + (named ? " (" + face->text(QAccessible::Name) + ")" : QString()) +
                          " is not reached by Tab";
        else if (reached.contains(item) && !reachedBack.contains(item))
            faults << nameOf(*item) + " is not reached by Tab backwards";
        if (unseen.contains(item)) faults << nameOf(*item) + " does not show the focus";
    }
    return faults;
}

} // namespace wherry::tests
