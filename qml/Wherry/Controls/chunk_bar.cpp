#include "Wherry/Controls/chunk_bar.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace wherry::controls {

ChunkBar::ChunkBar(QQuickItem* parent) : QQuickPaintedItem(parent) {
    setAntialiasing(true);
    connect(this, &ChunkBar::changed, this, [this] { update(); });
}

QList<double> ChunkBar::coverage(const QList<double>& ranges, double total, int columns) {
    QList<double> covered(std::max(columns, 0), 0.0);
    if (!(total > 0) || columns <= 0) return covered;
    for (qsizetype i = 0; i + 1 < ranges.size(); i += 2) {
        const double first = std::clamp(ranges[i] / total, 0.0, 1.0) * columns;
        const double last = std::clamp(ranges[i + 1] / total, 0.0, 1.0) * columns;
        for (int column = static_cast<int>(first); column < columns && column < last; ++column)
            covered[column] +=
                std::max(0.0, std::min(last, column + 1.0) - std::max(first, static_cast<double>(column)));
    }
    for (double& part : covered) part = std::min(part, 1.0);
    return covered;
}

void ChunkBar::paint(QPainter* painter) {
    painter->setRenderHint(QPainter::Antialiasing);
    QPainterPath shape;
    shape.addRoundedRect(QRectF(0, 0, width(), height()), m_radius, m_radius);
    painter->fillPath(shape, m_track);
    painter->setClipPath(shape);
    const int columns = static_cast<int>(std::ceil(width()));
    const QList<double> covered = coverage(m_ranges, m_total, columns);
    for (int column = 0; column < columns;) {
        int end = column + 1;
        while (end < columns && covered[end] == covered[column]) ++end;
        if (covered[column] > 0) {
            QColor color = m_color;
            color.setAlphaF(static_cast<float>(0.25 + 0.75 * covered[column])); // the smallest part shows
            painter->fillRect(
                QRect(m_mirrored ? columns - end : column, 0, end - column, static_cast<int>(std::ceil(height()))),
                color);
        }
        column = end;
    }
}

} // namespace wherry::controls
