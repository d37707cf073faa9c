#include "Wherry/Controls/key_shape.h"

#include <QCryptographicHash>
#include <QPainter>
#include <cmath>
#include <numbers>

namespace wherry::controls {

namespace {

QPainterPath polygon(int corners, double turn, double inner = 1) {
    QPolygonF points;
    const int steps = inner < 1 ? corners * 2 : corners;
    for (int i = 0; i < steps; ++i) {
        const double angle = turn + 2 * std::numbers::pi * i / steps;
        const double radius = i % 2 == 1 && inner < 1 ? inner : 1;
        points << QPointF(std::sin(angle) * radius, -std::cos(angle) * radius);
    }
    QPainterPath path;
    path.addPolygon(points);
    path.closeSubpath();
    return path;
}

QPainterPath drop() {
    QPainterPath path(QPointF(0, -1));
    path.cubicTo(0.55, -0.35, 0.8, -0.05, 0.8, 0.25);
    path.cubicTo(0.8, 0.7, 0.45, 1, 0, 1);
    path.cubicTo(-0.45, 1, -0.8, 0.7, -0.8, 0.25);
    path.cubicTo(-0.8, -0.05, -0.55, -0.35, 0, -1);
    return path;
}

} // namespace

KeyShape::KeyShape(QQuickItem* parent) : QQuickPaintedItem(parent) {
    setAntialiasing(true);
    connect(this, &KeyShape::changed, this, [this] { update(); });
}

int KeyShape::variant(const QString& seed) {
    const QByteArray hash = QCryptographicHash::hash(seed.toUtf8(), QCryptographicHash::Sha256);
    return static_cast<uint8_t>(hash[0]) % (kOutlines * kHearts);
}

QPainterPath KeyShape::outline(int index) {
    QPainterPath path;
    switch (index % kOutlines) {
    case 0:
        path.addEllipse(QRectF(-0.95, -0.95, 1.9, 1.9));
        return path;
    case 1:
        path.addRoundedRect(QRectF(-0.85, -0.85, 1.7, 1.7), 0.25, 0.25);
        return path;
    case 2:
        return polygon(4, 0);
    case 3:
        return polygon(3, 0).translated(0, 0.2);
    case 4:
        return polygon(6, 0);
    case 5:
        return polygon(5, 0, 0.5);
    case 6:
        return drop();
    default:
        return polygon(4, std::numbers::pi / 4, 0.45); // a star of four points, on its side
    }
}

void KeyShape::paint(QPainter* painter) {
    const int chosen = variant(m_seed);
    const double half = std::min(width(), height()) / 2;
    painter->setRenderHint(QPainter::Antialiasing);
    painter->translate(width() / 2, height() / 2);
    painter->scale(half * 0.92, half * 0.92);
    // The pen's round joins take the edge off the corners.
    painter->setPen(QPen(m_color, 0.16, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(m_color);
    painter->drawPath(outline(chosen % kOutlines));
    painter->setBrush(m_heart);
    painter->setPen(Qt::NoPen);
    switch (chosen / kOutlines) {
    case 1:
        painter->drawEllipse(QPointF(0, 0.1), 0.32, 0.32);
        break;
    case 2:
        painter->drawRoundedRect(QRectF(-0.5, -0.02, 1, 0.24), 0.12, 0.12);
        break;
    case 3:
        painter->drawRoundedRect(QRectF(-0.12, -0.4, 0.24, 1), 0.12, 0.12);
        break;
    default:
        break;
    }
}

} // namespace wherry::controls
