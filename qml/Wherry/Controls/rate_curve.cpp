#include "Wherry/Controls/rate_curve.h"

#include <QPainter>
#include <algorithm>

namespace wherry::controls {

namespace {
constexpr double kHeadroom = 1.15; // the curve never touches the upper edge
constexpr double kPen = 1.75;      // as the icons' strokes
} // namespace

RateCurve::RateCurve(QQuickItem* parent) : QQuickPaintedItem(parent) {
    setAntialiasing(true);
    connect(this, &RateCurve::changed, this, [this] { update(); });
}

QPainterPath RateCurve::line() const {
    const qsizetype count = std::min<qsizetype>(m_samples.size(), m_capacity);
    if (count < 2 || m_capacity < 2) return {};
    const auto shown = m_samples.last(count);
    double top = m_ceiling;
    if (!(top > 0)) top = std::max(1.0, *std::max_element(shown.begin(), shown.end()) * kHeadroom);
    const double step = width() / (m_capacity - 1);
    const auto point = [&](qsizetype i) {
        const double x = width() - static_cast<double>(count - 1 - i) * step;
        return QPointF(x, height() - kPen - (height() - 2 * kPen) * std::clamp(shown[i] / top, 0.0, 1.0));
    };
    QPainterPath path(point(0));
    for (qsizetype i = 1; i < count; ++i) {
        const QPointF from = point(i - 1), to = point(i);
        const double middle = (from.x() + to.x()) / 2; // level at both ends: a curve that never overshoots its samples
        path.cubicTo(QPointF(middle, from.y()), QPointF(middle, to.y()), to);
    }
    return path;
}

void RateCurve::paint(QPainter* painter) {
    const QPainterPath curve = line();
    if (curve.isEmpty()) return;
    painter->setRenderHint(QPainter::Antialiasing);
    if (m_mirrored) {
        painter->translate(width(), 0);
        painter->scale(-1, 1);
    }
    QPainterPath area = curve;
    area.lineTo(curve.currentPosition().x(), height());
    area.lineTo(curve.elementAt(0).x, height());
    area.closeSubpath();
    painter->fillPath(area, m_fill);
    painter->strokePath(curve, QPen(m_color, kPen, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
}

} // namespace wherry::controls
