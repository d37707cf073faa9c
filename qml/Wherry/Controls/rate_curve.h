// A curve of the last rates with the area below it, newest at the end.
#pragma once

#include <QColor>
#include <QList>
#include <QPainterPath>
#include <QQuickPaintedItem>

namespace wherry::controls {

class RateCurve : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QList<double> samples MEMBER m_samples NOTIFY changed)
    /// How many samples fill the width; older ones are not drawn.
    Q_PROPERTY(int capacity MEMBER m_capacity NOTIFY changed)
    /// What the upper edge stands for; nought: a little above the largest sample.
    Q_PROPERTY(double ceiling MEMBER m_ceiling NOTIFY changed)
    Q_PROPERTY(QColor color MEMBER m_color NOTIFY changed)
    Q_PROPERTY(QColor fill MEMBER m_fill NOTIFY changed)
    Q_PROPERTY(bool mirrored MEMBER m_mirrored NOTIFY changed)

  public:
    explicit RateCurve(QQuickItem* parent = nullptr);
    void paint(QPainter* painter) override;

  signals:
    void changed();

  private:
    QPainterPath line() const;

    QList<double> m_samples;
    int m_capacity = 60;
    double m_ceiling = 0;
    QColor m_color;
    QColor m_fill;
    bool m_mirrored = false;
};

} // namespace wherry::controls
