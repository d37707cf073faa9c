#include "layout_walk.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace wherry::tests {

namespace {

constexpr qreal kSlack = 1.5;         // pixels by which rounding may put things
constexpr qreal kMinTarget = 32;      // pixels: the least height of what is pressed; 44 with the space around it
constexpr double kTextContrast = 4.5; // WCAG 2.1, 1.4.3
constexpr double kLargeContrast = 3;  // from 24 pixels, or 19 when bold
constexpr qreal kHidden = 0.05;       // opacity
constexpr qreal kOverEverything = 50; // z of what lies over a page for a while
constexpr int kNoTruncation = 3;      // Text.ElideNone
constexpr int kElideRight = 1;        // Text.ElideRight

/// An item with something to see or to press, as far as it is on the screen.
struct Seen {
    QQuickItem* item;
    QRectF whole; // in the window
    QRectF shown; // of it, what nothing clips
    int layer;    // what lies deliberately over other things: popups, toasts
    bool control;
    bool text;
};

bool is(const QQuickItem& item, const char* type) {
    return item.inherits(type);
}

bool isControl(const QQuickItem& item) {
    return is(item, "QQuickAbstractButton") || is(item, "QQuickTextInput") || is(item, "QQuickTextEdit") ||
           is(item, "QQuickComboBox") || is(item, "QQuickSlider");
}

QString words(const QQuickItem& item) {
    for (const char* name : {"text", "title", "placeholderText"})
        if (const QString value = item.property(name).toString(); !value.isEmpty()) return value.left(60);
    return {};
}

QString nameOf(const Seen& seen) {
    const QString type =
        QString::fromLatin1(seen.item->metaObject()->className()).section(QLatin1String("_QMLTYPE"), 0, 0);
    return QStringLiteral("%1 \"%2\" at %3,%4 %5x%6")
        .arg(type, words(*seen.item))
        .arg(qRound(seen.whole.x()))
        .arg(qRound(seen.whole.y()))
        .arg(qRound(seen.whole.width()))
        .arg(qRound(seen.whole.height()));
}

QRectF sceneRect(const QQuickItem& item) {
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()));
}

/// Where the letters are: a text may be narrower or wider than its item.
QRectF lettersOf(const QQuickItem& text) {
    const qreal width = text.property("contentWidth").toReal();
    const qreal height = text.property("contentHeight").toReal();
    const int across = text.property("effectiveHorizontalAlignment").toInt();
    const int down = text.property("verticalAlignment").toInt();
    const qreal x = across & Qt::AlignRight     ? text.width() - width
                    : across & Qt::AlignHCenter ? (text.width() - width) / 2
                                                : 0;
    const qreal y = down & Qt::AlignBottom    ? text.height() - height
                    : down & Qt::AlignVCenter ? (text.height() - height) / 2
                                              : 0;
    return text.mapRectToScene(QRectF(x, y, width, height));
}

bool isFlickable(const QQuickItem& item) {
    return is(item, "QQuickFlickable");
}

class Walk {
  public:
    Walk(QQuickWindow& window, const QImage& picture) : m_picture(picture), m_window(QPointF(), QSizeF(window.size())) {
        QQuickItem* modal = modalContent(window);
        collect(modal ? *modal : *window.contentItem(), m_window, 0);
    }

    QStringList faults() {
        for (const Seen& seen : m_seen) checkOne(seen);
        for (size_t i = 0; i < m_seen.size(); ++i)
            for (size_t j = i + 1; j < m_seen.size(); ++j) checkPair(m_seen[i], m_seen[j]);
        m_faults.removeDuplicates();
        return m_faults;
    }

  private:
    void collect(QQuickItem& item, QRectF clip, int layer) {
        if (!item.isVisible() || item.opacity() <= kHidden) return;
        if (item.z() >= kOverEverything || is(item, "QQuickPopupItem")) {
            layer = ++m_layers;
            if (!is(item, "QQuickOverlay")) m_covers.push_back({layer, sceneRect(item)});
        }
        const bool text = is(item, "QQuickText") && !item.property("text").toString().isEmpty();
        const bool bar = is(item, "QQuickScrollBar") && item.property("size").toReal() < 1;
        const bool control = isControl(item) || bar;
        if ((text || control) && item.width() > 0 && item.height() > 0) {
            const qreal air = bar ? item.property("padding").toReal() : 0;
            const QRectF whole = text ? lettersOf(item) : sceneRect(item).adjusted(air, air, -air, -air);
            m_seen.push_back({&item, whole, whole & clip, layer, control, text});
        }
        if (item.clip() || isFlickable(item)) clip &= sceneRect(item);
        for (QQuickItem* child : item.childItems()) collect(*child, clip, layer);
    }

    void checkOne(const Seen& seen) {
        if (seen.text) checkText(seen);
        checkPlace(seen);
        if (seen.control && seen.item->height() < kMinTarget && is(*seen.item, "QQuickAbstractButton"))
            m_faults << nameOf(seen) + " is too low to be hit";
    }

    void checkText(const Seen& seen) {
        const QQuickItem& text = *seen.item;
        if (text.property("textFormat").toInt() != Qt::PlainText) m_faults << nameOf(seen) + " may be read as markup";
        const int elide = text.property("elide").toInt();
        if (text.property("truncated").toBool() && elide == kElideRight) m_faults << nameOf(seen) + " is cut off";
        const QRectF place = sceneRect(text);
        const bool spills =
            seen.whole.width() > place.width() + kSlack || seen.whole.height() > place.height() + kSlack;
        if (spills && elide == kNoTruncation)
            m_faults << nameOf(seen) +
                            QStringLiteral(" spills out of its place of %1x%2").arg(place.width()).arg(place.height());
        if (seen.item->isEnabled() && seen.shown == seen.whole) checkContrast(seen);
    }

