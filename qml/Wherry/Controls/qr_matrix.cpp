#include "Wherry/Controls/qr_matrix.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace wherry::controls {

QrMatrix::QrMatrix(QQuickItem* parent) : QQuickPaintedItem(parent) {
    setAntialiasing(false);
    connect(this, &QrMatrix::changed, this, [this] { update(); });
}

void QrMatrix::paint(QPainter* painter) {
    const qsizetype count = m_rows.size();
    if (count == 0) return;
    const double edge = std::min(width(), height());
    double module = std::floor(edge / static_cast<double>(count));
    if (module < 1) module = edge / static_cast<double>(count);
    const double start = std::floor((edge - module * static_cast<double>(count)) / 2);
    painter->setRenderHint(QPainter::Antialiasing, false);
    for (qsizetype y = 0; y < count; ++y) {
        for (qsizetype x = 0; x < m_rows[y].size(); ++x)
            if (m_rows[y][x] == QLatin1Char('1'))
                painter->fillRect(QRectF(start + static_cast<double>(x) * module,
                                         start + static_cast<double>(y) * module, module, module),
                                  m_dark);
    }
}

} // namespace wherry::controls
