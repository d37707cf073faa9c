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

QList<double> ChunkBar::coverage(const QList<int>& cells, int columns) {
    QList<double> covered(std::max(columns, 0), 0.0);
    const double width = static_cast<double>(cells.size()) / columns; // of a column, in cells
    for (int column = 0; column < columns && !cells.isEmpty(); ++column) {
        const double first = column * width;
        const double last = first + width;
        for (auto cell = static_cast<qsizetype>(first); cell < cells.size() && static_cast<double>(cell) < last; ++cell) {
            const double begin = std::max(first, static_cast<double>(cell));
            const double end = std::min(last, static_cast<double>(cell) + 1.0);
            covered[column] += std::clamp(cells[cell], 0, 255) / 255.0 * std::max(0.0, end - begin) / width;
        }
        covered[column] = std::min(covered[column], 1.0);
    }
    return covered;
}

void ChunkBar::paint(QPainter* painter) {
    painter->setRenderHint(QPainter::Antialiasing);
    QPainterPath shape;
    shape.addRoundedRect(QRectF(0, 0, width(), height()), m_radius, m_radius);
    painter->fillPath(shape, m_track);
    painter->setClipPath(shape);
    const int columns = static_cast<int>(std::ceil(width()));
    const QList<double> covered = coverage(m_cells, columns);
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
