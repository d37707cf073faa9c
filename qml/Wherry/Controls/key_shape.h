// The shape beside a name: one of eight outlines with one of four hearts, chosen by a hash of `seed` (the words of a
// key's label).
#pragma once

#include <QColor>
#include <QPainterPath>
#include <QQuickPaintedItem>

namespace wherry::controls {

class KeyShape : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString seed MEMBER m_seed NOTIFY changed)
    Q_PROPERTY(QColor color MEMBER m_color NOTIFY changed)
    Q_PROPERTY(QColor heart MEMBER m_heart NOTIFY changed)

  public:
    static constexpr int kOutlines = 8;
    static constexpr int kHearts = 4;

    explicit KeyShape(QQuickItem* parent = nullptr);
    void paint(QPainter* painter) override;

    /// 0 to kOutlines * kHearts - 1, the same for the same seed for ever.
    static int variant(const QString& seed);
    /// An outline in the square from (-1, -1) to (1, 1).
    static QPainterPath outline(int index);

  signals:
    void changed();

  private:
    QString m_seed;
    QColor m_color;
    QColor m_heart;
};

} // namespace wherry::controls