    /// Up and down a page may scroll; to the sides nothing does.
    void checkPlace(const Seen& seen) {
        QRectF bounds = m_window;
        bool scrolls = false;
        for (QQuickItem* above = seen.item->parentItem(); above; above = above->parentItem()) {
            const bool flickable = isFlickable(*above);
            if (flickable || above->clip()) {
                const QRectF edge = sceneRect(*above);
                const bool sideways = flickable && above->property("contentWidth").toReal() > above->width() + kSlack;
                if (!sideways &&
                    (seen.whole.left() < edge.left() - kSlack || seen.whole.right() > edge.right() + kSlack) &&
                    !mayBeCut(seen))
                    m_faults << nameOf(seen) + " is clipped at the side";
                if (!flickable && !scrolls &&
                    (seen.whole.top() < edge.top() - kSlack || seen.whole.bottom() > edge.bottom() + kSlack))
                    m_faults << nameOf(seen) + " is clipped above or below";
                scrolls |= flickable;
            }
        }
        const bool out =
            seen.whole.left() < bounds.left() - kSlack || seen.whole.right() > bounds.right() + kSlack ||
            (!scrolls && (seen.whole.top() < bounds.top() - kSlack || seen.whole.bottom() > bounds.bottom() + kSlack));
        if (out) m_faults << nameOf(seen) + " reaches out of the window";
    }

    /// What is written in a field may be longer than the field.
    static bool mayBeCut(const Seen& seen) {
        return is(*seen.item, "QQuickTextInput") || is(*seen.item, "QQuickTextEdit");
    }

    void checkPair(const Seen& one, const Seen& other) {
        if (one.layer != other.layer || (!one.control && !one.text) || (!other.control && !other.text)) return;
        const QRectF common = one.shown & other.shown;
        if (common.width() <= 2 || common.height() <= 2) return;
        if (one.item->isAncestorOf(other.item) || other.item->isAncestorOf(one.item)) return;
        m_faults << nameOf(one) + " lies over " + nameOf(other);
    }

    // --- contrast

    static double luminance(QRgb colour) {
        const auto part = [](int value) {
            const double of1 = value / 255.0;
            return of1 <= 0.04045 ? of1 / 12.92 : std::pow((of1 + 0.055) / 1.055, 2.4);
        };
        return 0.2126 * part(qRed(colour)) + 0.7152 * part(qGreen(colour)) + 0.0722 * part(qBlue(colour));
    }

    /// The ground is what most of the pixels around the letters are.
    QRgb groundOf(const QRect& area) const {
        std::map<QRgb, int> counts;
        for (int y = area.top(); y <= area.bottom(); ++y)
            for (int x = area.left(); x <= area.right(); ++x) ++counts[m_picture.pixel(x, y) | 0xff000000U];
        QRgb most = 0;
        int count = 0;
        for (const auto& [colour, times] : counts)
            if (times > count) most = colour, count = times;
        return most;
    }

    bool isCovered(const Seen& seen) const {
        return std::ranges::any_of(m_covers, [&](const auto& one) {
            return one.first > seen.layer && one.second.intersects(seen.whole);
        });
    }

    void checkContrast(const Seen& seen) {
        if (isCovered(seen)) return;
        const QRect area = seen.whole.toAlignedRect() & m_picture.rect();
        if (area.isEmpty()) return;
        const QColor ink = seen.item->property("color").value<QColor>();
        qreal opacity = ink.alphaF();
        for (const QQuickItem* item = seen.item; item; item = item->parentItem()) opacity *= item->opacity();
        const QRgb ground = groundOf(area);
        const auto mixed = [&](int front, int back) { return qRound(front * opacity + back * (1 - opacity)); };
        const QRgb shown =
            qRgb(mixed(ink.red(), qRed(ground)), mixed(ink.green(), qGreen(ground)), mixed(ink.blue(), qBlue(ground)));
        const double one = luminance(shown), other = luminance(ground);
        const double contrast = (std::max(one, other) + 0.05) / (std::min(one, other) + 0.05);
        const QFont font = seen.item->property("font").value<QFont>();
        const bool large = font.pixelSize() >= 24 || (font.pixelSize() >= 19 && font.bold());
        if (contrast < (large ? kLargeContrast : kTextContrast) - 0.01)
            m_faults << nameOf(seen) + QStringLiteral(" has a contrast of %1").arg(contrast, 0, 'f', 2);
    }

    const QImage& m_picture;
    const QRectF m_window;
    int m_layers = 0;
    std::vector<std::pair<int, QRectF>> m_covers; ///< what lies over things, by its layer
    std::vector<Seen> m_seen;
    QStringList m_faults;
};

} // namespace

QQuickItem* modalContent(QQuickWindow& window) {
    const QSizeF most = 0.9 * QSizeF(window.size());
    QQuickItem* modal = nullptr;
    std::vector<QQuickItem*> open{window.contentItem()};
    while (!open.empty()) {
        QQuickItem* item = open.back();
        open.pop_back();
        if (!item->isVisible() || item->opacity() <= kHidden) continue;
        const bool covers =
            item->z() >= kOverEverything && item->width() > most.width() && item->height() > most.height();
        if (is(*item, "QQuickPopupItem") || (covers && !is(*item, "QQuickOverlay"))) modal = item;
        const auto children = item->childItems();
        open.insert(open.end(), children.rbegin(), children.rend()); // what lies on top is looked at last
    }
    return modal;
}

QStringList layoutFaults(QQuickWindow& window, const QImage& picture) {
    return Walk(window, picture).faults();
}

} // namespace wherry::tests
